import { streamKey, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { membersOf } from "../../../protocol/json-scan.ts";
import type { StateLine, StateType, StreamStatePart } from "../../../protocol/state.ts";
import { globalInput, isErased } from "../../store/global-state.ts";
import { writeState, type ConnectionState, type StreamEntry } from "../../store/state-file.ts";

/** Acknowledgements that come faster are saved together; nothing is lost by it but repeated work. */
const SAVE_EVERY_MS = 1_000;

/**
 * Keeps the state of one connection on disk.
 *
 * Invariant: it only ever holds states that the destination has given back, in the source's own
 * bytes and names.
 */
export class StateKeeper {
  readonly #path: string;
  readonly #connection: string;
  readonly #state: ConnectionState;
  readonly #onFailure: (error: unknown) => void;
  readonly #lost: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #savedAt = 0;
  #isDirty = false;
  /** Called when all that was accepted is on disk. */
  onSaved: () => void = () => {};

  /**
   * @param onFailure gets what a save made in the background throws.
   * @param lost aborts when the file is another process's to write.
   */
  constructor(
    path: string,
    connection: string,
    state: ConnectionState,
    onFailure: (error: unknown) => void,
    lost?: AbortSignal,
  ) {
    this.#path = path;
    this.#connection = connection;
    this.#state = state;
    this.#onFailure = onFailure;
    this.#lost = lost;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** What kind of STATE earlier syncs of these streams left; undefined when there is no position. */
  kindOf(streams: readonly StreamDescriptor[]): StateType | undefined {
    const { legacy, global } = this.#state;
    if (legacy) return "LEGACY";
    if (global) return "GLOBAL";
    const entries = streams.map((stream) => this.entry(stream));
    const hasPosition = entries.some((entry) => entry?.blob && entry.sync_mode === "incremental");
    return hasPosition ? "STREAM" : undefined;
  }

  entry(stream: StreamDescriptor): StreamEntry | undefined {
    return this.#state.streams.get(streamKey(stream));
  }

  /** Where a stream stands: its own position, or that of all streams. */
  positionOf(stream: StreamDescriptor): Buffer | undefined {
    const { legacy, global } = this.#state;
    return legacy ?? global ?? this.entry(stream)?.blob;
  }

  /**
   * What `read --state` gets for these streams: an array of STREAM bodies, an array of one GLOBAL
   * body, or the bare blob of a source of the oldest kind, blobs in their own bytes. Undefined when
   * there is no state.
   */
  input(streams: readonly StreamDescriptor[]): Buffer | undefined {
    const { legacy, global } = this.#state;
    if (legacy) return legacy;
    if (global) return globalInput(global);
    const bodies = streams.flatMap((stream) => {
      const entry = this.entry(stream);
      return entry?.blob ? [streamBody(entry.stream, entry.blob)] : [];
    });
    for (const { unasked, stream, blob } of this.#state.streams.values())
      if (unasked && blob) bodies.push(streamBody(stream, blob));
    if (bodies.length === 0) return undefined;
    const parts = bodies.flatMap((body, index) => [Buffer.from(index === 0 ? "[" : ","), body]);
    return Buffer.concat([...parts, Buffer.from("]\n")]);
  }

  /**
   * Takes over an acknowledged STATE; it is on disk a second later, or after `flush`.
   *
   * @param isLast whether its source said COMPLETE behind it.
   */
  accept(line: StateLine, isLast: boolean): void {
    if (line.type === "LEGACY") this.#setWhole("legacy", line.data);
    else if (line.type === "GLOBAL") {
      this.#setWhole("global", isErased(line) ? undefined : globalObject(line));
      delete this.#state.legacy;
    } else {
      const { stream, blob } = line.streams[0]!;
      // Every stream of a run has an entry: `settleStates` made it.
      const entry = this.#state.streams.get(streamKey(stream))!;
      if (blob) entry.blob = blob;
      else delete entry.blob;
      delete entry.set_by_user;
      delete entry.is_empty;
      if (isLast && entry.unfinished) entry.is_whole = true;
      else delete entry.is_whole;
      this.#outgrowLegacy(entry);
    }
    this.changed();
  }

  /**
   * Takes over a STATE of a stream that nobody asked for. No destination vouches for it: to be called
   * when everything that came before it is in place.
   */
  acceptUnasked({ stream, blob }: StreamStatePart): void {
    const key = streamKey(stream);
    const entry = this.#state.streams.get(key);
    if (entry && !entry.unasked) return; // the position of a stream that was selected before
    if (blob) this.#state.streams.set(key, { stream, generation: 0, unasked: true, blob });
    else this.#state.streams.delete(key);
    this.changed();
  }

  /** The one old state counts until every stream of the run has one of its own. */
  #outgrowLegacy({ job }: StreamEntry): void {
    if (this.#state.legacy === undefined) return;
    const ofThisRun = [...this.#state.streams.values()].filter((entry) => entry.job === job);
    if (ofThisRun.every(({ blob }) => blob !== undefined)) delete this.#state.legacy;
  }

  /**
   * A stream's run is over and all of it is in the destination: a refresh of it is done.
   *
   * @param isEmpty whether nothing took the place of what was there.
   */
  complete(stream: StreamDescriptor, isEmpty: boolean): void {
    const entry = this.entry(stream);
    if (entry === undefined) return;
    delete entry.truncating;
    delete entry.set_by_user;
    delete entry.unfinished;
    delete entry.is_whole;
    if (isEmpty) entry.is_empty = true;
    this.changed();
  }

  /** Something in `state` was changed: save it soon. */
  changed(): void {
    this.#isDirty = true;
    if (this.#timer) return;
    const wait = Math.max(0, this.#savedAt + SAVE_EVERY_MS - Date.now());
    this.#timer = setTimeout(() => {
      try {
        this.flush();
      } catch (error) {
        this.#onFailure(error);
      }
    }, wait);
  }

  /** Saves now what is not saved yet. Throws `state.unwritable`, and the reason of `lost`. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isDirty) return;
    this.#lost?.throwIfAborted();
    writeState(this.#path, this.#connection, this.#state);
    this.#isDirty = false;
    this.#savedAt = Date.now();
    this.onSaved();
  }

  #setWhole(key: "global" | "legacy", bytes: Buffer | undefined): void {
    delete this.#state.cleared;
    if (bytes) this.#state[key] = bytes;
    else delete this.#state[key];
  }
}

function streamBody(stream: StreamDescriptor, blob: Buffer): Buffer {
  const descriptor = JSON.stringify(stream);
  return Buffer.concat([
    Buffer.from(`{"type":"STREAM","stream":{"stream_descriptor":${descriptor},"stream_state":`),
    blob,
    Buffer.from("}}"),
  ]);
}

/** The bytes of the `global` object of a GLOBAL. */
export function globalObject({ places: { bytes, body } }: StateLine): Buffer {
  const span = membersOf(bytes, body.start, body.end)!.of("global")!;
  return bytes.subarray(span.start, span.end);
}
