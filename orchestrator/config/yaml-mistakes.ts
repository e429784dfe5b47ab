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

/** A mistake as a clause that quotes nothing of the text. */
export function yamlMistake(code: ErrorCode): string {
  return MISTAKES[code] ?? `this is not valid YAML; ${QUOTES}`;
}

/** Said of an alias that leads nowhere. */
export const NO_ANCHOR = `there is no anchor (&) for this alias (*); ${QUOTES}`;

/** Said of an anchor before nothing. */
export const ANCHOR_OF_NOTHING = `an anchor (&) stands before nothing; ${QUOTES}`;

/** Said of an alias that would hold itself without end. */
export const INSIDE_ITSELF = `an alias (*) stands inside what its anchor (&) names; ${QUOTES}`;

/** Said of a text that is small and would be a huge value. */
export const TOO_MANY_ALIASES =
  "its aliases (*) stand for more values than fit a configuration; write out what is meant";
