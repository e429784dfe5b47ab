import type { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";

/** A refused value: the line counts from 1, the column from 0. */
export interface Culprit {
  readonly line: number;
  readonly column: number;
}

/**
 * Whether a value is to blame: data exceptions and limits, and whatever a type's own input function
 * or a domain's constraint says, which the server reports with the column.
 */
export function isAboutValue(failure: Failure): boolean {
  const code = codeOf(failure);
  if (NOT_ABOUT_VALUES.test(code)) return false;
  return /^(22|54)/.test(code) || /, line \d+, column /.test(contextOf(failure));
}

/**
 * Rows that we spelled wrong (22021, 22P03, 22P04), missing rights, and what can happen to any
 * statement at any moment: lost connections, conflicts, a full disk, a cancel.
 */
const NOT_ABOUT_VALUES = /^(?:22021|22P03|22P04|42501|08|40|53|55|57|58)/;

/** The SQLSTATE of a refusal; empty where the server did not say one. */
export function codeOf(failure: Failure): string {
  return sqlStateOf(failure.cause) ?? "";
}

function contextOf(failure: Failure): string {
  const where = (failure.cause as { where?: unknown } | undefined)?.where;
  return typeof where === "string" ? where : "";
}

/**
 * Where the refused value is, as in "COPY demo, line 3, column id: …"; binary rows end after `id`. Undefined:
 * the server does not say.
 *
 * @param columns names of those that were loaded, in order.
 */
export function placeOf(failure: Failure, columns: readonly string[]): Culprit | undefined {
  const [, line, rest] = /, line (\d+), column ([^]*)$/.exec(contextOf(failure)) ?? [];
  if (line === undefined || rest === undefined) return undefined;
  let column = -1;
  for (const [index, name] of columns.entries())
    if (
      (rest === name || rest.startsWith(`${name}:`)) &&
      name.length > (columns[column]?.length ?? -1)
    )
      column = index;
  return column === -1 ? undefined : { line: Number(line), column };
}

/** By how many bytes a row is wider than a page: "size 9016, maximum size 8160", in any language. Throws a `failure` that does not say. */
export function excessOf(failure: Failure): number {
  const { message = "" } = (failure.cause ?? {}) as { message?: string };
  const numbers = (message.match(/\d+/g) ?? []).map(Number);
  if (!codeOf(failure).startsWith("54") || numbers.length !== 2) throw failure;
  return Math.abs(numbers[0]! - numbers[1]!);
}
