import { asFailure, type Failure } from "../../../protocol/errors.ts";

/**
 * Why the last form of each connection was refused. The page after it gets a code in its address, where
 * anybody could write a text of their own; the text is looked up here.
 */
export class Outcomes {
  readonly #failures = new Map<string, Failure>();

  /** Keeps why it was refused. Returns the code. */
  refused(connection: string, thrown: unknown): string {
    const failure = asFailure(thrown);
    this.#failures.set(connection, failure);
    return failure.code;
  }

  /** What is known of the last refusal, if it is of this code. */
  of(connection: string, code: string | undefined): Failure | undefined {
    const failure = this.#failures.get(connection);
    return failure?.code === code ? failure : undefined;
  }
}
