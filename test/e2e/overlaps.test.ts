import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const T = { name: "t", namespace: "public" };
const DEDUP = {
  ...T,
  sync_mode: "incremental",
  destination_sync_mode: "append_dedup",
  cursor_field: "id",
  primary_key: "id",
};
const SCD = { name: "t_scd", namespace: "public" };
const TABLES = `
  create table t (id int primary key); insert into t values (1), (2);
  create table t_scd (id int primary key, note text); insert into t_scd values (7, 'mine')`;

describe("streams that would share a table are refused before anything is written,", () => {
  it.for([
    ["public by default", undefined],
    ["a schema of the settings", "shop"],
  ] as const)(
    "whichever rule leads to its namespace: %s",
    async ([, schema], { source, destination, folder }) => {
      await source.exec(TABLES);
      if (schema) await source.exec(`create schema ${schema}; create table ${schema}.t (id int)`);
      const project = await Project.create(folder, {
        source,
        destination,
        sourceConfig: { schemas: schema ? ["public", schema] : ["public"] },
        ...(schema && { destinationConfig: { schema } }),
        connections: {
          one: { namespace: "destination", streams: [T] },
          other: { namespace: "source", streams: [{ name: "t", namespace: schema ?? "public" }] },
        },
      });
      await project.sync("one");

      const { exitCode, stderr } = await project.trySync("other");
      const plan = await project.syncline(["plan", "other"]);

      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/config\.invalid: .*t is written by connection one/);
      expect(plan.stdout + plan.stderr).toContain("t is written by connection one");
      expect(await destination.rows(`select id from ${schema ?? "public"}.t order by 1`)).toEqual([
        ["1"],
        ["2"],
      ]);
    },
  );

  it("the history of one and the table of another: in one connection", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(TABLES);
    const project = await Project.create(folder, {
      source,
      destination,
      destinationConfig: { history: true },
      connections: { c: { streams: [DEDUP, SCD] } },
    });

    const { exitCode, stderr } = await project.trySync();

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/would both be public\.t_scd/);
    expect(await destination.rows("select to_regclass('t'), to_regclass('t_scd')")).toEqual([
      [null, null],
    ]);
  });

  it.for([
    ["the history first", ["deduped", "plain"]],
    ["the table first", ["plain", "deduped"]],
  ] as const)("and in two: %s", async ([, [first, second]], { source, destination, folder }) => {
    await source.exec(TABLES);
    const project = await Project.create(folder, {
      source,
      destination,
      destinationConfig: { history: true },
      connections: { deduped: { streams: [DEDUP] }, plain: { streams: [SCD] } },
    });
    await project.sync(first);
    const before = await destination.rows("select * from t_scd order by 1");

    const { exitCode, stderr } = await project.trySync(second);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("t_scd");
    expect(stderr).toContain(first);
    expect(await destination.rows("select * from t_scd order by 1")).toEqual(before);
  });
});
