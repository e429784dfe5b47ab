import { Failure, FAILURES, type FailureCode, type FailureKind } from "../../protocol/errors.ts";
import type { TraceError } from "../../protocol/messages.ts";
import type { ConnectorName } from "./launch.ts";
import type { Exit } from "./process.ts";

const KINDS: ReadonlySet<string> = new Set(["config_error", "transient_error", "system_error"]);

/** Longest text kept of one TRACE ERROR, in characters: a connector's bug must not fill our memory. */
const MAX_TEXT_CHARS = 50_000;

/**
 * What a TRACE ERROR says, as a failure of ours: under the code that the connector gave it, when that is
 * one of ours.
 */
export function reportedError(error: TraceError, who: ConnectorName): Failure {
  const kind = KINDS.has(String(error.failure_type)) ? error.failure_type! : "system_error";
  const { internal_message: internal, stream_descriptor: stream } = error;
  const word = internal?.split(" ", 1)[0];
  const code = word !== undefined && isCode(word) ? word : "connector.reported";
  const text = (error.message || "no message").slice(0, MAX_TEXT_CHARS);
  return new Failure(code, `${who.label}: ${text}`, {
    kind: kind satisfies FailureKind,
    origin: who.role,
    ...(stream && {
      stream: { name: stream.name, namespace: stream.namespace ?? undefined },
    }),
  });
}

/** Whether it is a code of ours. */
export function isCode(word: string): word is FailureCode {
  return Object.hasOwn(FAILURES, word);
}

/** What the end of a connector that did not end well means. */
export function exitFailure(who: ConnectorName, exit: Exit): Failure {
  if (exit.kind === "not-started") return exit.failure;
  if (cannotRun(exit)) return notRun(who, exit);
  return new Failure("connector.exited", `${who.label} ${describeExit(exit)}`, {
    hint: "what it printed is in the log",
    origin: who.role,
  });
}

/**
 * What it means when a connector ended without an answer to `command`.
 *
 * @param words what it printed last to stderr.
 */
export function noAnswerFailure(
  who: ConnectorName,
  command: string,
  exit: Exit,
  words: string,
): Failure {
  if (exit.kind === "not-started") return exit.failure;
  const said = words === "" ? "" : `; it said: ${words}`;
  if (cannotRun(exit)) return notRun(who, exit, said);
  return new Failure(
    "connector.no_answer",
    `${who.label} did not answer \`${command}\`: it ${describeExit(exit)}${said}`,
    { hint: who.advice ?? "--verbose shows all that it prints", origin: who.role },
  );
}

/** `exited with status 3`, `was killed by SIGSEGV`. */
function describeExit(exit: Exclude<Exit, { kind: "not-started" }>): string {
  return exit.kind === "exited"
    ? `exited with status ${exit.code}`
    : `was killed by ${exit.signal}`;
}

/** The statuses with which shells and `env` say that there was nothing to run. */
function cannotRun(exit: Exit): exit is Extract<Exit, { kind: "exited" }> {
  return exit.kind === "exited" && (exit.code === 126 || exit.code === 127);
}

function notRun(
  { label, role, advice }: ConnectorName,
  { code }: { code: number },
  said = "",
): Failure {
  return new Failure(
    "connector.not_found",
    `${label}: its command cannot be run (exit status ${code})${said}`,
    { ...(advice && { hint: advice }), origin: role },
  );
}
