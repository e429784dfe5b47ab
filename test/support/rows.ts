import { LIMITS_VARIABLE } from "../../connectors/kit/limits.ts";

/** Whether the connectors of this run work with batches and chunks of a few rows. */
export function usesTinyLimits(): boolean {
  return process.env[LIMITS_VARIABLE] === "tiny";
}

/**
 * As many rows as make several batches, blocks and states: `rows` under the limits that users have, a
 * tenth of them under tiny ones.
 */
export function rowsFor(rows: number): number {
  return usesTinyLimits() ? rows / 10 : rows;
}
