import { Failure } from "../../protocol/errors.ts";
import type { Console } from "../output/console.ts";

/** Thrown where somebody pressed Ctrl-C at a question. */
export const CANCELLED = new Failure("sync.interrupted", "cancelled");

/** Whether there is somebody to ask. */
export function canAsk({ json, quiet }: Console): boolean {
  return !json && !quiet && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** The library that asks, loaded when somebody is asked. */
export function prompts(): Promise<typeof import("@clack/prompts")> {
  return import("@clack/prompts");
}

/** The answer to a question. Throws `CANCELLED`. */
export async function answered<Answer>(
  question: Promise<Answer>,
): Promise<Exclude<Answer, symbol>> {
  const answer = await question;
  if (typeof answer === "symbol") throw CANCELLED;
  return answer as Exclude<Answer, symbol>;
}
