import { isUtf8 } from "node:buffer";
import { streamKey, streamLabel, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { MALFORMED } from "../../../protocol/json-scan.ts";
import type { RecordChange } from "../../../protocol/messages.ts";
import { RecordReader } from "../../../protocol/record-line.ts";
import type { Loader } from "./loader.ts";

const NEWLINE = 0x0a;

/** Last millisecond of the year 9999; later ones have no ISO text PostgreSQL reads. */
const MAX_EMITTED_AT = 253_402_300_799_999;

/** Says that the line at hand cannot be used; the caller knows its number. */
export class BadLine extends Error {}

/**
 * Takes RECORD lines in: finds the stream's loader and has it encode the row. Synchronous, without
 * parsing anything but heads it has not seen before.
 */
export class RecordIntake {
  readonly #loaders: ReadonlyMap<string, Loader>;
  readonly #defaultNamespace: string;
  readonly #reader = new RecordReader();
  readonly #now: () => number;
  #stream: StreamDescriptor | undefined;
  #loader: Loader | undefined;
  #times: { emittedAt: string; normalizedAt: string } = { emittedAt: "", normalizedAt: "" };
  #emittedAt = Number.NaN;
  #buffer: Buffer | undefined;
  #isValidUtf8 = false;

  /** @param loaders by `streamKey`. @param defaultNamespace what a missing namespace stands for. */
  constructor(loaders: ReadonlyMap<string, Loader>, defaultNamespace: string, now: () => number) {
    this.#loaders = loaders;
    this.#defaultNamespace = defaultNamespace;
    this.#now = now;
  }

  /** The loader of a stream; throws `protocol.unknown_stream` when the catalog does not have it. */
  loaderOf(stream: StreamDescriptor): Loader {
    const loader =
      this.#loaders.get(streamKey(stream)) ??
      // A source may spell the namespace out that the catalog leaves to the default, and vice versa.
      (stream.namespace
        ? stream.namespace === this.#defaultNamespace
          ? this.#loaders.get(streamKey({ name: stream.name }))
          : undefined
        : this.#loaders.get(streamKey({ name: stream.name, namespace: this.#defaultNamespace })));
    if (loader !== undefined) return loader;
    throw new Failure(
      "protocol.unknown_stream",
      `the stream ${streamLabel(stream)} is not in the catalog`,
      { hint: "give the destination the catalog the source reads" },
    );
  }

  /**
   * Takes the line `bytes[start..end)` when it is a RECORD; false for any other line. Throws
   * `BadLine` or a `Failure` without position.
   */
  take(bytes: Buffer, start: number, end: number): boolean {
    if (bytes !== this.#buffer) this.#enterBuffer(bytes, start);
    if (!this.#isValidUtf8 && !isUtf8(bytes.subarray(start, end)))
      throw new BadLine("is not UTF-8");
    const reader = this.#reader;
    if (!reader.read(bytes, start, end)) return false;
    const loader = this.#loaderOfLine(reader.stream);
    if (reader.emittedAt !== this.#emittedAt) this.#setEmittedAt(reader.emittedAt);

    const { encoder } = loader;
    let changes: readonly RecordChange[] = [];
    let after = encoder.readData(bytes, reader.dataStart, end, loader.batch.final);
    if (after === MALFORMED) throw new BadLine("is not a well-formed RECORD");
    if (reader.dataEnd === -1 ? !reader.finish(bytes, after, end) : reader.metaStart !== -1) {
      encoder.undoRow(loader.batch.final);
      reader.locateData(bytes, start, end);
      changes = changesOf(bytes, reader.metaStart, reader.metaEnd);
      after = encoder.readData(bytes, reader.dataStart, end, loader.batch.final);
      if (after !== reader.dataEnd) throw new BadLine("is not a well-formed RECORD");
    }
    loader.endRow(bytes, this.#times, changes);
    return true;
  }

  #loaderOfLine(stream: StreamDescriptor): Loader {
    // The reader hands out the same object as long as the head stays the same.
    if (stream !== this.#stream) {
      this.#loader = this.loaderOf(stream);
      this.#stream = stream;
    }
    return this.#loader!;
  }

  /** Once per chunk: checks all of its whole lines at once, and looks at the clock. */
  #enterBuffer(bytes: Buffer, start: number): void {
    this.#buffer = bytes;
    const last = bytes.lastIndexOf(NEWLINE);
    this.#isValidUtf8 = isUtf8(bytes.subarray(start, last >= start ? last : bytes.length));
    this.#times.normalizedAt = new Date(this.#now()).toISOString();
  }

  #setEmittedAt(emittedAt: number): void {
    if (!(emittedAt >= 0 && emittedAt <= MAX_EMITTED_AT))
      throw new BadLine("has an `emitted_at` that is no time in milliseconds");
    this.#emittedAt = emittedAt;
    this.#times.emittedAt = new Date(emittedAt).toISOString();
  }
}

/** The `changes` of a record's `meta`. Throws `BadLine` for ones that are none. */
function changesOf(bytes: Buffer, start: number, end: number): readonly RecordChange[] {
  if (start === -1) return [];
  const meta = JSON.parse(bytes.toString("utf8", start, end)) as { changes?: unknown };
  if (meta.changes === undefined || meta.changes === null) return [];
  if (!Array.isArray(meta.changes)) throw new BadLine("has a `meta.changes` that is no array");
  return meta.changes as RecordChange[];
}
