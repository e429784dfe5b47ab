import type { Client } from "pg";
import { postgresFailure } from "../postgres/errors.ts";
import type { Sql } from "../postgres/sql.ts";

/** Rows of values as the server prints them. */
export type TextRows = readonly (readonly (string | null)[])[];

/**
 * Runs one small query for the stream called `label`. Holds the whole answer. Throws `postgres.*`
 * naming the stream.
 */
export async function ask(client: Client, label: string, query: string | Sql): Promise<TextRows> {
  const { text, values } = typeof query === "string" ? { text: query, values: [] } : query;
  try {
    const result = await client.query<(string | null)[]>({
      text,
      values: [...values],
      rowMode: "array",
    });
    return result.rows;
  } catch (error) {
    throw postgresFailure(`read ${label}`, error);
  }
}
