import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { Failure } from "../../protocol/errors.ts";
import type { Env } from "./env.ts";

/** A name and a value, which may be quoted and then go over several lines. */
const ASSIGNMENT =
  /^[^\S\n]*(?:export[^\S\n]+)?[A-Za-z_][\w.]*[^\S\n]*=[^\S\n]*(?:(?:"[^"]*"|'[^']*'|`[^`]*`|[^\s"'`])[^\n]*)?$/gm;

/**
 * The variables of a configuration: those of the environment, and of a file `.env` beside it for what
 * is not set there. Nothing else sees them; connectors get none.
 *
 * Throws `config.unreadable` or `config.invalid`, which tells the line and never what is in it.
 */
export function withEnvFile(configPath: string, env: Env): Env {
  const path = join(dirname(configPath), ".env");
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return env;
    throw new Failure("config.unreadable", `${path} cannot be read`, { cause: error });
  }
  if (!isUtf8(bytes)) throw new Failure("config.unreadable", `${path} is not UTF-8`);
  const text = bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n");
  refuseOtherLines(text, path);
  return { ...(parseEnv(text) as Env), ...env };
}

/** Node passes over what it does not understand: a password would be missing, and nobody told why. */
function refuseOtherLines(text: string, path: string): void {
  const rest = text.replaceAll(ASSIGNMENT, (found) => found.replaceAll(/[^\n]/g, ""));
  const lines = rest.split("\n").map((line) => line.trim());
  const wrong = lines.findIndex((line) => line !== "" && !line.startsWith("#"));
  if (wrong === -1) return;
  throw new Failure("config.invalid", `${path}:${wrong + 1} is not NAME=value`, {
    hint: "a comment begins with #, and a quote has to be closed",
  });
}
