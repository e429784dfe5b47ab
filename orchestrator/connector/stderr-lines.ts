/** Longest line kept of stderr, in characters; the rest of the line is counted and dropped. */
const MAX_LINE_CHARS = 4_000;

/** Most of one process's stderr that is kept, in characters. */
const MAX_TOTAL_CHARS = 4 * 1024 * 1024;

/** Lines kept for whoever wants to know how it ended. */
const MAX_LAST_LINES = 60;

/** Cuts stderr into lines of bounded length. A flood without newlines costs no memory. */
export class StderrLines {
  readonly #onLine: (line: string) => void;
  /** The newest lines. */
  readonly last: string[] = [];
  #held = "";
  #dropped = 0;
  #total = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    if (this.#total > MAX_TOTAL_CHARS) return;
    // Text for people: a character cut in two by the pipe may show as U+FFFD.
    const parts = bytes.toString("utf8").split("\n");
    for (const [index, part] of parts.entries()) {
      const room = MAX_LINE_CHARS - this.#held.length;
      this.#held += part.slice(0, room);
      this.#dropped += Math.max(0, part.length - room);
      if (index < parts.length - 1) this.end();
    }
  }

  /** The line ends here; at the end of stderr it may do so without a newline. */
  end(): void {
    const line = this.#held + (this.#dropped > 0 ? ` … (${this.#dropped} more characters)` : "");
    this.#held = "";
    this.#dropped = 0;
    this.#total += line.length;
    if (line.trim() !== "") {
      this.#onLine(line);
      this.last.push(line);
      if (this.last.length > MAX_LAST_LINES) this.last.shift();
    }
    if (this.#total > MAX_TOTAL_CHARS) this.#onLine("… stderr goes on; the rest is not kept");
  }
}
