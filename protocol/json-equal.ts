import { forEachItem, forEachMember, MALFORMED, skipSpace, skipValue } from "./json-scan.ts";

/**
 * Whether two JSON texts mean the same value: whatever their spacing, order of keys, escapes and
 * spelling of numbers (`1`, `1.0` and `10e-1` are one number). Numbers are compared exactly, not as
 * doubles: 9007199254740993 is not 9007199254740992. Of two equal keys the last counts. False when
 * one of them is not JSON. For small documents: it builds text of both, and nesting is recursion.
 */
export function sameJson(a: Buffer, b: Buffer): boolean {
  if (a.equals(b)) return isWhole(a);
  return isWhole(a) && isWhole(b) && canonical(a, 0, a.length) === canonical(b, 0, b.length);
}

function isWhole(json: Buffer): boolean {
  const after = skipValue(json, skipSpace(json, 0, json.length), json.length);
  return after !== MALFORMED && skipSpace(json, after, json.length) === json.length;
}

/** One spelling for all texts that mean the same. */
function canonical(json: Buffer, from: number, end: number): string {
  const at = skipSpace(json, from, end);
  switch (json[at]) {
    case 0x7b: {
      const members = new Map<string, string>();
      forEachMember(json, at, end, (keyStart, keyEnd, start, valueEnd) => {
        members.set(canonical(json, keyStart, keyEnd), canonical(json, start, valueEnd));
      });
      const texts = [...members].map(([key, value]) => `${key}:${value}`);
      return `{${texts.sort().join(",")}}`;
    }
    case 0x5b: {
      const items: string[] = [];
      forEachItem(json, at, end, (start, valueEnd) => {
        items.push(canonical(json, start, valueEnd));
      });
      return `[${items.join(",")}]`;
    }
    case 0x22:
      return JSON.stringify(JSON.parse(json.toString("utf8", at, end)));
    default:
      return canonicalWord(json.toString("latin1", at, end).trimEnd());
  }
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** A number as digits without zeros at either end, and a power of ten; other words as they are. */
function canonicalWord(word: string): string {
  const match = NUMBER.exec(word);
  if (match === null) return word;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power =
    BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
