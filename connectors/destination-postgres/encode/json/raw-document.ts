import { forEachMember } from "../../../../protocol/json-scan.ts";
import { holdsUnstorableEscape } from "./json-values.ts";

/** A record's data as the raw table takes it. */
export interface RawDocument {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Fields whose value jsonb cannot hold (U+0000, half a surrogate pair); they became null. */
  readonly dropped: readonly string[];
}

/** The well-formed object in `source[start..end)`. The same bytes wherever jsonb takes them. */
export function rawDocument(source: Buffer, start: number, end: number): RawDocument {
  return holdsUnstorableEscape(source, start, end)
    ? storable(source, start, end)
    : { bytes: source, start, end, dropped: [] };
}

function storable(source: Buffer, start: number, end: number): RawDocument {
  const parts: string[] = [];
  const dropped: string[] = [];
  forEachMember(source, start, end, (keyStart, keyEnd, valueStart, valueEnd) => {
    const key = source.toString("utf8", keyStart, keyEnd);
    if (holdsUnstorableEscape(source, keyStart, keyEnd)) {
      dropped.push(JSON.parse(key) as string); // such a name cannot be a key of jsonb at all
    } else if (holdsUnstorableEscape(source, valueStart, valueEnd)) {
      dropped.push(JSON.parse(key) as string);
      parts.push(`${key}:null`);
    } else parts.push(`${key}:${source.toString("utf8", valueStart, valueEnd)}`);
  });
  const bytes = Buffer.from(`{${parts.join(",")}}`);
  return { bytes, start: 0, end: bytes.length, dropped };
}
