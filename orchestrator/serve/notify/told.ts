import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asFailure } from "../../../protocol/errors.ts";
import { replaceFile } from "../../store/atomic-file.ts";
import type { Trouble } from "./news.ts";

/**
 * What was told and is not over, by connection: `notified.json` in the home. A restart neither tells it
 * again nor forgets that its end is to be told. Lost, it costs a word too many.
 */
export class Told {
  readonly #path: string;
  readonly #note: (line: string) => void;
  readonly #troubles: Map<string, Trouble>;

  constructor(home: string, note: (line: string) => void) {
    this.#path = join(home, "notified.json");
    this.#note = note;
    this.#troubles = this.#read();
  }

  of(connection: string): Trouble | undefined {
    return this.#troubles.get(connection);
  }

  /** Undefined: it is over. */
  set(connection: string, trouble: Trouble | undefined): void {
    if (trouble === undefined && !this.#troubles.has(connection)) return;
    if (trouble === undefined) this.#troubles.delete(connection);
    else this.#troubles.set(connection, trouble);
    const content = JSON.stringify(Object.fromEntries(this.#troubles), null, 2);
    try {
      replaceFile(this.#path, `${content}\n`, { durable: false });
    } catch (error) {
      this.#note(
        `what was told cannot be kept, and may be told again: ${asFailure(error).message}`,
      );
    }
  }

  #read(): Map<string, Trouble> {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch {
      return new Map(); // nothing was told yet
    }
    try {
      const entries = Object.entries(JSON.parse(text) as Record<string, Trouble>);
      return new Map(entries.filter(([, { causes }]) => Array.isArray(causes)));
    } catch {
      this.#note(`${this.#path} cannot be read, and failures may be told again`);
      return new Map();
    }
  }
}
