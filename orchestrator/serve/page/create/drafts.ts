import { randomBytes } from "node:crypto";
import type { Failure } from "../../../../protocol/errors.ts";
import type { NewEnds, OfferedTable } from "../../service.ts";
import type { Chosen } from "./chosen.ts";

/** How long what was entered is kept, in milliseconds. */
const KEPT_MS = 30 * 60_000;

/** Most that are kept at once; the oldest one goes first. */
const MAX_KEPT = 20;

/** A connection that is being created. Its ends hold passwords: they are kept here and shown nowhere. */
export interface Draft {
  readonly ends: NewEnds;
  /** Undefined: the ends could not be tried yet. */
  readonly tables: readonly OfferedTable[] | undefined;
  /** What was chosen so far, as it was entered. */
  readonly chosen: Chosen | undefined;
  /** What is wrong with what was entered, in sentences. */
  readonly mistakes: readonly string[];
  readonly failure: Failure | undefined;
}

/**
 * Connections that are being created, in memory, by a name that nobody can guess: between two forms,
 * passwords go through no page.
 */
export class Drafts {
  readonly #kept = new Map<string, { readonly draft: Draft; readonly until: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Keeps one. Returns its name. */
  add(draft: Draft): string {
    const id = randomBytes(16).toString("hex");
    this.put(id, draft);
    return id;
  }

  put(id: string, draft: Draft): void {
    this.#kept.delete(id);
    this.#kept.set(id, { draft, until: this.#now() + KEPT_MS });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(oldest!);
  }

  /** Undefined: there is none of that name, or not any more. */
  get(id: string): Draft | undefined {
    for (const [name, { until }] of this.#kept) if (until < this.#now()) this.#kept.delete(name);
    return this.#kept.get(id)?.draft;
  }

  remove(id: string): void {
    this.#kept.delete(id);
  }
}
