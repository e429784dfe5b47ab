import { isName, quoteName } from "../../postgres/sql.ts";

/** A type as `format_type` prints it under an empty search_path, taken apart. */
export interface TypeName {
  /** Undefined for what is built in. */
  readonly schema: string | undefined;
  /** Without quotes; `double precision` and the like are one name. */
  readonly name: string;
  /** What stands in brackets behind the name: numbers and words. */
  readonly modifiers: readonly string[];
  /** What stands behind them: a time zone or not, and the brackets of an array. */
  readonly suffix: string;
  /** All but modifiers and suffix, as SQL. */
  readonly base: string;
}

/** An identifier that the server prints as it is, or a quoted one. */
const PART = String.raw`[a-z_][a-z0-9_]*|"(?:[^"]|"")+"`;
const FIELD = "year|month|day|hour|minute|second";
/** Types whose names are more than one word; a time zone comes behind the modifiers. */
const WORDS = `double precision|character varying|bit varying|interval (?:${FIELD})(?: to (?:${FIELD}))?`;
const MODIFIER = "-?[0-9]+|[A-Za-z_][A-Za-z0-9_]*";
const TYPE = new RegExp(
  String.raw`^(?:(?<schema>${PART})\.(?<local>${PART})|(?<builtIn>${WORDS}|${PART}))` +
    String.raw`(?:\((?<modifiers>(?:${MODIFIER})(?:,(?:${MODIFIER}))*)\))?` +
    String.raw`(?<suffix>(?:(?<=^time(?:stamp)?(?:\(\d+\))?) with(?:out)? time zone)?(?:\[\])?)$`,
);

/**
 * Takes a type apart. Undefined for a text that is none: what is not understood to its last character
 * never becomes SQL.
 */
export function parseTypeName(text: string): TypeName | undefined {
  const groups = TYPE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { schema, local, builtIn, modifiers, suffix } = groups;
  const parts = schema === undefined ? [builtIn!] : [schema, local!];
  const names = parts.map(unquoted);
  if (!names.every(isName)) return undefined;
  return {
    schema: schema && names[0],
    name: names.at(-1)!,
    modifiers: modifiers?.split(",") ?? [],
    suffix: suffix!,
    base: parts.map(printed).join("."),
  };
}

/** A type as SQL: its parts, printed again. @param base another name of it, as SQL. */
export function printTypeName({ base, modifiers, suffix }: TypeName, as = base): string {
  return `${as}${modifiers.length === 0 ? "" : `(${modifiers.join(",")})`}${suffix}`;
}

function unquoted(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
}

function printed(part: string): string {
  return part.startsWith('"') ? quoteName(unquoted(part)) : part;
}
