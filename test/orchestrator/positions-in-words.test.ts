import { expect, it } from "vitest";
import type { Stream } from "../../protocol/catalog.ts";
import { changeLines } from "../../orchestrator/commands/state-changes.ts";
import { globalOf } from "../../orchestrator/store/global-state.ts";
import { emptyState } from "../../orchestrator/store/state-file.ts";
import { positionText } from "../../orchestrator/output/positions.ts";
import { stateAt } from "../../orchestrator/sync/positions/fitting-state.ts";

it.for([
  [{ cursor_field: ["id"], cursor: "5" }, "after id = 5"],
  [{}, "at its beginning"],
  [{ state_type: "full_refresh", stream_name: "t", is_finished: true }, "read whole"],
  [{ state_type: "ctid", ctid: "(1,2)" }, "in the middle of reading it whole"],
  [{ state_type: "xmin", snapshot: "5:9:" }, "after all that its last sync saw"],
  [{ state_type: "cdc", lsn: "0/16B3748" }, "follows the log from 0/16B3748"],
  [{ state_type: "cdc", lsn: "0/16B3748", ctid: "(3,1)" }, "in the middle of its first load"],
  [{ page: 3 }, `{"page":3}`],
] as const)("a state is told in words as far as it has them: %j", ([state, words]) => {
  expect(positionText(Buffer.from(JSON.stringify(state)), ["id"])).toBe(words);
});

it("says that a position of all streams changes, whatever becomes of theirs", () => {
  const shared = Buffer.from('{"state_type":"cdc","lsn":"0/16B3748"}');
  const changed = { ...emptyState(), global: globalOf(shared, []) };
  expect(changeLines("c", "/nowhere/c.json", changed)).toEqual([
    "c: positions change:",
    "  all streams: at its beginning → follows the log from 0/16B3748",
  ]);
});

/** Takes a value as the cursor of a column of this type of source-postgres. */
function setTo(value: string, format: string): Buffer {
  const stream: Stream = {
    name: "t",
    namespace: "public",
    json_schema: { type: "object", properties: { at: { type: "string", format } } },
    supported_sync_modes: ["incremental"],
  };
  const configured = {
    stream,
    sync_mode: "incremental",
    destination_sync_mode: "append",
    cursor_field: ["at"],
  } as const;
  const source = { name: "t", namespace: "public" };
  const planned = { source, destination: source, configured, fields: undefined, mappers: [] };
  return stateAt(value, { stream: planned as never, isBuiltIn: true, former: undefined });
}

it.for([
  ["date-time", "2026-11-26 22:39:59.610609+00"],
  ["date-time", "2026-11-26T22:39:59Z"],
  ["date-time", "2026-11-26 22:39:59+05:45"],
  ["date-time", "2026-11-26"],
  ["date-time", "12026-11-26 24:00:00"],
  ["date-time", "0044-03-15 12:00:00 BC"],
  ["date", "2026-11-26"],
  ["time", "22:39:59.5+02"],
] as const)("a %s may be set to %s", ([format, value]) => {
  expect(setTo(value, format).toString()).toContain(`"cursor":"${value}"`);
});

it.for([
  ["date-time", "2026-13-45"],
  ["date-time", "2026-11-26 junk"],
  ["date-time", `2026-11-26\n"},{`],
  ["date-time", "2026-11-26 25:00"],
  ["date", "2026-00-10"],
  ["time", "22:61"],
] as const)("a %s may not be set to %j", ([format, value]) => {
  expect(() => setTo(value, format)).toThrow(`at of public.t is of type ${format}`);
});
