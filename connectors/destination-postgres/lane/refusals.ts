import type { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import { judgeInput } from "./queries.ts";
import type { Session } from "../../postgres/session.ts";

/**
 * Which values, counted from 1 and in order, are none of `type`, with the SQLSTATE that loading them
 * fails with; empty when nobody knows. Call inside a transaction, on a server that has
 * `pg_input_is_valid`. Throws `postgres.connection_lost`.
 */
export async function refusals(
  session: Session,
  values: readonly (string | null)[],
  type: string,
): Promise<Map<number, string>> {
  const query = judgeInput(values, type);
  try {
    const rows = await session.queryInSavepoint(`look for values that are no ${type}`, query);
    return new Map(rows.map((row) => [Number(row["line"]), row["code"]!]));
  } catch (error) {
    // Not every type's input function can be asked; a lost connection fails the next load as well.
    if (sqlStateOf((error as Failure).cause) === undefined) throw error;
    return new Map();
  }
}
