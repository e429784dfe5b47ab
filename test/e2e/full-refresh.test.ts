import { expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { columns, leftovers, finalRows, rawRows, relations, type Row } from "../support/tables.ts";

type Person = readonly [id: number, name: string];

/** The tutorial's hash of each row it shows: md5 of the typed columns joined by `-`. */
const HASHES: Readonly<Record<string, string>> = {
  "1-Mary X": "e20f46dc3a88fcf0ef2101b89d832709",
  "2-John D": "85aefb77a6bc2acc426eedf5a822b8b3",
  "3-Jane Y": "ff431c3133aaae79477dc34b4cbba40b",
  "3-New Jane": "7c134641d9dba0fd57f776a972abbcaf",
  "3-Alex M": "fc1a25c4fe1949b371a42920320021ee",
  "3-Brett D": "4e852075c9fff871c1a5186f09042a16",
};

const MARY: Person = [1, "Mary X"];
const JOHN: Person = [2, "John D"];

const FULL_REFRESH = { name: "full_refresh_demo", namespace: "public", sync_mode: "full_refresh" };
const CONNECTIONS = {
  "full-refresh-overwrite": {
    prefix: "overwrite_",
    streams: [{ ...FULL_REFRESH, destination_sync_mode: "overwrite" }],
  },
  "full-refresh-append": {
    prefix: "append_",
    streams: [{ ...FULL_REFRESH, destination_sync_mode: "append" }],
  },
};

interface Tables {
  readonly raw: Row[];
  readonly final: Row[];
}

it("follows the full-refresh tutorial, both connections side by side in one destination", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(`
    create table full_refresh_demo (id integer primary key, name varchar(200));
    insert into full_refresh_demo (id, name) values (1, 'Mary X');
    insert into full_refresh_demo (id, name) values (2, 'John D');
  `);
  const project = await Project.create(folder, {
    source,
    destination,
    destinationConfig: { hashid: true },
    connections: CONNECTIONS,
  });
  let jobs = 0;
  const sync = async (connection: string, emitted: number) => {
    const result = await project.sync(connection);
    expect(result.job).toBe(++jobs);
    expect(await project.counts(jobs)).toEqual({ "public.full_refresh_demo": [emitted, emitted] });
    expect(await leftovers(destination)).toEqual([]);
    return result;
  };
  const overwritten = async () => readTables(destination, "overwrite_full_refresh_demo");
  const appended = async () => readTables(destination, "append_full_refresh_demo");

  // O1: the first sync
  const o1Sync = await sync("full-refresh-overwrite", 2);
  const overwriteTables = [
    "_airbyte_raw_overwrite_full_refresh_demo",
    "overwrite_full_refresh_demo",
  ];
  expect(await relations(destination)).toEqual(overwriteTables);
  await expectLayout(destination, "overwrite_full_refresh_demo");
  const o1 = await overwritten();
  expectBatches(o1, [[MARY, JOHN]]);
  expect(o1Sync.log).toMatch(/alter table .* rename to "?overwrite_full_refresh_demo"?/);

  // O2: one row more, and all of them are sent again
  await source.exec("insert into full_refresh_demo (id, name) values (3, 'Jane Y')");
  await sync("full-refresh-overwrite", 3);
  const o2 = await overwritten();
  expectBatches(o2, [[MARY, JOHN, [3, "Jane Y"]]]);
  expectNothingShared(o1, o2);

  // O3: a changed row
  await source.exec("update full_refresh_demo set name = 'New Jane' where id = 3");
  const o3Sync = await sync("full-refresh-overwrite", 3);
  const o3 = await overwritten();
  expectBatches(o3, [[MARY, JOHN, [3, "New Jane"]]]);
  expectNothingShared(o2, o3);
  expect(o3Sync.log).toMatch(/alter table .* rename to "?overwrite_full_refresh_demo"?/);

  // O4: a deleted row
  await source.exec("delete from full_refresh_demo where id = 3");
  await sync("full-refresh-overwrite", 2);
  const o4 = await overwritten();
  expectBatches(o4, [[MARY, JOHN]]);
  expectNothingShared(o3, o4);
  expect(await relations(destination)).toEqual(overwriteTables);

  // P1: the other connection, beside the first
  await sync("full-refresh-append", 2);
  const allTables = [
    "_airbyte_raw_append_full_refresh_demo",
    "_airbyte_raw_overwrite_full_refresh_demo",
    "append_full_refresh_demo",
    "overwrite_full_refresh_demo",
  ];
  expect(await relations(destination)).toEqual(allTables);
  await expectLayout(destination, "append_full_refresh_demo");
  const p1 = await appended();
  expectBatches(p1, [[MARY, JOHN]]);

  // P2 to P5: insert, update, delete, nothing; each adds a batch and touches no old row
  const p2 = await appendStep(
    3,
    "insert into full_refresh_demo (id, name) values (3, 'Alex M')",
    p1,
  );
  const p3 = await appendStep(3, "update full_refresh_demo set name = 'Brett D' where id = 3", p2);
  const p4 = await appendStep(2, "delete from full_refresh_demo where id = 3", p3);
  const p5 = await appendStep(2, "", p4);
  expectBatches(p5, [
    [MARY, JOHN],
    [MARY, JOHN, [3, "Alex M"]],
    [MARY, JOHN, [3, "Brett D"]],
    [MARY, JOHN],
    [MARY, JOHN],
  ]);
  expect(p5.raw).toHaveLength(12);

  expect(await overwritten()).toEqual(o4);
  expect(await relations(destination)).toEqual(allTables);

  async function appendStep(emitted: number, change: string, before: Tables): Promise<Tables> {
    await source.exec(change);
    await sync("full-refresh-append", emitted);
    const after = await appended();
    expect(after.raw.slice(0, before.raw.length)).toEqual(before.raw);
    expect(after.final.slice(0, before.final.length)).toEqual(before.final);
    expectNothingShared(before, {
      raw: after.raw.slice(before.raw.length),
      final: after.final.slice(before.final.length),
    });
    return after;
  }
});

async function readTables(destination: Database, table: string): Promise<Tables> {
  return { raw: await rawRows(destination, table), final: await finalRows(destination, table) };
}

async function expectLayout(destination: Database, table: string): Promise<void> {
  expect(await columns(destination, `_airbyte_raw_${table}`)).toEqual([
    "_airbyte_ab_id uuid",
    "_airbyte_data jsonb",
    "_airbyte_emitted_at timestamp with time zone",
  ]);
  expect(await columns(destination, table)).toEqual([
    "id bigint",
    "name text",
    "_airbyte_ab_id uuid",
    "_airbyte_emitted_at timestamp with time zone",
    "_airbyte_normalized_at timestamp with time zone",
    `_airbyte_${table}_hashid text`,
    "_airbyte_meta jsonb",
  ]);
}

/** Every row of both tables, batch by batch in the order they were emitted. */
function expectBatches({ raw, final }: Tables, batches: readonly (readonly Person[])[]): void {
  const people = batches.flat();
  expect(raw.map((row) => JSON.parse(row["_airbyte_data"]!) as unknown)).toEqual(
    people.map(([id, name]) => ({ id, name })),
  );
  const hashColumn = Object.keys(final[0]!).find((name) => name.endsWith("_hashid"))!;
  expect(final.map((row) => ({ id: row["id"], name: row["name"], hash: row[hashColumn] }))).toEqual(
    people.map(([id, name]) => ({ id: String(id), name, hash: HASHES[`${id}-${name}`] })),
  );
  // Each final row is its raw row, typed.
  const identity = ({ _airbyte_ab_id, _airbyte_emitted_at }: Row) => ({
    _airbyte_ab_id,
    _airbyte_emitted_at,
  });
  expect(final.map(identity)).toEqual(raw.map(identity));
  expect(new Set(raw.map((row) => row["_airbyte_ab_id"])).size).toBe(people.length);
  for (const row of final) {
    expect(row["_airbyte_meta"]).toBeNull();
    expect(Date.parse(row["_airbyte_normalized_at"]!)).toBeGreaterThanOrEqual(
      Date.parse(row["_airbyte_emitted_at"]!),
    );
  }
  // A small batch is emitted in one moment, and moments rise from batch to batch.
  const moments = raw.map((row) => Date.parse(row["_airbyte_emitted_at"]!));
  expect(moments).toEqual(moments.toSorted((a, b) => a - b));
}

function expectNothingShared(before: Tables, after: Tables): void {
  const newest = Math.max(...before.raw.map((row) => Date.parse(row["_airbyte_emitted_at"]!)));
  const ids = new Set(before.raw.map((row) => row["_airbyte_ab_id"]));
  for (const row of [...after.raw, ...after.final]) {
    expect(ids.has(row["_airbyte_ab_id"])).toBe(false);
    expect(Date.parse(row["_airbyte_emitted_at"]!)).toBeGreaterThan(newest);
  }
}
