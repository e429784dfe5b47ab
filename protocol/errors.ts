/** Who has to act. These are the words of `trace.error.failure_type` in Airbyte's protocol. */
export type FailureKind = "config_error" | "transient_error" | "system_error";

/**
 * Every failure this project can report. A code is a public contract: users search for it and
 * scripts match on it, so rename one only with a major version.
 */
export const FAILURES = {
  "config.invalid": "config_error",
  "config.unreadable": "config_error",
  "catalog.invalid": "config_error",
  "usage.invalid": "config_error",

  "postgres.auth_failed": "config_error",
  "postgres.permission_denied": "config_error",
  "postgres.object_missing": "config_error",
  "postgres.object_in_use": "config_error",
  "postgres.tls": "config_error",
  "postgres.constraint": "config_error",
  "postgres.bad_value": "config_error",
  "postgres.too_large": "config_error",
  "postgres.unreachable": "transient_error",
  "postgres.connection_lost": "transient_error",
  "postgres.conflict": "transient_error",
  "postgres.out_of_resources": "transient_error",
  "postgres.failed": "system_error",

  "ssh.not_installed": "config_error",
  "ssh.host_key": "config_error",
  "ssh.auth_failed": "config_error",
  "ssh.forward_refused": "config_error",
  "ssh.unreachable": "transient_error",
  "ssh.lost": "transient_error",

  "protocol.line_too_long": "system_error",
  "protocol.bad_message": "system_error",
  "protocol.torn_line": "system_error",
  "protocol.unknown_stream": "system_error",

  "connector.not_found": "config_error",
  "connector.not_installed": "config_error",
  "connector.exited": "system_error",
  "connector.closed_stdin": "system_error",
  "connector.silent": "transient_error",
  "connector.no_answer": "system_error",
  "connector.reported": "system_error",

  "table.owned": "config_error",
  "table.exchanged": "config_error",
  "table.changed": "config_error",

  "stream.incomplete": "system_error",
  "stream.cursor_invalid": "config_error",
  "stream.key_invalid": "config_error",
  "stream.missing": "config_error",
  "sync.interrupted": "transient_error",
  "sync.locked": "transient_error",
  "sync.counts_disagree": "system_error",
  "source.schema_changed": "transient_error",
  "cdc.not_set_up": "config_error",
  "cdc.slot_in_use": "transient_error",
  "cdc.position_lost": "config_error",
  "cdc.slot_too_large": "config_error",
  "state.invalid": "config_error",
  "state.superseded": "transient_error",
  "state.unwritable": "system_error",
  "temporary.unwritable": "config_error",
  "output.closed": "system_error",
  "internal.bug": "system_error",
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof FAILURES;

export interface FailureDetails {
  /** One sentence telling the user what to change. */
  readonly hint?: string | undefined;
  /** Facts worth printing. Names, counts and limits only; never row values or secrets. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  /** The stream this failure belongs to, in the names of whoever throws. */
  readonly stream?: { readonly name: string; readonly namespace?: string | undefined } | undefined;
  /** Failures of other streams, found with this one and reported with it. */
  readonly also?: readonly Failure[];
  /** The connector of a sync it comes from; undefined: whoever reports it. */
  readonly origin?: "source" | "destination" | undefined;
  /** Overrides the kind of the code, for a failure that another process classified. */
  readonly kind?: FailureKind;
  readonly cause?: unknown;
}

/** The one error class that may cross a folder boundary. Its message is a lower-case clause. */
export class Failure extends Error {
  static {
    Failure.prototype.name = "Failure";
  }
  readonly code: FailureCode;
  readonly kind: FailureKind;
  readonly hint: string | undefined;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly stream: FailureDetails["stream"];
  readonly also: readonly Failure[];
  readonly origin: FailureDetails["origin"];

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.kind = details.kind ?? FAILURES[code];
    this.hint = details.hint;
    this.facts = details.facts ?? {};
    this.stream = details.stream;
    this.also = details.also ?? [];
    this.origin = details.origin;
  }
}

/**
 * What was thrown while something was done for one stream. What is wrong with the configuration is then
 * wrong with that stream alone, and gets its name; anything else may be of all streams.
 */
export function ofStream(
  thrown: unknown,
  { name, namespace }: { readonly name: string; readonly namespace?: string | null },
): unknown {
  if (!(thrown instanceof Failure) || thrown.kind !== "config_error" || thrown.stream)
    return thrown;
  const { code, message, kind, hint, facts, origin } = thrown;
  const stream = { name, namespace: namespace || undefined };
  return new Failure(code, message, { kind, hint, facts, origin, stream, cause: thrown });
}

/**
 * The first of what was thrown at once. What is wrong with one stream brings what is wrong with others:
 * each then costs its own stream, and no attempt of its own.
 */
export function firstOf(thrown: readonly unknown[]): unknown {
  const [first] = thrown;
  if (!isOfStream(first)) return first;
  const byStream = new Map<string, Failure>();
  for (const one of thrown.filter(isOfStream).flatMap((failure) => [failure, ...failure.also])) {
    const key = JSON.stringify([one.stream!.name, one.stream!.namespace]);
    if (!byStream.has(key)) byStream.set(key, one);
  }
  const [, ...also] = byStream.values();
  const { code, message, kind, hint, facts, origin, stream, cause } = first;
  return new Failure(code, message, { kind, hint, facts, origin, stream, cause, also });
}

function isOfStream(thrown: unknown): thrown is Failure {
  return thrown instanceof Failure && thrown.kind === "config_error" && thrown.stream !== undefined;
}

/**
 * Turns whatever was thrown into a `Failure`.
 *
 * A `Failure` passes through untouched, so an outer layer cannot hide the more specific code chosen
 * closer to the problem. Anything else is a bug until some layer that understands it says otherwise.
 */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure("internal.bug", message, { cause: thrown });
}

/** A failure as one line for people: `config.unreadable: there is no syncline.yaml (what to do)`. */
export function failureText({
  code,
  message,
  hint,
}: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}): string {
  return `${code}: ${message}${hint ? ` (${hint})` : ""}`;
}
