import { Failure, type FailureCode } from "../errors.ts";
import type { Path } from "./schema.ts";

/** One thing that is wrong with a document, described without its values. */
export interface Problem {
  readonly path: Path;
  /** What was expected, or what to do: `expected an array`. */
  readonly message: string;
  /** The last name of the path is what is wrong, and not the value it has. */
  readonly atKey?: boolean;
}

/** A path as people write it: `streams[2].primary_key`; empty for the document itself. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** `path: message`, or the message alone for the document itself. */
export function problemText({ path, message }: Problem): string {
  return path.length === 0 ? message : `${pathText(path)}: ${message}`;
}

/** One failure for all `problems` of `what` ("the configured catalog"). */
export function problemsFailure(
  code: FailureCode,
  what: string,
  problems: readonly Problem[],
): Failure {
  const text = problems.map(problemText).join("; ");
  return new Failure(code, `${what} is not valid: ${text}`, {
    facts: { problems: problems.length },
  });
}
