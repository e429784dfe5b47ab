import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure, type FailureCode, type FailureDetails } from "../../../protocol/errors.ts";

/** A stream that a sync goes on without, and why. */
export interface LeftOut {
  /** As the source has it or, where it has none of the kind, as the configuration names it. */
  readonly source: StreamDescriptor;
  readonly failure: Failure;
}

/** Leaves a stream out for a failure of its own, which names it. */
export function leftOut(
  { name, namespace }: StreamDescriptor,
  code: FailureCode,
  message: string,
  details: Pick<FailureDetails, "hint" | "origin"> = {},
): LeftOut {
  const stream = { name, namespace: namespace || undefined };
  return {
    source: namespace ? { name, namespace } : { name },
    failure: new Failure(code, message, { ...details, stream }),
  };
}

/**
 * Everything that keeps streams from being synced, in one failure. Its code is theirs when they agree.
 */
export function allLeftOut(all: readonly LeftOut[]): Failure {
  const failures = all.map(({ failure }) => failure);
  const [first] = failures;
  const agree = failures.every(({ code, hint }) => code === first?.code && hint === first.hint);
  return new Failure(
    agree && first ? first.code : "config.invalid",
    failures.map(({ message }) => message).join("\n"),
    agree && first ? { hint: first.hint } : {},
  );
}
