import { Writable } from "node:stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Acknowledgements } from "../../orchestrator/sync/relay/acknowledgements.ts";
import { DestinationInput } from "../../orchestrator/sync/relay/destination-input.ts";
import { SourceRelay } from "../../orchestrator/sync/relay/source-relay.ts";
import { SyncStats } from "../../orchestrator/sync/relay/stream-stats.ts";
import { AttemptLog } from "../../orchestrator/store/attempt-log.ts";

/** A stream that goes on from its last STATE, one that is replaced, and one that is added whole. */
const MODES = ["incremental", "replaced", "added"] as const;
type Name = (typeof MODES)[number];

const STATUSES = ["STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"] as const;

const PLAN = MODES.map((name) => ({
  source: { name },
  destination: { name },
  configured: {
    stream: { name, json_schema: {}, supported_sync_modes: ["full_refresh" as const] },
    sync_mode: name === "incremental" ? ("incremental" as const) : ("full_refresh" as const),
    destination_sync_mode: name === "replaced" ? ("overwrite" as const) : ("append" as const),
    generation_id: 7,
    minimum_generation_id: name === "replaced" ? 7 : 0,
  },
}));

/** What a source prints of a stream, a line each. */
interface Event {
  readonly of: Name;
  readonly is: "record" | "state" | (typeof STATUSES)[number];
}

const EVENT: fc.Arbitrary<Event> = fc.record({
  of: fc.constantFrom(...MODES),
  is: fc.oneof(
    { weight: 5, arbitrary: fc.constant("record" as const) },
    { weight: 4, arbitrary: fc.constant("state" as const) },
    { weight: 2, arbitrary: fc.constantFrom(...STATUSES) },
  ),
});

/** What a source may print: no record behind the end of its stream. */
const STORY = fc
  .array(EVENT, { maxLength: 40, size: "max" })
  .map((events) =>
    events.filter(({ of, is }, at) => is !== "record" || !isOver(of, events.slice(0, at))),
  );

function isOver(name: Name, before: readonly Event[]): boolean {
  return before.some(({ of, is }) => of === name && (is === "COMPLETE" || is === "INCOMPLETE"));
}

function isGivenUp(name: Name, before: readonly Event[]): boolean {
  return before.some(({ of, is }) => of === name && is === "INCOMPLETE");
}

/**
 * The oracle, in words about the whole story: a STATE of an incremental stream goes on where it stands,
 * one of a full refresh in front of what shows what it is, and none behind INCOMPLETE. At the end a
 * full refresh that is COMPLETE has a STATE behind its last row, one of ours where the source's is not.
 */
function expectedOf(events: readonly Event[]): string[] {
  const out: string[] = [];
  const shownBy = new Map<number, number>();
  events.forEach(({ of, is }, at) => {
    if (is !== "state" || of === "incremental" || isGivenUp(of, events.slice(0, at))) return;
    const wasComplete = isOver(of, events.slice(0, at));
    const next = events.findIndex((one, i) => i > at && one.of === of && one.is !== "STARTED");
    if (wasComplete) shownBy.set(at, at);
    else if (next !== -1) shownBy.set(at, next);
  });
  events.forEach(({ of, is }, at) => {
    const before = events.slice(0, at);
    for (const [state, shown] of shownBy)
      if (shown === at && state !== at) out.push(`${of} state ${state}`);
    if (is === "record") out.push(`${of} record ${at}`);
    if (is === "INCOMPLETE" && !isGivenUp(of, before)) out.push(`${of} INCOMPLETE`);
    if (is !== "state") return;
    if (of === "incremental" ? !isGivenUp(of, before) : shownBy.get(at) === at)
      out.push(`${of} state ${at}`);
  });
  for (const name of MODES) {
    if (!isOver(name, events) || isGivenUp(name, events)) continue;
    const states = events.flatMap(({ of, is }, at) => (of === name && is === "state" ? [at] : []));
    const lastRecord = events.findLastIndex(({ of, is }) => of === name && is === "record");
    const lacksState =
      states.length === 0 || (name === "added" && lastRecord > (states.at(-1) ?? -1));
    if (name !== "incremental" && lacksState) out.push(`${name} state ${states.at(-1) ?? "ours"}`);
    out.push(`${name} COMPLETE`);
  }
  return out;
}

/** What a destination gets of the story, a line each. */
function forwardedOf(events: readonly Event[]): string[] {
  const stats = new SyncStats(PLAN, new Set());
  const got: Buffer[] = [];
  const pipe = new Writable({
    write(bytes: Buffer, _encoding, done) {
      got.push(Buffer.from(bytes));
      done();
    },
  });
  const input = new DestinationInput(pipe, () => {});
  const relay = new SourceRelay({
    source: { role: "source", label: "source s" },
    stats,
    states: new Acknowledgements(undefined),
    expected: undefined,
    input,
    log: new AttemptLog(),
    events: { onError() {}, onErrorLog() {}, onUnaskedState() {}, onStatus() {}, onControl() {} },
  });
  relay.push(Buffer.from(events.map((event, at) => `${lineOf(event, at)}\n`).join("")));
  relay.end();
  for (const stream of stats.streams) if (stream.status === "COMPLETE") relay.finish(stream);
  void input.flush();
  return Buffer.concat(got).toString().split("\n").slice(0, -1).map(essenceOf);
}

function lineOf({ of, is }: Event, at: number): string {
  const descriptor = { name: of };
  if (is === "record")
    return `{"type":"RECORD","record":{"stream":"${of}","emitted_at":1,"data":{"at":${at}}}}`;
  if (is === "state")
    return `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":${JSON.stringify(descriptor)},"stream_state":{"at":${at}}}}}`;
  const status = { stream_descriptor: descriptor, status: is };
  return JSON.stringify({
    type: "TRACE",
    trace: { type: "STREAM_STATUS", emitted_at: 1, stream_status: status },
  });
}

interface Forwarded {
  readonly record?: { readonly stream: string; readonly data: { readonly at: number } };
  readonly state?: {
    readonly stream: {
      readonly stream_descriptor: { readonly name: string };
      readonly stream_state: { readonly at?: number };
    };
  };
  readonly trace?: {
    readonly stream_status: {
      readonly stream_descriptor: { readonly name: string };
      readonly status: string;
    };
  };
}

function essenceOf(line: string): string {
  const { record, state, trace } = JSON.parse(line) as Forwarded;
  if (record) return `${record.stream} record ${record.data.at}`;
  if (state)
    return `${state.stream.stream_descriptor.name} state ${state.stream.stream_state.at ?? "ours"}`;
  const { stream_descriptor: stream, status } = trace!.stream_status;
  return `${stream.name} ${status}`;
}

it("a destination gets every record, each STATE where it is a promise, and COMPLETE at the end only", () => {
  fc.assert(
    fc.property(STORY, (events) => {
      expect(forwardedOf(events)).toEqual(expectedOf(events));
    }),
    { numRuns: 1_000 },
  );
});
