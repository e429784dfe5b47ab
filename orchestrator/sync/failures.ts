import { asFailure, type Failure, type FailureCode } from "../../protocol/errors.ts";
import { streamLabel } from "../../protocol/catalog.ts";
import type { Redact } from "../../protocol/config/secrets.ts";
import type { FailureReport } from "../store/jobs.ts";

export type Origin = "source" | "destination" | "syncline";

interface Entry {
  readonly origin: Origin;
  readonly failure: Failure;
  readonly isConsequence: boolean;
}

/** Most failures kept of an attempt. */
const MAX_KEPT = 20;

/**
 * What went wrong in an attempt. One failure makes others: a source that dies breaks a pipe, a
 * destination that is told nothing is complete complains. Consequences are kept, behind their cause.
 */
export class Failures {
  readonly #entries: Entry[] = [];

  get any(): boolean {
    return this.#entries.length > 0;
  }

  /** The first failure that is nobody's consequence, else the first. */
  get root(): Failure | undefined {
    return this.#ordered()[0]?.failure;
  }

  /** All with this code. */
  ofCode(code: FailureCode): Failure[] {
    return this.#entries.flatMap(({ failure }) => (failure.code === code ? [failure] : []));
  }

  has(origin: Origin): boolean {
    return this.#entries.some((entry) => entry.origin === origin && !entry.isConsequence);
  }

  add(origin: Origin, thrown: unknown, isConsequence = false): void {
    if (this.#entries.length >= MAX_KEPT) return;
    this.#entries.push({ origin, failure: asFailure(thrown), isConsequence });
  }

  /** For the records, without secrets, the root cause first. */
  reports(redact: Redact): FailureReport[] {
    return this.#ordered().map(({ origin, failure }) => ({
      origin,
      code: failure.code,
      kind: failure.kind,
      message: redact(failure.message),
      ...(failure.hint !== undefined && { hint: redact(failure.hint) }),
      ...(failure.stream && {
        stream: streamLabel({
          name: failure.stream.name,
          namespace: failure.stream.namespace ?? null,
        }),
      }),
    }));
  }

  #ordered(): Entry[] {
    return [...this.#entries].sort((a, b) => Number(a.isConsequence) - Number(b.isConsequence));
  }
}
