import { Failure } from "../../protocol/errors.ts";
import type { Exit } from "./process.ts";

/** `exited with status 3`, `was killed by SIGSEGV`. */
export function describeExit(exit: Exit): string {
  if (exit.kind === "exited") return `exited with status ${exit.code}`;
  if (exit.kind === "signaled") return `was killed by ${exit.signal}`;
  return exit.failure.message;
}

/** What the end of a connector that did not end well means. */
export function exitFailure(label: string, exit: Exit): Failure {
  if (exit.kind === "not-started") return exit.failure;
  if (cannotRun(exit)) return notRun(label, exit);
  return new Failure("connector.exited", `${label} ${describeExit(exit)}`, {
    hint: "what it printed is in the log",
  });
}

/** What it means when a connector ended without an answer to `command`. */
export function noAnswerFailure(label: string, command: string, exit: Exit): Failure {
  if (exit.kind === "not-started") return exit.failure;
  if (cannotRun(exit)) return notRun(label, exit);
  return new Failure(
    "connector.no_answer",
    `${label} did not answer \`${command}\`: it ${describeExit(exit)}`,
    { hint: "what it printed is in the log" },
  );
}

/** The statuses with which shells and `env` say that there was nothing to run. */
function cannotRun(exit: Exit): exit is Extract<Exit, { kind: "exited" }> {
  return exit.kind === "exited" && (exit.code === 126 || exit.code === 127);
}

function notRun(label: string, { code }: { code: number }): Failure {
  return new Failure(
    "connector.not_found",
    `${label}: its command cannot be run (exit status ${code})`,
  );
}
