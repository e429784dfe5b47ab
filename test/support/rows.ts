import { LIMITS_VARIABLE } from "../../connectors/kit/limits.ts";

/**
 * As many rows as make several batches, blocks and states: `rows` under the limits that users have, a
 * tenth of them under tiny ones.
 */
export function rowsFor(rows: number): number {
  return process.env[LIMITS_VARIABLE] === "tiny" ? rows / 10 : rows;
}
