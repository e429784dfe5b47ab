import { createHash } from "node:crypto";
import { Failure } from "../../protocol/errors.ts";

/** A statement and its parameters, as `pg` takes them. Values travel as text, never inside `text`. */
export interface Sql {
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** Schema and name of a relation, unquoted. */
export interface Table {
  readonly schema: string;
  readonly name: string;
}

/** Longest identifier PostgreSQL keeps, in bytes (NAMEDATALEN - 1). It cuts longer ones silently. */
export const MAX_NAME_BYTES = 63;

/** Hexadecimal digits that tell shortened names apart: 64 bits of SHA-256. */
const DIGEST_CHARS = 16;

/**
 * Quotes an identifier. Any character is legal in one except NUL; so are names that PostgreSQL would
 * cut, because only the caller knows whether that is a mistake (see `shortenName`).
 *
 * Throws `config.invalid` for a name that no PostgreSQL identifier can have: an empty one, one with
 * a NUL, and one with half a surrogate pair, which would arrive as another name.
 */
export function quoteName(name: string): string {
  assertName(name);
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."table"`, or `"table"` when there is no schema. Throws as `quoteName`. */
export function quoteTable(table: { readonly schema?: string | null; readonly name: string }) {
  return table.schema
    ? `${quoteName(table.schema)}.${quoteName(table.name)}`
    : quoteName(table.name);
}

/** `schema.table` for messages. */
export function label(table: Table): string {
  return `${table.schema}.${table.name}`;
}

/**
 * Quotes a string constant, for the few statements that take no parameters (COPY, SET, COMMENT).
 * Safe whatever `standard_conforming_strings` is. Throws `config.invalid` for a NUL.
 */
export function quoteLiteral(text: string): string {
  if (text.includes("\0"))
    throw new Failure("config.invalid", "a text with a NUL character cannot be sent to PostgreSQL");
  const quoted = `'${text.replaceAll("'", "''")}'`;
  // The space keeps the E from joining a word before it.
  return quoted.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/**
 * The name as PostgreSQL can hold it: unchanged up to 63 bytes of UTF-8, else its first bytes and a
 * digest of all of it. The same name always gives the same result, different names different ones
 * (64 bits), and no character is cut in half. PostgreSQL's own cutting would make
 * `…_and_more_2023` and `…_and_more_2024` one table.
 */
export function shortenName(name: string): string {
  assertName(name);
  const bytes = Buffer.from(name);
  if (bytes.length <= MAX_NAME_BYTES) return name;
  let end = MAX_NAME_BYTES - DIGEST_CHARS - 1;
  // 10xxxxxx continues a character: step back to where it starts.
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, DIGEST_CHARS);
  return `${bytes.toString("utf8", 0, end)}_${digest}`;
}

/** Whether PostgreSQL can have a name, and keeps all of it. */
export function isName(name: string): boolean {
  return problemOf(name) === undefined && Buffer.byteLength(name) <= MAX_NAME_BYTES;
}

function assertName(name: string): void {
  const problem = problemOf(name);
  if (problem !== undefined) throw new Failure("config.invalid", problem);
}

function problemOf(name: string): string | undefined {
  if (name === "") return "a PostgreSQL name cannot be empty";
  if (name.includes("\0")) return "a PostgreSQL name cannot hold a NUL character";
  if (/\p{Surrogate}/u.test(name)) return "a PostgreSQL name cannot hold half a surrogate pair";
  return undefined;
}
