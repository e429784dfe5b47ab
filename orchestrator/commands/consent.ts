import { Failure } from "../../protocol/errors.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import type { Option } from "./command.ts";

/** Of commands that take something away. */
export const YES: Option = {
  flags: "-y, --yes",
  description: "do it without being asked; needed where there is no terminal to ask on",
};

export interface YesOption {
  readonly yes?: boolean | undefined;
}

/** Throws `usage.invalid` where nobody said `--yes` and nobody can be asked. */
export function requireConsent({ yes }: YesOption, what: string): void {
  if (yes || canAsk()) return;
  throw new Failure("usage.invalid", `${what} needs --yes where there is no terminal to ask on`);
}

/**
 * Says what is going to happen and asks whether it shall, unless `--yes` did. Returns false for a no,
 * having said that nothing was changed.
 */
export async function consents(
  { console }: Invocation,
  { yes }: YesOption,
  lines: readonly string[],
  question: string,
): Promise<boolean> {
  if (!yes || !console.quiet) for (const line of lines) console.note(escapeControls(line));
  if (yes) return true;
  const { confirm } = await import("@clack/prompts");
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  if (answer === true) return true;
  console.note("nothing was changed");
  return false;
}

function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}
