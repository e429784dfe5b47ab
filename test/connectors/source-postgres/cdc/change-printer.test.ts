import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RecordEncoder } from "../../../../connectors/kit/source/record-blocks.ts";
import { StreamOutput } from "../../../../connectors/kit/source/stream-output.ts";
import { parseLsn } from "../../../../connectors/postgres/replication/lsn.ts";
import {
  ChangePrinter,
  type Place,
  type PrintedStream,
} from "../../../../connectors/source-postgres/cdc/change-printer.ts";
import { GlobalState } from "../../../../connectors/source-postgres/cdc/global-state.ts";
import type { SlotFacts } from "../../../../connectors/source-postgres/cdc/slot/slot-facts.ts";
import type { JsonObject } from "../../../../protocol/json.ts";
import type { Message } from "../../../../protocol/messages.ts";
import { Collected } from "../../kit/source/collected.ts";

const START = 100n;
/** So large a block is never full. */
const LARGE = 100_000;
const FACTS = { lsn: 0n, slot: undefined, lookedAt: "now" } as SlotFacts;

const anyStep = fc.oneof(
  { weight: 5, arbitrary: fc.constant("record" as const) },
  { weight: 2, arbitrary: fc.constant("many records" as const) },
  { weight: 2, arbitrary: fc.constant("late record" as const) },
  { weight: 4, arbitrary: fc.constant("commit" as const) },
  { weight: 1, arbitrary: fc.constant("commit of another shape" as const) },
  { weight: 1, arbitrary: fc.constant("nothing new" as const) },
  { weight: 1, arbitrary: fc.constant("an older place" as const) },
  { weight: 4, arbitrary: fc.constant("chunk done" as const) },
  { weight: 1, arbitrary: fc.constant("chunk done, not waited for" as const) },
  { weight: 1, arbitrary: fc.constant("a second passes" as const) },
);

/** Says what is to be printed, and remembers what was true at each place of the log. */
class Log {
  readonly collected: Collected;
  readonly printer: ChangePrinter;
  appended = 0;
  lsn = START;
  inTransaction = false;
  /** Whether the transaction that is under way has a record whose values are not all there yet. */
  isWaiting = false;
  shape = 0;
  /** Of each place: how many records come before it, when its transaction was committed, and the shape. */
  readonly places = new Map([[START, { records: 0, committedAt: undefined as unknown, shape: 0 }]]);
  readonly #streams: readonly PrintedStream[];

  constructor(seconds: number, sourceBlockBytes: number) {
    this.collected = new Collected({ checkpointSeconds: seconds, sourceBlockBytes });
    const { context } = this.collected;
    const global = new GlobalState({ facts: FACTS });
    global.position = { lsn: START, slot: "s", publication: "p" };
    this.#streams = ["a", "b"].map((name) => {
      const descriptor = { name };
      return { descriptor, output: new StreamOutput(descriptor, context, global) };
    });
    this.printer = new ChangePrinter(global, START, context);
  }

  record(): void {
    this.inTransaction = true;
    this.printer.record(this.#next(), encoderOf({ n: this.appended }));
  }

  late(): void {
    this.inTransaction = this.isWaiting = true;
    const stream = this.#next();
    const data = Buffer.from(JSON.stringify({ n: this.appended }));
    this.printer.lateRecord({
      stream,
      json: async () => {
        await turn();
        return data;
      },
    });
  }

  between(commit: boolean): void {
    this.inTransaction = this.isWaiting = false;
    this.lsn += 10n;
    const committedAt = commit
      ? `at ${this.lsn}`
      : (this.places.get(this.lsn - 10n)?.committedAt as string | undefined);
    this.places.set(this.lsn, { records: this.appended, committedAt, shape: this.shape });
    const { descriptor } = this.#streams[0]!;
    const place: Place = {
      lsn: this.lsn,
      ...(commit && { committedAt: `at ${this.lsn}` }),
      ...(this.shape > 0 && { reshaped: [{ descriptor, blob: { shape: this.shape } }] }),
    };
    this.printer.between(place);
  }

  #next(): PrintedStream {
    this.appended++;
    return this.#streams[this.appended % 2]!;
  }
}

function encoderOf(data: JsonObject): RecordEncoder {
  const bytes = Buffer.from(JSON.stringify(data));
  return {
    room: () => bytes.length,
    encode: (_bytes, _start, _end, out, at) => at + bytes.copy(out, at),
  };
}

/** What was printed last: how many records, how many of them a STATE covers, and where that is. */
function printedBy(messages: readonly Message[], { places }: Log) {
  let [records, covered, states] = [0, 0, 0];
  let at = START;
  for (const message of messages) {
    if (message.type === "RECORD") {
      expect(message.record.data).toEqual({ n: ++records });
      expect(message.record.stream).toBe(records % 2 === 0 ? "a" : "b");
    }
    if (message.type !== "STATE") continue;
    const { global, sourceStats } = message.state;
    const { lsn, committed_at: committedAt } = global!.shared_state as Record<string, string>;
    at = parseLsn(lsn!);
    const place = places.get(at)!;
    expect([records, committedAt]).toEqual([place.records, place.committedAt]);
    expect(sourceStats).toEqual({ recordCount: records - covered });
    expect(global!.stream_states[0]?.stream_state ?? { shape: 0 }).toEqual({ shape: place.shape });
    covered = records;
    states++;
  }
  return { records, covered, states, at };
}

/** @guarantee every-row-arrives */
describe("ChangePrinter", () => {
  it("prints every record once and in order, and STATEs of nothing but places between transactions, when they are due", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 80 }),
        fc.constantFrom(0, 2, 1000),
        fc.constantFrom(1, 150, 400, LARGE),
        async (steps, seconds, blockBytes) => {
          const log = new Log(seconds, blockBytes);
          const { collected, printer } = log;
          const pending: (Promise<void> | undefined)[] = [];
          let isDueAt = 1000 * seconds;
          for (const step of steps)
            switch (step) {
              case "record":
                log.record();
                break;
              case "many records":
                for (let n = 0; n < 7; n++) log.record();
                break;
              case "late record":
                log.late();
                break;
              case "commit":
                log.between(true);
                break;
              case "commit of another shape":
                log.shape++;
                log.between(true);
                break;
              case "nothing new":
                if (!log.inTransaction) log.between(false);
                break;
              case "an older place":
                if (!log.inTransaction) printer.between({ lsn: START - 1n });
                break;
              case "chunk done": {
                const { states: before } = printedBy(collected.messages, log);
                await Promise.all([...pending.splice(0), printer.chunkDone()]);
                const { at, states } = printedBy(collected.messages, log);
                // Where no transaction is under way, what is due was said.
                if (!log.inTransaction && collected.time >= isDueAt) expect(at).toBe(log.lsn);
                if (states > before) isDueAt = collected.time + 1000 * seconds;
                break;
              }
              case "chunk done, not waited for":
                pending.push(printer.chunkDone());
                isDueAt = collected.time + 1000 * seconds; // if it was due, it is being said
                break;
              case "a second passes":
                collected.time += 1000;
                break;
            }
          const { states: before } = printedBy(collected.messages, log);
          await printer.end();

          const { records, at } = printedBy(collected.messages, log);
          const most = seconds > 0 ? Math.floor(collected.time / 1000 / seconds) : Infinity;
          expect(before).toBeLessThanOrEqual(most);
          if (!log.inTransaction) expect([records, at]).toEqual([log.appended, log.lsn]);
          // In the middle of a transaction, too, unless some of it may have been printed.
          else if (blockBytes === LARGE && !log.isWaiting) expect(at).toBe(log.lsn);
        },
      ),
      { numRuns: 500 },
    );
  });
});
