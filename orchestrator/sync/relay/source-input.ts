import type { Writable } from "node:stream";
import type { SentState } from "./acknowledgements.ts";

const NEWLINE = Buffer.from("\n");
const STOP = '{"type":"STOP"}\n';

/**
 * What a source is told on its stdin: which of its STATEs the destination has committed, in its own bytes
 * and names, and to stop. Whoever reads slowly, or not at all, holds nobody up: of STATEs that follow
 * each other the last one waits.
 */
export class SourceInput {
  readonly #stream: Writable;
  /** Committed and not saved yet; by scope, the last one behind all others. */
  readonly #unsaved = new Map<string, SentState>();
  /** To be told when there is room. */
  readonly #waiting = new Map<string, SentState>();

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("drain", () => this.#write());
    stream.on("error", () => {}); // it ended; its exit tells why
  }

  /** A STATE is committed. It is told when that is on our disk, too. */
  acknowledge(sent: SentState): void {
    if (!sent.isOurs) setLast(this.#unsaved, sent);
  }

  /**
   * What was acknowledged so far is saved. Not before may a source forget what it covers: nobody could go
   * back to an older STATE.
   */
  saved(): void {
    for (const sent of this.#unsaved.values()) setLast(this.#waiting, sent);
    this.#unsaved.clear();
    this.#write();
  }

  /** Asks for an end in good order. */
  stop(): void {
    if (this.#stream.writable) this.#stream.write(STOP);
  }

  /** Nothing will be acknowledged any more. */
  end(): void {
    this.#stream.end();
  }

  #write(): void {
    for (const [scope, { line }] of this.#waiting) {
      if (!this.#stream.writable || this.#stream.writableNeedDrain) return;
      this.#waiting.delete(scope);
      const { bytes, line: at } = line.places;
      this.#stream.write(Buffer.concat([bytes.subarray(at.start, at.end), NEWLINE]));
    }
  }
}

function setLast(states: Map<string, SentState>, sent: SentState): void {
  states.delete(sent.scope);
  states.set(sent.scope, sent);
}
