import type { ErrorCode } from "yaml";

const QUOTES = "put a text with special characters in quotes";

/** Said of lists and maps in each other that nobody means. */
export const TOO_DEEP = "is nested too deep to be read";

/**
 * What is wrong with a YAML text, by the parser's code for it. The parser's own words repeat what
 * stands there, which is often half of a password that needed quotes.
 */
const MISTAKES: Partial<Readonly<Record<ErrorCode, string>>> = {
  BAD_ALIAS: `an alias (*) is not allowed here; ${QUOTES}`,
  BAD_DQ_ESCAPE:
    "a backslash in double quotes is followed by a character that it does not go with; write \\\\, or use single quotes",
  BAD_INDENT: "is indented otherwise than what it belongs to, or a bracket is not closed",
  BAD_SCALAR_START: `no text without quotes may begin like this; ${QUOTES}`,
  BLOCK_AS_IMPLICIT_KEY: `a key and a value follow another key on the same line; ${QUOTES}`,
  BLOCK_IN_FLOW: "a list or a map by lines is not allowed inside brackets",
  DUPLICATE_KEY: "the same key was given before",
  MISSING_CHAR: "a quote, a colon, a comma or a bracket is missing",
  MULTILINE_IMPLICIT_KEY: `a line has no key, or a key spans lines; ${QUOTES}`,
  MULTIPLE_DOCS: "a second document begins here; one file holds one",
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: "a tab is used to indent; use spaces",
  TAG_RESOLVE_FAILED: `a tag (!) is not known; ${QUOTES}`,
  UNEXPECTED_TOKEN: `something stands here that does not belong here; ${QUOTES}`,
};

/** What a mistake is about: the line of a text that it stands in, from its column on. */
export interface MistakenLine {
  readonly code: ErrorCode;
  readonly line: string;
  /** From 0. */
  readonly column: number;
}

/** A mistake as a clause that quotes nothing of the text. */
export function yamlMistake(mistake: MistakenLine): string {
  const { code, line, column } = mistake;
  const odd = ODD_SPACE.exec(line);
  if (odd) {
    const number = odd[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `character ${odd.index + 1} of this line looks like a space and is none (U+${number}); type it again`;
  }
  if (code === "BAD_ALIAS" && /^\*(?=$|[\s,\]}])/.test(line.slice(column)))
    return 'a star alone needs quotes: "*"';
  if (code === "UNEXPECTED_TOKEN" && line.slice(0, column + 1).includes("${"))
    return "between brackets ${NAME} needs quotes; for a number, give the setting a line of its own";
  if (code === "MULTILINE_IMPLICIT_KEY" || code === "MISSING_CHAR") return withoutKey(code, line);
  return MISTAKES[code] ?? `this is not valid YAML; ${QUOTES}`;
}

/** What looks like an ordinary space in an editor. */
const ODD_SPACE = /[\u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff]/;

/** What is missing in a line that has no key. */
function withoutKey(code: ErrorCode, line: string): string {
  const text = line.trimStart();
  if (/^(?:- )?[\w-]+:\S/.test(text)) return `a colon needs a space behind it; ${QUOTES}`;
  if (/^(?:- )?[\w-]+(?: [^:"']*)?$/.test(text))
    return `a colon is missing: this line is to be a key, a colon, a space and a value; ${QUOTES}`;
  return MISTAKES[code]!;
}

/** Said of the end of a text that a quote or a bracket runs into; `place` is where it begins. */
export const neverClosed = (what: "quote" | "bracket", place: string) =>
  `the ${what} that begins at ${place} is never closed`;

/** Said of `<<`. */
export const NO_MERGES = "a map is not merged into another (<<) here; write its keys out";

/** Said of an alias that leads nowhere. */
export const NO_ANCHOR = `there is no anchor (&) for this alias (*); ${QUOTES}`;

/** Said of an anchor before nothing. */
export const ANCHOR_OF_NOTHING = `an anchor (&) stands before nothing; ${QUOTES}`;

/** Said of an alias that would hold itself without end. */
export const INSIDE_ITSELF = `an alias (*) stands inside what its anchor (&) names; ${QUOTES}`;

/** Said of a text that is small and would be a huge value. */
export const TOO_MANY_ALIASES =
  "its aliases (*) stand for more values than fit a configuration; write out what is meant";
