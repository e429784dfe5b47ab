import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import ndjson from "ndjson";
import type { LogLevel } from "../../protocol/messages.ts";
import { escapeControls } from "../escape.ts";
import { redactStrings, type Redact } from "../../protocol/config/secrets.ts";

/** Longest log line, in characters. */
const MAX_LINE_CHARS = 16_000;

/** Most a log grows to, in characters; a connector in a loop must not fill the disk. */
const MAX_LOG_CHARS = 256 * 1024 * 1024;

/** Most warnings that are kept beside the log. */
const MAX_WARNINGS = 20;

/** Something that happened, for programs. Values are ours: names, counts, times, never rows. */
export type AttemptEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

export interface LogLine {
  readonly level: LogLevel;
  /** `syncline`, `source shop`, `destination warehouse`. */
  readonly origin: string;
  readonly text: string;
}

/**
 * The log of one attempt, for people (`logs.log`) and for programs (`events.ndjson`). Secrets are
 * hidden and control characters escaped before anything is written. Writing never fails: a full
 * disk costs the log, not the sync.
 */
export class AttemptLog {
  readonly #text: number | undefined;
  readonly #events: number | undefined;
  readonly #encoder = ndjson.stringify();
  readonly #listener: ((line: LogLine) => void) | undefined;
  /** What was warned of, the first ones: redacted, with control characters. */
  readonly warnings: string[] = [];
  #redact: Redact = (text) => text;
  #chars = 0;

  /**
   * @param folder where the two files go; undefined keeps nothing.
   * @param listener also gets every line, redacted and escaped.
   */
  constructor(folder?: string, listener?: (line: LogLine) => void) {
    this.#listener = listener;
    if (folder === undefined) return;
    this.#text = opened(folder, "logs.log");
    this.#events = opened(folder, "events.ndjson");
    this.#encoder.on("data", (line: string) => this.#append(this.#events, line));
  }

  /** From here on, what `redact` knows is hidden, too. */
  hide(redact: Redact): void {
    const before = this.#redact;
    this.#redact = (text) => redact(before(text));
  }

  /** `text` without secrets. */
  redacted(text: string): string {
    return this.#redact(text);
  }

  /** A line of our own. */
  own(level: LogLevel, text: string): void {
    this.connector("syncline", level, text);
  }

  /** A line of a connector. */
  connector(origin: string, level: LogLevel, text: string): void {
    const redacted = this.#redact(text);
    if (level === "WARN" && this.warnings.length < MAX_WARNINGS)
      this.warnings.push(`${origin}: ${redacted.slice(0, MAX_LINE_CHARS)}`);
    const lines = redacted.split("\n");
    for (const line of lines) {
      const safe = escapeControls(line).slice(0, MAX_LINE_CHARS);
      this.#listener?.({ level, origin, text: safe });
      const time = new Date().toISOString();
      this.#append(this.#text, `${time} ${level.padEnd(5)} ${origin}: ${safe}\n`);
    }
  }

  event(event: AttemptEvent): void {
    if (this.#events === undefined) return;
    this.#encoder.write({ at: new Date().toISOString(), ...redactStrings(event, this.#redact) });
  }

  close(): void {
    for (const file of [this.#text, this.#events]) if (file !== undefined) closeSync(file);
  }

  #append(file: number | undefined, text: string): void {
    if (file === undefined || this.#chars > MAX_LOG_CHARS) return;
    this.#chars += text.length;
    try {
      writeSync(file, text);
    } catch {
      // A full disk: the sync goes on without its log.
    }
  }
}

/** Undefined where there is no room for it. */
function opened(folder: string, name: string): number | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(join(folder, name), "a", 0o600);
  } catch {
    return undefined;
  }
}
