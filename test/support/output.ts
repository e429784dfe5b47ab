import type { Readable } from "node:stream";

interface Waiting {
  readonly isWanted: (line: string) => boolean;
  readonly found: (line: string) => void;
}

/** Collects what a process prints, and tells whoever waits for a line of it. */
export class CollectedOutput {
  #text = "";
  /** Where the first line not yet shown to the waiting starts. */
  #lineStart = 0;
  #waiting: Waiting[] = [];

  constructor(stream: Readable) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
      if (this.#waiting.length > 0) this.#show();
    });
  }

  get text(): string {
    return this.#text;
  }

  /** The first line, printed already or later, that `isWanted`; pending for ever without one. */
  async line(isWanted: (line: string) => boolean): Promise<string> {
    const printed = this.#text.split("\n").slice(0, -1).find(isWanted);
    if (printed !== undefined) return printed;
    if (this.#waiting.length === 0) this.#lineStart = this.#text.lastIndexOf("\n") + 1;
    return new Promise((found) => {
      this.#waiting.push({ isWanted, found });
    });
  }

  #show(): void {
    for (;;) {
      const end = this.#text.indexOf("\n", this.#lineStart);
      if (end === -1) return;
      const line = this.#text.slice(this.#lineStart, end);
      this.#lineStart = end + 1;
      this.#waiting = this.#waiting.filter(({ isWanted, found }) => {
        if (!isWanted(line)) return true;
        found(line);
        return false;
      });
    }
  }
}
