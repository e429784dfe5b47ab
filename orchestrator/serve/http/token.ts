import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { Failure } from "../../../protocol/errors.ts";

/** The variable that a token may be in. */
export const TOKEN_VARIABLE = "SYNCLINE_SERVE_TOKEN";

/** Fewest characters of one. */
const SHORTEST = 16;

const HOW =
  "for example `openssl rand -base64 24 > token` and --token-file token, or the variable SYNCLINE_SERVE_TOKEN";

/**
 * The token of the file, else of the environment; undefined where neither is given. Throws
 * `usage.invalid`, and `config.unreadable` for the file.
 */
export function givenToken(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (file !== undefined) return checked(readToken(file), `the token in ${file}`);
  const token = env[TOKEN_VARIABLE];
  return token === undefined ? undefined : checked(token, `the token in ${TOKEN_VARIABLE}`);
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure("config.unreadable", `--token-file: ${file} cannot be read (${code})`);
  }
}

/** A browser's form and a header both have to be able to carry it. */
function checked(token: string, what: string): string {
  if (/^[\x21-\x7e]{16,512}$/.test(token)) return token;
  throw new Failure(
    "usage.invalid",
    `${what} wants ${SHORTEST} to 512 characters of ASCII, without spaces`,
    { hint: HOW },
  );
}

/** Throws `usage.invalid`: who can reach the server is to be known there. */
export function refuseWithoutToken(host: string): never {
  throw new Failure("usage.invalid", `others can reach ${host}, so a token is needed`, {
    hint: HOW,
  });
}

/** Whether both are the same, in a time that does not tell where they differ. */
export function isSameToken(given: string, token: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(token));
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
