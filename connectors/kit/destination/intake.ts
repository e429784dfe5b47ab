import { streamKey, streamLabel, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { MALFORMED, nestingOf } from "../../../protocol/json-scan.ts";
import { MAX_NESTING } from "../../../protocol/json-text.ts";
import type { RecordMeta } from "../../../protocol/messages.ts";
import { RecordReader } from "../../../protocol/record-line.ts";
import type { LoadedStream, RecordBatches } from "./lane.ts";
import type { Ledger, StreamNumber } from "./ledger.ts";
import { BadLine } from "./message-reader.ts";

/** Last millisecond of the year 9999; later ones have no four-digit year in ISO text. */
const MAX_EMITTED_AT = 253_402_300_799_999;

const NO_META: RecordMeta = {};

/** Members of `meta`, and whether each is an array. */
const KNOWN_META = [
  ["changes", true],
  ["unchanged", true],
  ["operation", false],
] as const;

/**
 * Takes RECORD lines in: finds the stream, has its row gathered, and enters it in the ledger.
 * Synchronous, without parsing anything but heads it has not seen before.
 */
export class RecordIntake {
  readonly #streams: readonly LoadedStream<unknown>[];
  readonly #numbers: ReadonlyMap<string, StreamNumber>;
  /** By name alone; undefined where streams of different namespaces share it. */
  readonly #numbersByName: ReadonlyMap<string, StreamNumber | undefined>;
  readonly #ledger: Ledger<unknown>;
  readonly #defaultNamespace: string;
  readonly #reader = new RecordReader();
  readonly #now: () => number;
  readonly #onRefused: (stream: StreamNumber, why: Failure) => void;
  #stream: StreamDescriptor | undefined;
  #number: StreamNumber = -1;
  #batches!: RecordBatches<unknown>;
  #times: { emittedAt: string; normalizedAt: string } = { emittedAt: "", normalizedAt: "" };
  #emittedAt = Number.NaN;
  #buffer: Buffer | undefined;

  /**
   * @param defaultNamespace what a missing namespace stands for.
   * @param now in milliseconds.
   * @param onRefused told of a stream that was given up over a record that cannot be loaded.
   */
  constructor(
    streams: readonly LoadedStream<unknown>[],
    ledger: Ledger<unknown>,
    defaultNamespace: string,
    now: () => number,
    onRefused: (stream: StreamNumber, why: Failure) => void,
  ) {
    this.#streams = streams;
    this.#numbers = new Map(streams.map(({ stream }, number) => [streamKey(stream), number]));
    this.#numbersByName = numbersByName(streams);
    this.#ledger = ledger;
    this.#defaultNamespace = defaultNamespace;
    this.#now = now;
    this.#onRefused = onRefused;
  }

  /**
   * The number of a stream. Without a namespace it is the one without, or in the default one, or the
   * only one of that name: some runners leave the namespace out of what they pass on. Throws
   * `protocol.unknown_stream` when the catalog does not have it.
   */
  numberOf(stream: StreamDescriptor): StreamNumber {
    const number =
      this.#numbers.get(streamKey(stream)) ??
      // A source may spell the namespace out that the catalog leaves to the default, and vice versa.
      (stream.namespace
        ? stream.namespace === this.#defaultNamespace
          ? this.#numbers.get(streamKey({ name: stream.name }))
          : undefined
        : (this.#numbers.get(streamKey({ name: stream.name, namespace: this.#defaultNamespace })) ??
          this.#numbersByName.get(stream.name)));
    if (number !== undefined) return number;
    throw new Failure(
      "protocol.unknown_stream",
      `the stream ${streamLabel(stream)} is not in the catalog`,
      { hint: "give the destination the catalog the source reads" },
    );
  }

  /**
   * Takes the line `bytes[start..end)`, which must be UTF-8, when it is a RECORD; false for any other
   * line. Throws `BadLine` or a `Failure` without position.
   */
  take(bytes: Buffer, start: number, end: number): boolean {
    if (bytes !== this.#buffer) this.#enterBuffer(bytes);
    const reader = this.#reader;
    if (!reader.read(bytes, start, end)) return false;
    // The reader hands out the same object as long as the head stays the same.
    if (reader.stream !== this.#stream) this.#enterStream(reader.stream);
    if (reader.emittedAt !== this.#emittedAt) this.#setEmittedAt(reader.emittedAt);

    const batches = this.#batches;
    let meta = NO_META;
    let after = batches.readData(bytes, reader.dataStart, end);
    if (after === MALFORMED) throw new BadLine("is not a well-formed RECORD");
    if (reader.dataEnd === -1 ? !reader.finish(bytes, after, end) : reader.metaStart !== -1) {
      batches.undoRecord();
      reader.locateData(bytes, start, end);
      meta = metaOf(bytes, reader.metaStart, reader.metaEnd);
      after = batches.readData(bytes, reader.dataStart, end);
      if (after !== reader.dataEnd) throw new BadLine("is not a well-formed RECORD");
    }
    if (this.#ledger.record(this.#number)) this.#endRecord(bytes, meta);
    else batches.undoRecord();
    return true;
  }

  #endRecord(bytes: Buffer, meta: RecordMeta): void {
    try {
      this.#batches.endRecord(bytes, this.#times, meta);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#ledger.refused(this.#number);
      this.#onRefused(this.#number, error);
    }
  }

  #enterStream(stream: StreamDescriptor): void {
    this.#number = this.numberOf(stream);
    this.#batches = this.#streams[this.#number]!.batches;
    this.#stream = stream;
  }

  /** Once per chunk: looks at the clock. */
  #enterBuffer(bytes: Buffer): void {
    this.#buffer = bytes;
    this.#times.normalizedAt = new Date(this.#now()).toISOString();
  }

  #setEmittedAt(emittedAt: number): void {
    if (!(emittedAt >= 0 && emittedAt <= MAX_EMITTED_AT))
      throw new BadLine("has an `emitted_at` that is no time in milliseconds");
    this.#emittedAt = emittedAt;
    this.#times.emittedAt = new Date(emittedAt).toISOString();
  }
}

function numbersByName(
  streams: readonly LoadedStream<unknown>[],
): Map<string, StreamNumber | undefined> {
  const numbers = new Map<string, StreamNumber | undefined>();
  for (const [number, { stream }] of streams.entries())
    numbers.set(stream.name, numbers.has(stream.name) ? undefined : number);
  return numbers;
}

/** What we know of the `meta` of a record. Throws `BadLine` for one that is none. */
function metaOf(bytes: Buffer, start: number, end: number): RecordMeta {
  if (start === -1) return NO_META;
  const said = JSON.parse(bytes.toString("utf8", start, end)) as Record<string, unknown>;
  const meta: Record<string, unknown> = {};
  for (const [name, isList] of KNOWN_META) {
    const value = said[name] ?? undefined;
    if (value === undefined) continue;
    if (Array.isArray(value) !== isList)
      throw new BadLine(`has a \`meta.${name}\` that is ${isList ? "no" : "an"} array`);
    meta[name] = value;
  }
  if (Object.keys(meta).length === 0) return NO_META;
  if (nestingOf(bytes.subarray(start, end)) > MAX_NESTING)
    throw new BadLine(`has a \`meta\` that is nested deeper than ${MAX_NESTING} levels`);
  return meta;
}
