import type { JsonObject } from "../../../protocol/json.ts";

/** Least and greatest value of PostgreSQL's types of whole numbers. */
const WHOLE: Readonly<Record<string, readonly [bigint, bigint]>> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
  oid: [0n, 2n ** 32n - 1n],
};

/** Greatest finite value of its other types of numbers that have one. */
const FLOAT: Readonly<Record<string, number>> = {
  real: 3.4028234663852886e38,
  "double precision": Number.MAX_VALUE,
};

/** The last year of its dates. */
const LAST_YEAR: Readonly<Record<string, number>> = {
  date: 5_874_897,
  "timestamp without time zone": 294_276,
  "timestamp with time zone": 294_276,
};

/**
 * What a column's type can hold, where a value of the right form is beyond it: `integer, from -2147483648 to
 * 2147483647`. Undefined where it fits, or the column is of no type of PostgreSQL.
 *
 * @param schema the column's, as our source announces it.
 */
export function rangeExceeded(schema: JsonObject, value: string): string | undefined {
  const named = schema["x-postgres-base-type"] ?? schema["x-postgres-type"];
  if (typeof named !== "string") return undefined;
  const type = named.replace(/\(\d+\)/, "");
  const whole = WHOLE[type];
  if (whole !== undefined && /^[+-]?\d+$/.test(value)) {
    const number = BigInt(value.replace("+", ""));
    const [least, greatest] = whole;
    if (number < least || number > greatest) return `${type}, from ${least} to ${greatest}`;
  }
  const float = FLOAT[type];
  if (float !== undefined && /\d/.test(value) && Math.abs(Number(value)) > float)
    return `${type}, from -${float} to ${float}`;
  const lastYear = LAST_YEAR[type];
  if (lastYear !== undefined && Number(/^\d+/.exec(value)?.[0] ?? 0) > lastYear)
    return `${type}, whose last year is ${lastYear}`;
  return undefined;
}
