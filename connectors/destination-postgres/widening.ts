/** Number types, each of which holds every value of those before it. */
const NUMBERS = ["smallint", "integer", "bigint", "numeric"];

/**
 * Whether every value of the type `from` is, unchanged, a value of the type `to`, so that a column
 * may become one. Types as `format_type` prints them. Anything may become text; what cannot be widened
 * keeps its type, and new values that do not fit it become NULL.
 */
export function canWiden(from: string, to: string): boolean {
  if (from === to) return false;
  if (to === "text") return true;
  const step = NUMBERS.indexOf(from);
  if (step !== -1 && step < NUMBERS.indexOf(to)) return true;
  if (from === "real" && to === "double precision") return true;
  if (from === "date" && to === "timestamp without time zone") return true;
  return widensModifier(from, to);
}

/** `character varying(3)` to `character varying(5)`, `numeric(5,2)` to `numeric`. */
function widensModifier(from: string, to: string): boolean {
  const [, fromName, fromDigits = "", fromScale = "0"] = parts(from);
  const [, toName, toDigits, toScale = "0"] = parts(to);
  if (fromName === undefined || fromName !== toName || fromDigits === "") return false;
  const isSized = /^(character varying|bit varying|numeric)$/.test(fromName);
  if (!isSized || toDigits === undefined) return isSized;
  const moreBefore = Number(toDigits) - Number(toScale) >= Number(fromDigits) - Number(fromScale);
  return moreBefore && Number(toScale) >= Number(fromScale);
}

function parts(type: string): readonly (string | undefined)[] {
  return /^(.*?)(?:\((\d+)(?:,(-?\d+))?\))?$/.exec(type) ?? [];
}
