import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { type Rule, shimmed, STRUCK } from "../support/shim.ts";
import { leftovers } from "../support/tables.ts";
import { rowsFor } from "../support/rows.ts";

const ROWS = rowsFor(3000);

const INCREMENTAL = { namespace: "public", sync_mode: "incremental", cursor_field: "version" };
const STREAMS = [
  { ...INCREMENTAL, name: "appended", destination_sync_mode: "append" },
  {
    ...INCREMENTAL,
    name: "deduped",
    destination_sync_mode: "append_dedup",
    primary_key: ["id"],
  },
];
const TABLES = STREAMS.map(({ name }) => name);

const SCHEMA = TABLES.map(
  (table) => `
    create table ${table} (id bigint primary key, version bigint not null, filler text);
    create index on ${table} (version);
    insert into ${table} select n, n, repeat('x', 200) from generate_series(1, ${ROWS}) n;`,
).join("\n");

/** Deletions, which only a refresh finds, and new versions. */
const CHANGES = TABLES.map(
  (table) => `
    delete from ${table} where id % 3 = 0;
    update ${table} set version = version + 10000 where id % 2 = 0;`,
).join("\n");

type Side = "source-postgres" | "destination-postgres";

const KILLS: readonly (readonly [string, Partial<Record<Side, readonly Rule[]>>])[] = [
  ["the source", { "source-postgres": [{ on: "stdout", state: 4, when: "after", act: "die" }] }],
  [
    "the destination",
    {
      "source-postgres": [{ on: "stdout", state: 4, when: "after", act: "wait", file: STRUCK }],
      "destination-postgres": [{ on: "stdout", state: 1, when: "after", act: "die" }],
    },
  ],
  [
    "syncline",
    { "destination-postgres": [{ on: "stdin", state: 4, when: "after", act: "kill-parent" }] },
  ],
];

async function project(
  source: Database,
  destination: Database,
  folder: string,
  rules: Partial<Record<Side, readonly Rule[]>> = {},
): Promise<Project> {
  const command = async (side: Side) => shimmed(folder, side, rules[side] ?? []);
  return Project.create(folder, {
    source,
    destination,
    sourceConfig: { checkpoint_target_interval_seconds: 0 },
    sourceCommand: await command("source-postgres"),
    destinationCommand: await command("destination-postgres"),
    connections: { c: { streams: STREAMS } },
  });
}

const list = (table: string) => `select id, version from ${table} order by id, version`;

/** @guarantee replaced-whole */
describe("a refresh in which something is killed", () => {
  for (const what of ["--remove", "--keep"] as const)
    it.for(KILLS)(
      `${what}: %s: the old rows stay until the new ones are all there, and the next sync completes it`,
      async ([, rules], { source, destination, folder }) => {
        await source.exec(SCHEMA);
        await (await project(source, destination, folder)).sync("c");
        const before = await source.rows(list("appended"));
        await source.exec(CHANGES);
        const broken = await project(source, destination, folder, rules);

        const refresh = await broken.syncline(["refresh", "c", what, "--yes"]);

        expect(refresh.exitCode).not.toBe(0);
        if (what === "--remove")
          for (const table of TABLES) expect(await destination.rows(list(table))).toEqual(before);
        await (await project(source, destination, folder)).sync("c");
        await (await project(source, destination, folder)).sync("c");
        const after = await source.rows(list("appended"));
        const both = [...before, ...after].sort(byIdAndVersion);
        // Kept rows are kept, and everything that is there now came again, once.
        expect(await destination.rows(list("appended"))).toEqual(
          what === "--remove" ? after : both,
        );
        const gone = before.filter(([id]) => Number(id) % 3 === 0);
        expect(await destination.rows(list("deduped"))).toEqual(
          what === "--remove" ? after : [...after, ...gone].sort(byIdAndVersion),
        );
        const history = await destination.rows(
          "select count(*), sum(_airbyte_active_row) from deduped_scd",
        );
        if (what === "--remove")
          expect(history).toEqual([[String(after.length), String(after.length)]]);
        expect(await leftovers(destination)).toEqual([]);
      },
    );
});

describe("a sync from a position forgotten by hand in which something is killed", () => {
  it.for(KILLS)(
    "%s: what was committed is not added once more",
    async ([, rules], { source, destination, folder }) => {
      await source.exec(SCHEMA);
      const calm = await project(source, destination, folder);
      await calm.sync("c");
      const before = await source.rows(list("appended"));
      await calm.syncline(["state", "clear", "c", "--yes"]);
      const broken = await project(source, destination, folder, rules);

      const sync = await broken.syncline(["sync", "c"]);

      expect(sync.exitCode).not.toBe(0);
      await (await project(source, destination, folder)).sync("c");
      expect(await destination.rows(list("appended"))).toEqual(
        [...before, ...before].sort(byIdAndVersion),
      );
      expect(await destination.rows(list("deduped"))).toEqual(before);
    },
  );
});

type Line = readonly (string | null)[];

function byIdAndVersion(left: Line, right: Line): number {
  return Number(left[0]) - Number(right[0]) || Number(left[1]) - Number(right[1]);
}
