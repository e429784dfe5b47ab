import {
  sameStream,
  streamKey,
  streamLabel,
  type StreamDescriptor,
} from "../../protocol/catalog.ts";
import { asFailure, type Failure } from "../../protocol/errors.ts";
import type { FailureReport } from "../store/jobs.ts";

/** One thing that went wrong in an attempt. */
export interface AttemptFailure {
  readonly origin: "source" | "destination" | "syncline";
  readonly failure: Failure;
  /**
   * Whether it only follows from another one: a source that dies leaves its streams incomplete, a
   * destination that is told nothing is complete complains.
   */
  readonly isConsequence: boolean;
}

/** Something thrown, with the side it comes from. */
export function thrownFailure(thrown: unknown): AttemptFailure {
  const failure = asFailure(thrown);
  return { origin: failure.origin ?? "syncline", failure, isConsequence: false };
}

/** Whether a failure names this stream, in the names of the side it comes from. */
export function isOfStream(
  { origin, failure: { stream } }: AttemptFailure,
  names: { readonly source: StreamDescriptor; readonly destination: StreamDescriptor },
): boolean {
  const own = origin === "destination" ? names.destination : names.source;
  return stream !== undefined && sameStream(descriptorOf(stream), own);
}

/** Those that follow from nothing else. */
export function causesOf(failures: readonly AttemptFailure[]): readonly AttemptFailure[] {
  return failures.filter(({ isConsequence }) => !isConsequence);
}

/**
 * Whether another attempt may go better: any cause may pass with time, whichever came first. Only
 * what is wrong with the configuration does not.
 */
export function mayPassWithTime(failures: readonly AttemptFailure[]): boolean {
  return causesOf(failures).some(({ failure }) => failure.kind !== "config_error");
}

/** Whether nothing is wrong but what passes: a server that is away. */
export function willPassWithTime(failures: readonly AttemptFailure[]): boolean {
  return causesOf(failures).every(({ failure }) => failure.kind === "transient_error");
}

/** Most failures shown of an attempt: a sync of a thousand streams may have as many. */
const MAX_SHOWN = 20;

/** The first of them for the records, without secrets, and how many more there are. */
export function failureReports(
  failures: readonly AttemptFailure[],
  redact: (text: string) => string,
): { shown: FailureReport[]; more: number } {
  const shown = failures.slice(0, MAX_SHOWN).map(({ origin, failure }) => ({
    origin,
    code: failure.code,
    kind: failure.kind,
    message: redact(failure.message),
    ...(failure.hint !== undefined && { hint: redact(failure.hint) }),
    ...(failure.stream && { stream: streamLabel(descriptorOf(failure.stream)) }),
  }));
  return { shown, more: failures.length - shown.length };
}

/** The stream a failure names. */
export function descriptorOf({
  name,
  namespace,
}: NonNullable<Failure["stream"]>): StreamDescriptor {
  return namespace ? { name, namespace } : { name };
}

/** Errors of one connector kept in full. */
const MAX_KEPT = 100;

/**
 * Gathers the TRACE ERRORs of a connector. A connector in a loop costs bounded memory: behind the
 * first hundred, one error is kept of each that a judgement could tell apart (kind, code, stream of
 * the sync). The log has all of them.
 */
export class ReportedErrors {
  readonly #streams: ReadonlySet<string>;
  readonly #kept: Failure[] = [];
  readonly #seen = new Set<string>();

  /** @param streams `streamKey`s of the sync, in the connector's names. */
  constructor(streams: ReadonlySet<string>) {
    this.#streams = streams;
  }

  get all(): readonly Failure[] {
    return this.#kept;
  }

  add(failure: Failure): void {
    const { code, kind } = failure;
    const key = failure.stream && streamKey(descriptorOf(failure.stream));
    const stream = key !== undefined && this.#streams.has(key) ? key : "";
    const identity = `${kind} ${code} ${stream}`;
    if (this.#kept.length >= MAX_KEPT && this.#seen.has(identity)) return;
    this.#seen.add(identity);
    this.#kept.push(failure);
  }
}
