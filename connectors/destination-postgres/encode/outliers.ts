import { fitsNumeric } from "./json/json-number.ts";
import { skipNumber } from "../../../protocol/json-scan.ts";
import { VALUE_KIND, type ValueKind } from "../../postgres/types/kinds.ts";

const QUOTE = 0x22;

/** A number that its column of whole numbers cannot hold, where NULL would make two rows one. */
export interface Outlier {
  /** Index of its column among those of the stream. */
  readonly column: number;
  /** As JSON spells a number, and so as `numeric` reads it. */
  readonly number: string;
}

/** What may not become of a value that its column cannot hold. */
export type ColumnRole =
  /** Part of a key: NULL would make the row one with others. */
  | "key"
  /** Tells versions apart: NULL would make the newest the oldest. */
  | "cursor"
  /** Says that the row is gone: NULL would make it one that is there. */
  | "deletion";

/**
 * The number that the well-formed JSON value in `[at, end)` is, for a column of `kind` that is too
 * narrow for it: `numeric` would hold it. Undefined for any other value: as text, one value could be
 * spelled in two ways and be two keys.
 */
export function widerNumber(
  kind: ValueKind,
  source: Buffer,
  at: number,
  end: number,
): string | undefined {
  if (kind !== VALUE_KIND.int2 && kind !== VALUE_KIND.int4 && kind !== VALUE_KIND.int8)
    return undefined;
  const quoted = source[at] === QUOTE;
  const from = quoted ? at + 1 : at;
  const to = quoted ? end - 1 : end;
  if (skipNumber(source, from, to) !== to) return undefined;
  const number = source.toString("latin1", from, to);
  return fitsNumeric(number) ? number : undefined;
}
