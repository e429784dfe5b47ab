import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const a = (mode: string) => ({
  name: "a",
  namespace: "public",
  sync_mode: "incremental",
  destination_sync_mode: mode,
  cursor_field: "id",
  ...(mode === "append_dedup" ? { primary_key: ["id"] } : {}),
});

const o = {
  overwrite: {
    name: "o",
    namespace: "public",
    sync_mode: "full_refresh",
    destination_sync_mode: "overwrite",
  },
  append: {
    name: "o",
    namespace: "public",
    sync_mode: "incremental",
    destination_sync_mode: "append",
    cursor_field: "id",
  },
  append_dedup: {
    name: "o",
    namespace: "public",
    sync_mode: "incremental",
    destination_sync_mode: "append_dedup",
    cursor_field: "id",
    primary_key: ["id"],
  },
};

/** A table of which the last row is too long to be read, and one behind it that is fine. */
async function fill(source: Database, rows: number): Promise<void> {
  await source.exec(`
    create table a (id int primary key, name text);
    insert into a select n, repeat('x', 200) from generate_series(1, ${rows}) n;
    insert into a values (${rows + 1}, repeat('y', 20000));
    create table o (id int primary key, name text);
    insert into o select n, 'row ' || n from generate_series(1, ${rows}) n`);
}

/** With the limits of production it takes megabytes until rows are sent that no STATE covers. */
const PRODUCTION = { rows: 40_000, connectorEnv: { SYNCLINE_LIMITS: "{}" } };
const SMALL = { rows: 400, connectorEnv: { SYNCLINE_LIMITS: '{"batchBytes":20000}' } };

const counted = async (destination: Database, table: string) => {
  const [row] = await destination.rows(`select count(*), count(distinct id) from ${table}`);
  return row!.map(Number);
};

/** @guarantee streams-fail-alone */
describe("a stream that fails half-way, beside one that is fine", () => {
  it.for([
    ["append", "overwrite", PRODUCTION],
    ["append", "append", PRODUCTION],
    ["append", "append_dedup", SMALL],
    ["append_dedup", "overwrite", SMALL],
    ["append_dedup", "append", SMALL],
    ["append_dedup", "append_dedup", SMALL],
  ] as const)(
    "costs it nothing: %s beside %s",
    async ([mode, other, { rows, connectorEnv }], { source, destination, folder }) => {
      await fill(source, rows);
      const project = await Project.create(folder, {
        source,
        destination,
        sourceConfig: { max_row_bytes: 10_000 },
        connectorEnv,
        connections: { both: { streams: [a(mode), o[other]] } },
      });

      const first = await project.trySync("both");

      expect(await counted(destination, "o")).toEqual([rows, rows]);
      expect(first.exitCode, first.stderr).toBe(3);
      await source.exec("update a set name = 'short' where length(name) > 200");

      await project.sync("both");

      expect(await counted(destination, "o")).toEqual([rows, rows]);
      expect(await counted(destination, "a")).toEqual([rows + 1, rows + 1]);
    },
  );
});
