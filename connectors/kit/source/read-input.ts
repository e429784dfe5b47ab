import { setMaxListeners } from "node:events";
import type { Readable } from "node:stream";
import { Failure } from "../../../protocol/errors.ts";
import { LineSplitter } from "../../../protocol/framing.ts";
import { membersOf, skipSpace, textAt } from "../../../protocol/json-scan.ts";
import { readStateLine } from "../../../protocol/state.ts";
import { readStateFile, type SavedState } from "../../../protocol/state-file.ts";

/**
 * What a source is told on its stdin while it reads: a STATE for each that the destination has committed,
 * and STOP. Lines of other types are passed over.
 */
export class ReadInput {
  readonly #stdin: Readable;
  readonly #stop = new AbortController();
  readonly #splitter = new LineSplitter();
  /** What came and was not taken yet, as one. */
  #untaken: SavedState | undefined;
  #isOver = false;
  #failure: Failure | undefined;
  #wake: () => void = () => {};

  constructor(stdin: Readable) {
    this.#stdin = stdin;
    setMaxListeners(0, this.#stop.signal);
    void this.#listen();
  }

  /** Aborts with STOP, or when stdin ends: nobody is there any more who would say it. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /**
   * The committed states, for one reader. What comes while that does something else becomes one state,
   * in which the last of each stream counts. Throws `protocol.bad_message` behind a broken STATE.
   */
  async *acknowledged(): AsyncGenerator<SavedState> {
    for (;;) {
      while (this.#untaken === undefined) {
        if (this.#failure) throw this.#failure;
        if (this.#isOver) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      const state = this.#untaken;
      this.#untaken = undefined;
      yield state;
    }
  }

  /** Listens no more; an open stdin would keep the process alive. */
  close(): void {
    this.#stdin.destroy();
  }

  async #listen(): Promise<void> {
    try {
      for await (const chunk of this.#stdin as AsyncIterable<Buffer>) {
        this.#splitter.push(chunk, this.#onLine);
        this.#wake();
      }
    } catch (error) {
      if (error instanceof Failure) this.#failure = error; // any other is of a pipe: that has ended
    }
    this.#isOver = true;
    this.#stop.abort();
    this.#wake();
  }

  readonly #onLine = (bytes: Buffer, start: number, end: number): void => {
    if (readStateLine(bytes, start, end) !== undefined) {
      const state = readStateFile(Buffer.from(bytes.subarray(start, end)));
      this.#untaken = together(this.#untaken, state);
      return;
    }
    const message = membersOf(bytes, skipSpace(bytes, start, end), end);
    if (textAt(bytes, message?.of("type")) === "STOP") this.#stop.abort();
  };
}

function together(before: SavedState | undefined, next: SavedState): SavedState {
  if (before?.kind !== "STREAM" || next.kind !== "STREAM") return next;
  return { ...next, streams: new Map([...before.streams, ...next.streams]) };
}
