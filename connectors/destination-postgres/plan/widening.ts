import { MAX_INTEGER } from "../../postgres/types/kinds.ts";
import {
  parseFormat,
  typeOfFormat,
  type ParsedFormat,
  type WideningFamily,
} from "../../postgres/types/type-table.ts";

/** Whole numbers of up to this many digits, and not more, a `double precision` holds exactly. */
const DOUBLE_DIGITS = 15;

/**
 * The type that a column of the type `existing` gets so that it can hold values of the type
 * `wanted` too, every old and every new value unchanged: one of the two, or one that holds both
 * (`numeric` for `bigint` and `double precision`). Undefined when there is none: the column stays
 * what it is then, and values that do not fit become NULL.
 *
 * A domain is what its base is: where it holds both, the one that is wanted comes first.
 *
 * Anything becomes `text` when that is wanted. What PostgreSQL would cut or round without a word is
 * given room, whatever is wanted. Types as `format_type` prints them. "Unchanged" is the value: a
 * `date` becomes midnight UTC, a `real` the same number with more digits, and `-0` loses its sign on
 * the way to `numeric`.
 *
 * @param bases what is under domains, by their names.
 */
export function commonType(
  existing: string,
  wanted: string,
  bases: ReadonlyMap<string, string> = NO_DOMAINS,
): string | undefined {
  if (existing === wanted) return existing;
  const base = bases.get(existing) ?? existing;
  const wantedBase = bases.get(wanted) ?? wanted;
  if (base !== existing || wantedBase !== wanted) {
    const common = commonType(base, wantedBase);
    if (common === wantedBase) return wanted;
    return common === base ? existing : common;
  }
  if (existing === "text" || wanted === "text") return "text";
  if (existing.endsWith("[]") && wanted.endsWith("[]")) {
    const element = commonType(existing.slice(0, -2), wanted.slice(0, -2), bases);
    return element && `${element}[]`;
  }
  const from = parseFormat(existing);
  const to = parseFormat(wanted);
  if (from.name === to.name) return ofOneName(existing, wanted, from, to);
  // Its elements travel as texts.
  if (isArrayOfUsers(existing) && familyOf(wanted) === "json") return wanted;
  // A document holds any value there is.
  if (familyOf(existing) === "json") return wanted === "json" ? "json" : existing;
  return (
    higherOfFamily(from.name, to.name) ?? commonNumber(existing, wanted) ?? roomy(existing, from)
  );
}

const NO_DOMAINS: ReadonlyMap<string, string> = new Map();

function isArrayOfUsers(type: string): boolean {
  return type.endsWith("[]") && type.includes(".");
}

/** What is cast to the type `to` that `commonType` gave, for a column of the type `from`, as SQL. */
export function castable(column: string, from: string, to: string): string {
  // The cast from float to numeric keeps 15 digits, and from oid there is none; the text has it all.
  if (/^(real|double precision|oid)/.test(from) && to.startsWith("numeric"))
    return `${column}::text${from.endsWith("[]") ? "[]" : ""}`;
  if (isArrayOfUsers(from) && familyOf(to) === "json")
    return `pg_catalog.to_jsonb(${column}::text[])`;
  // The cast from character to text takes the padding away; that of an array's own text does not.
  const { name } = parseFormat(from);
  if (["character[]", "bpchar[]"].includes(name) && to === "text[]") return `${column}::text`;
  if (["character", "bpchar"].includes(name) && to === "text")
    return `(case when ${column} is not null then concat(${column}) end)`;
  return column;
}

/**
 * Whether values may have another text after the change, which hashes of them are made of. Says yes
 * when in doubt.
 */
export function respells(from: string, to: string): boolean {
  const old = parseFormat(from).name;
  if (to === "text") return old === "character" || old === "bpchar";
  if (old === parseFormat(to).name)
    return old === "character" || (old === "numeric" && to !== "numeric");
  const staysWhole = familyOf(to) === "whole" || to === "numeric" || to === "double precision";
  return !(familyOf(from) === "whole" && staysWhole);
}

/** One type with other modifiers: the one that holds the other, or the type without any. */
function ofOneName(existing: string, wanted: string, from: ParsedFormat, to: ParsedFormat): string {
  if (holds(to, from)) return wanted;
  return holds(from, to) ? existing : bare(from.name, existing);
}

/** Whether `outer` holds every value of `inner`, a type of the same name. */
function holds(outer: ParsedFormat, inner: ParsedFormat): boolean {
  if (outer.modifiers.length === 0) return isUnlimited(outer.name);
  if (inner.modifiers.length === 0 || outer.name === "interval") return false;
  const [outerDigits = 0, outerScale = 0] = outer.modifiers;
  const [innerDigits = 0, innerScale = 0] = inner.modifiers;
  if (outer.name === "numeric")
    return outerScale >= innerScale && outerDigits - outerScale >= innerDigits - innerScale;
  // Values of these have exactly the length that they are declared with.
  if (outer.name === "bit") return outerDigits === innerDigits;
  return outerDigits >= innerDigits;
}

/** Whether the bare name means no limit, rather than a limit of one. */
function isUnlimited(name: string): boolean {
  return name !== "character" && name !== "bit";
}

/** The type of that name that holds all of its values. */
function bare(name: string, like: string): string {
  if (name === "bit") return "bit varying";
  return isUnlimited(name) ? name : like;
}

/** Of two types by name, the one that holds every value of the other by its place in a family. */
function higherOfFamily(existing: string, wanted: string): string | undefined {
  const [family, rank] = typeOfFormat(existing).widening ?? [];
  const [other, otherRank] = typeOfFormat(wanted).widening ?? [];
  if (family !== other || rank === undefined || otherRank === undefined) return undefined;
  if (rank === otherRank) return undefined;
  return rank > otherRank ? existing : wanted;
}

function commonNumber(existing: string, wanted: string): string | undefined {
  const families = [existing, wanted].map(familyOf);
  if (!families.every(isNumber)) return undefined;
  const names = [existing, wanted].map((type) => parseFormat(type).name);
  if (names.includes("oid") && families.includes("whole")) return "bigint";
  const areInDouble = [existing, wanted].every(
    (type) => familyOf(type) === "float" || wholeDigits(type) <= DOUBLE_DIGITS,
  );
  if (areInDouble) return "double precision";
  for (const [decimal, other] of [
    [wanted, existing],
    [existing, wanted],
  ] as const) {
    const [digits, scale = 0] = parseFormat(decimal).modifiers;
    if (digits !== undefined && scale >= 0 && digits - scale >= wholeDigits(other)) return decimal;
  }
  return "numeric";
}

function isNumber(family: WideningFamily | undefined): boolean {
  return family === "whole" || family === "float" || family === "number";
}

/** Digits that a whole number type has at most; Infinity for any other type. */
function wholeDigits(type: string): number {
  const { widening, value } = typeOfFormat(type);
  return widening?.[0] === "whole" ? MAX_INTEGER[value]!.length : Infinity;
}

function familyOf(type: string): WideningFamily | undefined {
  return typeOfFormat(type).widening?.[0];
}

/**
 * For a type that has nothing to do with the wanted one: another that no value is cut or rounded by
 * without a word, where this one would; undefined where what does not fit is an error.
 */
function roomy(existing: string, { name, modifiers }: ParsedFormat): string | undefined {
  // What a domain rounds cannot be seen from here.
  const isOfUser = existing.includes(".") && !existing.endsWith("[]");
  const family = familyOf(existing);
  if (family === "string" || isOfUser) return "text";
  if (family === "float" || name === "money") return "numeric";
  return modifiers.length > 0 ? bare(name, existing) : undefined;
}
