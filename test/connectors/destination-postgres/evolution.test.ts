import { expect } from "vitest";
import type { PropertySchema } from "../../../protocol/catalog.ts";
import { it } from "../../support/fixtures.ts";
import {
  BOOLEAN,
  complete,
  errorOf,
  INTEGER,
  NUMBER,
  record,
  stream,
  TEXT,
  TIMESTAMP,
  write,
  type StreamSpec,
} from "./drive.ts";

it("adds new columns, keeps removed ones, and leaves the user's alone", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [stream()],
    [record("demo", { id: 1, name: "a" }), complete("demo")],
  );
  await destination.exec(`
    alter table demo add column mine int default 5;
    create index mine on demo (mine);
    create view ids as select id from demo;
  `);
  const next = stream({ properties: { id: INTEGER, added: TEXT } });

  const run = await write(
    destination,
    folder,
    [next],
    [record("demo", { id: 2, added: "b" }), complete("demo")],
  );

  expect(errorOf(run)).toBe("");
  expect(await destination.rows("select id, name, added, mine from demo order by id")).toEqual([
    ["1", "a", null, "5"],
    ["2", null, "b", "5"],
  ]);
});

it("widens a column in place and keeps what is there", async ({ destination, folder }) => {
  await write(destination, folder, [stream()], [record("demo", { id: 1 }), complete("demo")]);

  const numbers = stream({ properties: { id: NUMBER, name: TEXT } });
  await write(destination, folder, [numbers], [record("demo", { id: 1.5 }), complete("demo")]);
  const texts = stream({ properties: { id: TEXT, name: TEXT } });
  await write(destination, folder, [texts], [record("demo", { id: "x" }), complete("demo")]);

  expect(await destination.rows("select id from demo order by _airbyte_normalized_at")).toEqual([
    ["1"],
    ["1.5"],
    ["x"],
  ]);
});

it("keeps an old type that cannot be widened, and says so per value", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [stream()], [record("demo", { id: 1 }), complete("demo")]);

  const changed = stream({ properties: { id: BOOLEAN, name: TEXT } });
  const run = await write(
    destination,
    folder,
    [changed],
    [record("demo", { id: true, name: "b" }), complete("demo")],
  );

  expect(run.exitCode).toBe(0);
  expect(run.stdout).toContain("keeping the type of public.demo.id");
  expect(
    await destination.rows("select id, name, _airbyte_meta->'changes'->0->>'field' from demo"),
  ).toEqual([
    ["1", null, null],
    [null, "b", "id"],
  ]);
});

it("keeps a column that a view holds fast", async ({ destination, folder }) => {
  await write(destination, folder, [stream()], [record("demo", { id: 1 }), complete("demo")]);
  await destination.exec("create view ids as select id from demo");

  const numbers = stream({ properties: { id: NUMBER, name: TEXT } });
  const run = await write(
    destination,
    folder,
    [numbers],
    [record("demo", { id: 2.5 }), complete("demo")],
  );

  expect(run.exitCode).toBe(0);
  expect(await destination.rows("select id from ids order by id")).toEqual([["1"], [null]]);
});

it("keeps an old type in a deduplicated table, too, and its history goes on", async ({
  destination,
  folder,
}) => {
  const keyed = (properties: StreamSpec["properties"]) =>
    stream({ properties, mode: "append_dedup", key: ["id"] });
  const lines = (value: unknown, emittedAt: number) => [
    record("demo", { id: 1, value }, emittedAt),
    complete("demo"),
  ];
  await write(destination, folder, [keyed({ id: INTEGER, value: INTEGER })], lines(7, 1000));

  const run = await write(
    destination,
    folder,
    [keyed({ id: INTEGER, value: BOOLEAN })],
    lines(true, 2000),
  );

  expect(errorOf(run)).toBe("");
  expect(
    await destination.rows("select value, _airbyte_meta->'changes'->0->>'field' from demo"),
  ).toEqual([[null, "value"]]);
  expect(await destination.rows("select value from demo_scd order by _airbyte_emitted_at")).toEqual(
    [["7"], [null]],
  );
});

it("finds a key's rows again after its column was widened", async ({ destination, folder }) => {
  const days = (type: PropertySchema) =>
    stream({ properties: { day: type, name: TEXT }, mode: "append_dedup", key: ["day"] });
  await write(
    destination,
    folder,
    [days({ type: "string", format: "date" })],
    [record("demo", { day: "2022-01-01", name: "a" }, 1000), complete("demo")],
  );

  await write(
    destination,
    folder,
    [days(TIMESTAMP)],
    [record("demo", { day: "2022-01-01T00:00:00.000000", name: "b" }, 2000), complete("demo")],
  );

  expect(await destination.rows("select name from demo")).toEqual([["b"]]);
  expect(
    await destination.rows("select name, _airbyte_active_row from demo_scd order by name"),
  ).toEqual([
    ["a", "0"],
    ["b", "1"],
  ]);
});
