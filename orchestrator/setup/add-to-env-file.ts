import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { Failure } from "../../protocol/errors.ts";
import { replaceFile } from "../store/atomic-file.ts";

/**
 * Adds variables to the file `.env` beside a configuration, which is 0600 from then on. Returns what
 * takes them back. Throws `usage.invalid` for a value that such a file cannot hold, `config.unreadable`.
 */
export function addToEnvFile(
  configPath: string,
  variables: Readonly<Record<string, string>>,
): () => void {
  if (Object.keys(variables).length === 0) return () => {};
  const path = join(dirname(configPath), ".env");
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}=${quoted(name, value)}\n`,
  );
  try {
    const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    const gap = before === undefined || before === "" || before.endsWith("\n") ? "" : "\n";
    replaceFile(path, `${before ?? ""}${gap}${lines.join("")}`, { durable: true });
    return () => {
      if (before === undefined) rmSync(path, { force: true });
      else replaceFile(path, before, { durable: true });
    };
  } catch (error) {
    throw new Failure("config.unreadable", `${path} cannot be written`, { cause: error });
  }
}

/** In the quotes that leave the value as it is. */
function quoted(name: string, value: string): string {
  for (const quote of ["'", '"', "`"]) {
    const text = `${quote}${value}${quote}`;
    if (!value.includes(quote) && parseEnv(`${name}=${text}\n`)[name] === value) return text;
  }
  throw new Failure(
    "usage.invalid",
    "the password has all kinds of quotes, which .env cannot hold",
    {
      hint: "write the connection into the configuration by hand, with the password in a variable",
    },
  );
}
