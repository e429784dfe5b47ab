import { afterAll, beforeAll, describe, expect } from "vitest";
import type { PropertySchema } from "../../../protocol/catalog.ts";
import {
  complete,
  INTEGER,
  JSON_COLUMN,
  NUMBER,
  type StreamSpec,
  TEXT,
  TIMESTAMPTZ,
  write as writeLines,
} from "../../connectors/destination-postgres/drive.ts";
import { it } from "../../support/fixtures.ts";
import { succeeded } from "../../support/run.ts";
import { account, compareHistory, compareRows, intervals } from "./checker.ts";
import type { Change } from "./oracle.ts";
import { type Copy, perfectCopy, recordOf, write, type Written } from "./perfect-copy.ts";
import { type Arrived, currentOf, rawOf, rowsOf, versionsOf } from "./records.ts";
import { FOLLOWED, TYPES } from "./tables.ts";

/** The destination alone: it gets what was really done to tables, in batches of any size. */

let written: Written;

beforeAll(async () => {
  written = await write(11, 900);
});

afterAll(() => written.close());

const SCHEMAS: Readonly<Record<string, PropertySchema>> = {
  bigint: INTEGER,
  text: TEXT,
  numeric: NUMBER,
  timestamptz: TIMESTAMPTZ,
  jsonb: JSON_COLUMN,
};

const properties: Record<string, PropertySchema> = {
  ...Object.fromEntries(Object.entries(TYPES).map(([name, type]) => [name, SCHEMAS[type]!])),
  _ab_cdc_lsn: INTEGER,
  _ab_cdc_updated_at: TIMESTAMPTZ,
  _ab_cdc_deleted_at: TIMESTAMPTZ,
};

/** Types whose text is a JSON token. */
const BARE = new Set(["bigint", "numeric", "jsonb"]);

const time = (text: string | null) =>
  text === null ? null : text.replace(" ", "T").replace("+00", "Z");

function lineOf(stream: string, one: Arrived, isTruncation: boolean): string {
  const fields = Object.entries(TYPES)
    .filter(([name]) => !isTruncation && !one.unknown.includes(name))
    // A JSON column has null for the JSON value; SQL's NULL is left out.
    .filter(([name, type]) => type !== "jsonb" || one.row[name] !== null)
    .map(([name, type]) => {
      const text = one.row[name] ?? null;
      const value = type === "timestamptz" ? time(text) : text;
      return `"${name}":${text !== null && BARE.has(type) ? text : JSON.stringify(value)}`;
    });
  const data = [
    ...fields,
    `"_ab_cdc_lsn":${one.lsn}`,
    `"_ab_cdc_updated_at":${JSON.stringify(time(one.updatedAt))}`,
    `"_ab_cdc_deleted_at":${JSON.stringify(time(one.deletedAt))}`,
  ].join();
  const meta = isTruncation
    ? `,"meta":{"operation":"truncate"}`
    : one.unknown.length > 0
      ? `,"meta":{"unchanged":${JSON.stringify(one.unknown)}}`
      : "";
  return `{"type":"RECORD","record":{"stream":"${stream}","emitted_at":1663940000000,"data":{${data}}${meta}}}`;
}

const stateLine = (lsn: bigint) => ({
  type: "STATE",
  state: {
    type: "GLOBAL",
    global: {
      shared_state: { lsn: String(lsn) },
      stream_states: FOLLOWED.map(({ name }) => ({
        stream_descriptor: { name },
        stream_state: {},
      })),
    },
  },
});

/** Everything that arrives, in order, as lists of lines between which a STATE may stand. */
function linesOf(copies: ReadonlyMap<string, Copy>): string[][] {
  const first = [...copies].flatMap(([name, { loaded }]) =>
    loaded.map((one) => lineOf(name, one, false)),
  );
  const changes = [...copies].flatMap(([name, { delivered, from }]) =>
    delivered.map((change) => ({ name, change, from })),
  );
  const inOrder = changes.toSorted(
    ({ change: a }, { change: b }) => a.transaction - b.transaction || Number(a.lsn - b.lsn),
  );
  const groups = [first];
  let last = 0;
  for (const { name, change, from } of inOrder) {
    if (change.transaction !== last) groups.push([]);
    last = change.transaction;
    groups.at(-1)!.push(lineOf(name, recordOf(change, from), change.kind === "truncate"));
  }
  return groups;
}

const CHOICES = [
  { mode: "Hard delete", runs: 1, tables: "raw_and_final", history: true },
  { mode: "Hard delete", runs: 12, tables: "raw_and_final", history: true },
  { mode: "Soft delete", runs: 7, tables: "raw_and_final", history: true },
  { mode: "Hard delete", runs: 7, tables: "final_only", history: true },
  { mode: "Soft delete", runs: 1, tables: "final_only", history: false },
] as const;

describe.for(CHOICES)(
  "a destination that gets changes in $runs runs ($mode, $tables, history: $history)",
  ({ mode, runs, tables, history }) => {
    it("has the source's rows, every version and every record", async ({ destination, folder }) => {
      const copies = new Map(
        FOLLOWED.map((table) => [table.name, perfectCopy(table, written.history)]),
      );
      const streams = FOLLOWED.map(({ name, key }): StreamSpec => ({
        name,
        properties,
        incremental: true,
        cursor: "_ab_cdc_lsn",
        ...(key.length > 0 ? { mode: "append_dedup", key: [...key] } : { mode: "append" }),
      }));
      const groups = linesOf(copies);
      const each = Math.ceil(groups.length / runs);
      const config = { tables, history, cdc_deletion_mode: mode };
      for (let at = 0; at < groups.length; at += each) {
        const lines = groups
          .slice(at, at + each)
          .flatMap((group, index) => [...group, stateLine(BigInt(at + index))]);
        const ends = FOLLOWED.map(({ name }) => complete(name));
        succeeded(await writeLines(destination, folder, streams, [...lines, ...ends], { config }));
      }

      for (const table of FOLLOWED) {
        const { changes, from, loaded, delivered } = copies.get(table.name)!;
        const isDelivered = (change: Change) => delivered.includes(change);
        const isAppended = table.key.length === 0;
        if (isAppended || tables === "raw_and_final") {
          const arrived = await (isAppended ? rowsOf : rawOf)(destination, table);
          const found = account(table, changes, arrived, { from, wasInterrupted: false });
          expect.soft(found.findings).toEqual([]);
        }
        if (isAppended) continue;
        const rows = await rowsOf(destination, table);
        const current = await currentOf(written.database, table);
        expect.soft(compareRows(table, current, rows)).toEqual([]);
        if (!history) continue;
        const expected = intervals(table, changes, {
          loaded,
          from,
          isDelivered,
          notedOf: () => [],
        });
        const versions = await versionsOf(destination, table);
        expect.soft(compareHistory(table, expected, versions)).toEqual([]);
      }
    });
  },
);
