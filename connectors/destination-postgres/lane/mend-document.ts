import { forEachMember, skipNumber, skipString } from "../../../protocol/json-scan.ts";
import { fitsNumeric, needsCheck } from "../encode/json/json-number.ts";

const QUOTE = 0x22;
const MINUS = 0x2d;

/** SQLSTATE of a character that the database's encoding does not have. */
const NO_EQUIVALENT = "22P05";

/**
 * A record's data that jsonb refused, with as few fields null as that takes: those with a number that
 * `numeric` has no room for; where there is none, one that is most likely to blame, so that it takes
 * as many calls as there are bad fields. Undefined when no field is left to give up.
 *
 * @param sqlState what the server said.
 */
export function mendDocument(
  json: string,
  sqlState: string,
): { text: string; dropped: string[] } | undefined {
  const source = Buffer.from(json);
  const members = membersOf(source);
  let dropped = members.filter(({ start, end }) => holdsUnstorableNumber(source, start, end));
  if (dropped.length === 0) {
    const rank = ({ start, end }: Member) =>
      sqlState === NO_EQUIVALENT
        ? highestCharacter(source.toString("utf8", start, end))
        : end - start;
    const present = members.filter(
      ({ start, end }) => source.toString("latin1", start, end) !== "null",
    );
    dropped = present.sort((a, b) => rank(b) - rank(a)).slice(0, 1);
  }
  if (dropped.length === 0) return undefined;
  const parts = members.map((member) => {
    const value = dropped.includes(member)
      ? "null"
      : source.toString("utf8", member.start, member.end);
    return `${member.key}:${value}`;
  });
  return {
    text: `{${parts.join(",")}}`,
    dropped: dropped.map(({ key }) => JSON.parse(key) as string),
  };
}

/** The highest code point of a JSON text, escaped ones included: the rarest in most encodings. */
function highestCharacter(json: string): number {
  const plain = json.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  let highest = 0;
  for (const character of plain) highest = Math.max(highest, character.codePointAt(0)!);
  return highest;
}

interface Member {
  /** As it is spelled, quotes included. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

function membersOf(source: Buffer): Member[] {
  const members: Member[] = [];
  forEachMember(source, 0, source.length, (keyStart, keyEnd, start, end) => {
    members.push({ key: source.toString("utf8", keyStart, keyEnd), start, end });
  });
  return members;
}

function holdsUnstorableNumber(source: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end;) {
    const byte = source[i]!;
    if (byte === QUOTE) i = skipString(source, i, end);
    else if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) {
      const after = skipNumber(source, i, end);
      if (needsCheck(source, i, after) && !fitsNumeric(source.toString("latin1", i, after)))
        return true;
      i = after;
    } else i++;
  }
  return false;
}
