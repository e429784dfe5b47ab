/** A type without its length, precision or fields, and those: `numeric`, 10 and 2. */
interface Parsed {
  readonly name: string;
  readonly modifiers: readonly number[];
}

/** Whole number types, each of which holds every value of those before it. */
const WHOLE = ["smallint", "integer", "bigint"];
/** Digits that the whole number types have at most. */
const WHOLE_DIGITS: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 };
/** Whole number types that a `double precision` holds exactly. */
const IN_DOUBLE = ["smallint", "integer"];
const FLOATS = ["real", "double precision"];

/** Types that hold every value of those before them; times without a zone are read as UTC. */
const TEMPORAL_LADDERS = [
  ["date", "timestamp without time zone", "timestamp with time zone"],
  ["time without time zone", "time with time zone"],
];

/** Text of a limited length, where what is too long may be cut without a word. */
const STRINGS = ["name", '"char"', "character", "character varying", "bpchar"];

/**
 * The type that a column of the type `existing` gets so that it can hold values of the type
 * `wanted` too, every old and every new value unchanged: one of the two, or one that holds both
 * (`numeric` for `bigint` and `double precision`). Undefined when there is none: the column stays
 * what it is then, and values that do not fit become NULL.
 *
 * Anything becomes `text` when that is wanted. What PostgreSQL would cut or round without a word is
 * given room, whatever is wanted. Types as `format_type` prints them. "Unchanged" is the value: a
 * `date` becomes midnight UTC, a `real` the same number with more digits, and `-0` loses its sign on
 * the way to `numeric`.
 */
export function commonType(existing: string, wanted: string): string | undefined {
  if (existing === wanted) return existing;
  if (existing === "text" || wanted === "text") return "text";
  if (existing.endsWith("[]") && wanted.endsWith("[]")) {
    const element = commonType(existing.slice(0, -2), wanted.slice(0, -2));
    return element && `${element}[]`;
  }
  const from = parsed(existing);
  const to = parsed(wanted);
  if (from.name === to.name) return ofOneName(existing, wanted, from, to);
  // A document holds any value there is.
  if (existing === "jsonb" || existing === "json") return wanted === "json" ? "json" : existing;
  return commonNumber(existing, wanted) ?? commonTime(from, to) ?? roomy(existing, from);
}

/** What is cast to the type `to` that `commonType` gave, for a column of the type `from`, as SQL. */
export function castable(column: string, from: string, to: string): string {
  // The cast from float to numeric keeps 15 digits, and from oid there is none; the text has it all.
  if (/^(real|double precision|oid)/.test(from) && to.startsWith("numeric"))
    return `${column}::text${from.endsWith("[]") ? "[]" : ""}`;
  // The cast from character to text takes the padding away; that of an array's own text does not.
  const { name } = parsed(from);
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
  const old = parsed(from).name;
  if (to === "text") return old === "character" || old === "bpchar";
  if (old === parsed(to).name)
    return old === "character" || (old === "numeric" && to !== "numeric");
  return !(WHOLE.includes(from) && [...WHOLE, "numeric", "double precision"].includes(to));
}

/** One type with other modifiers: the one that holds the other, or the type without any. */
function ofOneName(existing: string, wanted: string, from: Parsed, to: Parsed): string {
  if (holds(to, from)) return wanted;
  return holds(from, to) ? existing : bare(from.name, existing);
}

/** Whether `outer` holds every value of `inner`, a type of the same name. */
function holds(outer: Parsed, inner: Parsed): boolean {
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

function commonNumber(existing: string, wanted: string): string | undefined {
  const names = [existing, wanted].map((type) => parsed(type).name);
  const isNumber = (name: string) =>
    [...WHOLE, ...FLOATS, "numeric", "money", "oid"].includes(name);
  if (!names.every(isNumber)) return undefined;
  const [from, to] = names as [string, string];
  if (WHOLE.includes(from) && WHOLE.includes(to))
    return WHOLE[Math.max(WHOLE.indexOf(from), WHOLE.indexOf(to))];
  if (names.includes("oid") && names.some((name) => WHOLE.includes(name))) return "bigint";
  if (FLOATS.includes(from) && FLOATS.includes(to)) return "double precision";
  const areInDouble = names.every((name) => FLOATS.includes(name) || IN_DOUBLE.includes(name));
  if (areInDouble) return "double precision";
  for (const [decimal, other] of [
    [wanted, from],
    [existing, to],
  ] as const) {
    const [digits, scale = 0] = parsed(decimal).modifiers;
    const whole = WHOLE_DIGITS[other];
    if (digits !== undefined && whole !== undefined && scale >= 0 && digits - scale >= whole)
      return decimal;
  }
  return "numeric";
}

function commonTime(from: Parsed, to: Parsed): string | undefined {
  for (const ladder of TEMPORAL_LADDERS) {
    const [at, other] = [ladder.indexOf(from.name), ladder.indexOf(to.name)];
    if (at !== -1 && other !== -1) return ladder[Math.max(at, other)];
  }
  return undefined;
}

/**
 * For a type that has nothing to do with the wanted one: another that no value is cut or rounded by
 * without a word, where this one would; undefined where what does not fit is an error.
 */
function roomy(existing: string, { name, modifiers }: Parsed): string | undefined {
  // What a domain rounds cannot be seen from here.
  if (STRINGS.includes(name) || (existing.includes(".") && !existing.endsWith("[]"))) return "text";
  if (FLOATS.includes(name) || name === "money") return "numeric";
  return modifiers.length > 0 ? bare(name, existing) : undefined;
}

function parsed(type: string): Parsed {
  const [, modifiers] = /\((-?\d+(?:,-?\d+)?)\)/.exec(type) ?? [];
  return {
    name: type.replace(/\(-?\d+(?:,-?\d+)?\)/, "").replace(/^interval .*/, "interval"),
    // The fields of an interval limit it as a precision does.
    modifiers: modifiers?.split(",").map(Number) ?? (type.startsWith("interval ") ? [0] : []),
  };
}
