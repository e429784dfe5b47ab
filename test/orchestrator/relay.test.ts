import { Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Acknowledgements } from "../../orchestrator/sync/relay/acknowledgements.ts";
import { DestinationInput } from "../../orchestrator/sync/relay/destination-input.ts";
import { SourceRelay } from "../../orchestrator/sync/relay/source-relay.ts";
import { SyncStats } from "../../orchestrator/sync/relay/stream-stats.ts";
import { AttemptLog } from "../../orchestrator/store/attempt-log.ts";
import { readStateLine } from "../../protocol/state.ts";

/** Streams under their own name, under another name, and under another name with a filter. */
const STREAMS = ["plain", "renamed", "filtered"] as const;
type Name = (typeof STREAMS)[number];

const destinationName = (name: Name) => (name === "plain" ? name : `p_${name}`);

const PLAN = STREAMS.map((name) => ({
  source: { name },
  destination: { name: destinationName(name) },
  configured: {
    stream: { name, json_schema: {}, supported_sync_modes: ["incremental" as const] },
    sync_mode: "incremental" as const,
    destination_sync_mode: "append" as const,
  },
  ...(name === "filtered" && {
    mappers: [{ type: "filter" as const, condition: { equal: { field: "v", value: "kept" } } }],
  }),
}));

/** What a source prints, a line each. */
type Line =
  | {
      readonly is: "record";
      readonly name: Name;
      readonly value: string;
      readonly spelling: string;
    }
  | { readonly is: "state"; readonly name: Name; readonly counts: boolean }
  | { readonly is: "other"; readonly text: string };

const NAME = fc.constantFrom(...STREAMS);

const LINE: fc.Arbitrary<Line> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant("record" as const),
      name: NAME,
      value: fc.constantFrom("kept", "left out", "é\u2028{}", '"'),
      spelling: fc.constantFrom("ours", "ours", "airbyte"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant("state" as const),
      name: NAME,
      counts: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant("other" as const),
      text: fc.constantFrom(
        "loading 99 %",
        "",
        '{"type":"LOG","log":{"level":"INFO","message":"hello"}}',
        '{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"plain"},"status":"RUNNING"}}}',
      ),
    }),
  },
);

interface Traffic {
  /** What the source prints. */
  readonly printed: Buffer;
  /** What the destination must get: names, values, the records a STATE speaks of. */
  readonly expected: readonly object[];
  /** Per STATE, in order: its stream, and all records of that stream forwarded before it. */
  readonly covered: readonly { readonly name: Name; readonly forwarded: number }[];
}

/** The oracle: which lines go on, under which name, and what each STATE vouches for. */
function trafficOf(lines: readonly Line[]): Traffic {
  const read = new Map<Name, number>();
  const since = new Map<Name, number>();
  const forwarded = new Map<Name, number>();
  const atState = new Map<Name, number>();
  const add = (counts: Map<Name, number>, name: Name) =>
    counts.set(name, (counts.get(name) ?? 0) + 1);
  const texts: string[] = [];
  const expected: object[] = [];
  const covered: { name: Name; forwarded: number }[] = [];
  for (const line of lines) {
    if (line.is === "other") texts.push(line.text);
    if (line.is === "record") {
      const { name, value } = line;
      const data = { n: read.get(name) ?? 0, v: value };
      add(read, name);
      add(since, name);
      texts.push(
        line.spelling === "ours"
          ? `{"type":"RECORD","record":{"stream":"${name}","emitted_at":1,"data":${JSON.stringify(data)}}}`
          : `{"type": "RECORD", "record": {"data": ${JSON.stringify(data)}, "emitted_at": 1, "stream": "${name}"}}`,
      );
      if (name === "filtered" && value !== "kept") continue;
      add(forwarded, name);
      expected.push({ record: destinationName(name), data });
    }
    if (line.is === "state") {
      const { name } = line;
      const stats = line.counts ? `,"sourceStats":{"recordCount":${since.get(name) ?? 0}}` : "";
      since.set(name, 0);
      const descriptor = `{"name":"${name}"}`;
      texts.push(
        `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":${descriptor},"stream_state":{"at":${covered.length}}}${stats}}}`,
      );
      const all = forwarded.get(name) ?? 0;
      expected.push({
        state: destinationName(name),
        at: covered.length,
        records: all - (atState.get(name) ?? 0),
      });
      atState.set(name, all);
      covered.push({ name, forwarded: all });
    }
  }
  return { printed: Buffer.from(texts.map((text) => `${text}\n`).join("")), expected, covered };
}

/** Pieces of `bytes` that end at the given places, and its end. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function relay() {
  const stats = new SyncStats(PLAN, new Set());
  const states = new Acknowledgements(
    undefined,
    (stream) => stats.find(stream)?.plan.destination ?? stream,
  );
  const got: Buffer[] = [];
  const pipe = new Writable({
    write(bytes: Buffer, _encoding, done) {
      got.push(Buffer.from(bytes));
      done();
    },
  });
  const input = new DestinationInput(pipe, () => {});
  const source = new SourceRelay({
    source: { role: "source", label: "source s" },
    stats,
    states,
    expected: undefined,
    input,
    log: new AttemptLog(),
    events: { onError() {}, onErrorLog() {}, onUnaskedState() {}, onStatus() {}, onControl() {} },
  });
  return {
    stats,
    states,
    /** Gives the relay a chunk; what the destination has got of it when nothing is held up. */
    push: (chunk: Buffer): string => {
      source.push(chunk);
      void input.flush();
      return Buffer.concat(got.splice(0)).toString();
    },
  };
}

interface Forwarded {
  readonly record?: { readonly stream: string; readonly data: object };
  readonly state?: {
    readonly stream: {
      readonly stream_descriptor: { readonly name: string };
      readonly stream_state: { readonly at: number };
    };
    readonly sourceStats: { readonly recordCount: number };
  };
}

function essence(line: string): object {
  const { record, state } = JSON.parse(line) as Forwarded;
  if (record) return { record: record.stream, data: record.data };
  const { stream_descriptor: stream, stream_state: blob } = state!.stream;
  return { state: stream.name, at: blob.at, records: state!.sourceStats.recordCount };
}

/** @guarantee bytes-untouched */
describe("what a source prints", () => {
  const traffic = fc.array(LINE, { maxLength: 40, size: "max" }).map(trafficOf);
  const cuts = fc.array(fc.nat(), { maxLength: 8, size: "max" });

  it("reaches the destination in its order, and nothing else does, wherever the chunks are cut", () => {
    fc.assert(
      fc.property(traffic, cuts, ({ printed, expected }, places) => {
        const { push } = relay();
        const out = cutAt(printed, places).map(push);

        const lines = out.join("").split("\n");
        expect(lines.pop()).toBe("");
        expect(lines.map(essence)).toEqual(expected);
      }),
    );
  });

  it("is vouched for by an acknowledged STATE as far as it came before it in its stream", () => {
    fc.assert(
      fc.property(
        traffic,
        fc.array(fc.nat(), { maxLength: 20, size: "max" }),
        ({ printed, covered }, order) => {
          const { push, states, stats } = relay();
          const lines = push(printed).split("\n");
          const sent = lines.filter((line) => line.includes('"STATE"'));
          const best = new Map<string, number>();
          const newest = new Map<string, number>();

          // In any order, as a destination that has several transactions at once may print them.
          for (const nth of order.map((place) => place % Math.max(1, sent.length))) {
            if (sent[nth] === undefined) return;
            const { name, forwarded } = covered[nth]!;
            const taken = states.take(lineOf(sent[nth]));

            const isNew = nth > (newest.get(name) ?? -1);
            expect(taken !== undefined).toBe(isNew);
            if (isNew) newest.set(name, nth);
            best.set(name, Math.max(best.get(name) ?? 0, forwarded));
            for (const { plan, committed } of stats.streams)
              expect(committed).toBe(best.get(plan.source.name) ?? 0);
          }
        },
      ),
    );
  });
});

function lineOf(text: string) {
  const bytes = Buffer.from(text);
  return readStateLine(bytes, 0, bytes.length)!;
}

it("takes the first of equal STATEs for the one that came back, when it has no number", () => {
  const { push, states, stats } = relay();
  const record = '{"type":"RECORD","record":{"stream":"plain","emitted_at":1,"data":{}}}\n';
  const state =
    '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"plain"},"stream_state":{}}}}';
  push(Buffer.from(`${record}${state}\n${record}${state}\n`));

  states.take(lineOf(state));

  expect(stats.streams[0]!.committed).toBe(1);
});
