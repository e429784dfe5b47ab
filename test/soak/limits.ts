import {
  LIMITS_VARIABLE,
  limitsOf,
  PRODUCTION_LIMITS,
  TINY_LIMITS,
  type Limits,
} from "../../connectors/kit/limits.ts";
import { SeededRandom } from "./random.ts";

/** Where production has no bound: more rows than one sync of the soak moves. */
const MOST_ROWS = 100_000;

/** Above it, a number has no digits behind the point. */
const LEAST_WHOLE = 1;

/**
 * Limits of one seed, each between the tiny one and production's, as often small as large: by the
 * logarithm. `SYNCLINE_LIMITS` in the environment outranks the seed, so that a printed failure can
 * be repeated.
 */
export function limitsOfSeed(seed: number): Limits {
  if (process.env[LIMITS_VARIABLE]) return limitsOf(process.env);
  // Numbers of its own, so that a seed writes what it wrote before there were limits.
  const random = new SeededRandom(seed ^ 0x11b17);
  const names = Object.keys(TINY_LIMITS) as (keyof Limits)[];
  return Object.fromEntries(
    names.map((name) => [name, between(random, TINY_LIMITS[name], mostOf(name))]),
  ) as unknown as Limits;
}

const mostOf = (name: keyof Limits) =>
  Math.min(PRODUCTION_LIMITS[name], name === "batchRows" ? MOST_ROWS : Infinity);

function between(random: SeededRandom, least: number, most: number): number {
  const value = least * (most / least) ** random.fraction();
  return value < LEAST_WHOLE ? Number(value.toPrecision(3)) : Math.round(value);
}
