import type { Invocation } from "../invocation.ts";

/** One command of `syncline`: what its help says, and what it does. */
export interface Command<Options extends object = object> {
  readonly name: string;
  /** What it takes behind its name, as the help shows it: `[connection...]`. */
  readonly arguments?: string;
  readonly description: string;
  readonly options?: readonly Option[];
  /** What else its user should know. */
  readonly note?: string;
  /** Whole command lines. */
  readonly examples: readonly string[];
  /**
   * Runs it and returns its exit status. Loads what it needs then, and not before: the help of one
   * command loads all of them.
   *
   * @param options by their long names, those that were given or have a default.
   */
  run(invocation: Invocation, args: readonly string[], options: Options): Promise<number>;
}

/** Commands with a word in common: `state show`, `state set`. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly commands: readonly Command[];
}

export interface Option {
  /** `-n, --number <count>`. */
  readonly flags: string;
  readonly description: string;
  readonly default?: string;
  readonly isRequired?: boolean;
  /** Given several times, it is a list. */
  readonly isRepeatable?: boolean;
}

/** What `--stream` means everywhere. */
export const STREAM: Option = {
  flags: "--stream <name>",
  description: "only this stream, by name or namespace.name; may be given several times",
  isRepeatable: true,
};

/** Options of a command with `STREAM`. */
export interface StreamOptions {
  readonly stream?: readonly string[];
}
