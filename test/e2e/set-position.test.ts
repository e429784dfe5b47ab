import { expect } from "vitest";
import { rangeExceeded } from "../../orchestrator/sync/positions/type-range.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";

const STREAM = {
  name: "t",
  sync_mode: "incremental",
  destination_sync_mode: "append",
  cursor_field: "id",
};

/** @guarantee added-once */
it("a position set by hand is gone on from, and one that the source cannot use adds no row", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table t (id int not null); insert into t select generate_series(1, 9)");
  const project = await Project.create(folder, {
    source,
    destination,
    connections: { c: { streams: [STREAM] } },
  });
  const set = (...args: string[]) =>
    project.syncline(["state", "set", "c", "--stream", "public.t", ...args, "--yes"]);

  const cursor = succeeded(await set("--cursor", "5"));
  await project.sync();
  const rows = await destination.rows("select id from t order by id");
  const shown = succeeded(await project.syncline(["state", "show", "c"]));
  const refused = await set('{"cursor":"5"}');
  const wrongType = await set("--cursor", "yesterday");
  const tooLarge = await set("--cursor", "3000000000");
  const tooLargeState = await set('{"cursor_field":["id"],"cursor":"-3000000000"}');
  const unasked = await project.sync();

  expect(cursor.stderr).toContain("public.t: at its beginning → after id = 5");
  expect(rows).toEqual([["6"], ["7"], ["8"], ["9"]]);
  expect(shown.stdout).toContain("after id = 9");
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain(`{"cursor_field":["id"],"cursor":"5"}`);
  expect(wrongType.stderr).toContain("id of public.t is of type integer");
  for (const { exitCode, stderr } of [tooLarge, tooLargeState]) {
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      "id of public.t is of type integer, from -2147483648 to 2147483647, and the cursor given is beyond that",
    );
  }
  expect(await project.counts(unasked.job)).toEqual({ "public.t": [0, 0] });
  expect(await destination.rows("select count(*) from t")).toEqual([["4"]]);
});

/** Values around the ends of each type. */
const VALUES: readonly (readonly [type: string, ...values: string[]])[] = [
  ["smallint", "32767", "32768", "-32768", "-32769", "+1"],
  ["integer", "2147483647", "2147483648", "-2147483648", "-2147483649"],
  [
    "bigint",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
  ],
  ["oid", "0", "4294967295", "4294967296"],
  ["real", "3.4e38", "3.5e38", "-3.5e38", "NaN", "Infinity"],
  ["double precision", "1.7e308", "1.8e308", "-1.8e308", "-Infinity"],
  ["numeric", "99999999999999999999999999"],
  ["date", "5874897-12-31", "5874898-01-01", "0044-03-15 BC"],
  ["timestamp without time zone", "294276-12-31 23:59:59", "294277-01-01 00:00:00"],
  ["timestamp(3) with time zone", "294276-12-30T00:00:00Z", "294277-01-02T00:00:00Z"],
];

it.for(VALUES)(
  "a value counts as beyond a type where the server says so: %s",
  async ([type, ...values], { source }) => {
    for (const value of values) {
      const isTaken = await source.rows(`select $1::text::${type}`, [value]).then(
        () => true,
        () => false,
      );
      expect([value, rangeExceeded({ "x-postgres-type": type }, value) === undefined]).toEqual([
        value,
        isTaken,
      ]);
    }
  },
);
