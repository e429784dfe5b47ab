import type { Session } from "./cli.ts";

/** A command, ready to run. Returns its exit status. */
export type Action = (
  session: Session,
  args: string[],
  options: Record<string, unknown>,
) => Promise<number>;

/** Makes an action into what commander calls. */
export type Act = (action: Action) => (...values: unknown[]) => Promise<void>;

/** What `--stream` means everywhere. */
export const STREAM = "only this stream, by name or namespace.name; may be given several times";

/** The examples of a command, for its help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

/** For an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
