import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { parse } from "yaml";
import type { Env } from "./env.ts";

/** Where else than in the environment a value may be: `${file:…}`, `${command:[…]}`. */
export type Store = "file" | "command";

/** Has to be 1 for `${command:…}`: whoever may only write the file must not choose what runs. */
export const ALLOW_COMMANDS = "SYNCLINE_ALLOW_COMMANDS";

/** Time for a password manager, which may ask somebody to unlock it. */
const COMMAND_MS = 60_000;

/** A value, or why there is none: what a command prints is not repeated, it may be a secret. */
export function secretFrom(
  store: Store,
  entry: string,
  env: Env,
): { readonly text: string } | { readonly problem: string } {
  return store === "file" ? ofFile(entry) : ofCommand(entry, env);
}

function ofFile(path: string): { text: string } | { problem: string } {
  if (!isAbsolute(path)) return { problem: "${file:…} takes a path that begins with /" };
  try {
    return { text: withoutNewline(readFileSync(path, "utf8")) };
  } catch (error) {
    return { problem: `${path} cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

function ofCommand(spelled: string, env: Env): { text: string } | { problem: string } {
  if (env[ALLOW_COMMANDS] !== "1")
    return {
      problem: `\${command:…} runs programs; ${ALLOW_COMMANDS}=1 in the environment allows it`,
    };
  const words = wordsOf(spelled);
  if (words === undefined)
    return {
      problem: "${command:…} takes a list of words, such as ${command:[op, read, op://vault/item]}",
    };
  const [file, ...args] = words;
  try {
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const output = execFileSync(file!, args, {
      encoding: "utf8",
      stdio: [...stdio],
      timeout: COMMAND_MS,
    });
    return { text: withoutNewline(output) };
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number | null };
    const how = typeof status === "number" ? `exit status ${status}` : (code ?? "it was killed");
    return { problem: `the command ${file} gave no value (${how})` };
  }
}

function wordsOf(spelled: string): string[] | undefined {
  try {
    const words: unknown = parse(spelled);
    const isList = Array.isArray(words) && words.length > 0;
    return isList && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}

const withoutNewline = (text: string) => text.replace(/\r?\n$/, "");
