import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CopyBuffer } from "../../../connectors/destination-postgres/encode/copy-buffer.ts";
import { RowEncoder } from "../../../connectors/destination-postgres/encode/row-encoder.ts";
import {
  isDate,
  isTime,
  isTimestamp,
  saysNanoseconds,
} from "../../../connectors/destination-postgres/encode/temporal.ts";
import { TextWriter } from "../../../connectors/destination-postgres/encode/text/text-writer.ts";
import { VALUE_KIND, type ValueKind } from "../../../connectors/postgres/types/kinds.ts";

const TIMES = { emittedAt: "e", normalizedAt: "n" };

/** Encodes one row and gives its fields back as PostgreSQL would read them; null for NULL. */
function encode(
  kinds: Record<string, ValueKind>,
  json: string,
): { fields: (string | null)[]; raw: string | null } | undefined {
  const encoder = new RowEncoder(
    Object.entries(kinds).map(([key, kind]) => ({ key, kind })),
    { final: new TextWriter(Object.values(kinds)), raw: new TextWriter([]) },
  );
  const final = new CopyBuffer(16);
  const raw = new CopyBuffer(16);
  const bytes = Buffer.from(`${json} `);
  const end = encoder.readData(bytes, 0, bytes.length - 1, final);
  if (end !== bytes.length - 1) return undefined;
  encoder.endRow(bytes, TIMES, {}, final, raw);
  return { fields: fieldsOf(final), raw: fieldsOf(raw)[1]! };
}

function fieldsOf(text: CopyBuffer): (string | null)[] {
  const line = text.bytes.toString("utf8", 0, text.length);
  expect(line.endsWith("\n")).toBe(true);
  return line.slice(0, -1).split("\t").map(unescaped);
}

/** COPY text as the documentation of PostgreSQL describes it. */
function unescaped(field: string): string | null {
  if (field === "\\N") return null;
  expect(field).not.toMatch(/[\n\r\t]/);
  const letters: Record<string, string> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };
  return field.replace(/\\(.)/gs, (_, letter: string) => letters[letter] ?? "?");
}

/** Strings that PostgreSQL can hold: no NUL, no half surrogate pairs. */
const storable = fc
  .string({ unit: "binary" })
  .map((text) => Buffer.from(text).toString().replaceAll("\0", ""));

/** The same JSON, other escapes: every character as \\uXXXX. */
const allEscaped = (text: string) =>
  `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;

describe("RowEncoder", () => {
  it("writes what JSON.parse reads, however the string is escaped", () => {
    fc.assert(
      fc.property(storable, fc.boolean(), (text, escapes) => {
        const json = escapes ? allEscaped(text) : JSON.stringify(text);
        expect(encode({ t: VALUE_KIND.text }, `{"t":${json}}`)?.fields[0]).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps JSON as it was spelled, in jsonb columns and in the raw row", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "grapheme" }), (json) => {
        const row = encode({ j: VALUE_KIND.jsonb }, `{"j":${json}}`);
        expect(row?.fields[0]).toBe(json === "null" ? null : json);
        expect(row?.raw).toBe(`{"j":${json}}`);
      }),
    );
  });

  it("gives the same row for any order of keys and any white space", () => {
    const kinds = { a: VALUE_KIND.int8, b: VALUE_KIND.text, c: VALUE_KIND.number };
    const values: Record<string, string> = { a: "-9223372036854775808", b: '"x\\ty"', c: "1e3" };
    const space = fc.stringMatching(/^[ \t\r]{0,2}$/);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(["a", "b", "c"]),
        fc.tuple(space, space, space, space),
        (keys, [s1, s2, s3, s4]) => {
          const members = keys.map((key) => `${s1}"${key}"${s2}:${s3}${values[key]!}${s4}`);
          const fields = encode(kinds, `{${members.join(",")}${s1}}`)?.fields.slice(0, 3);
          expect(fields).toEqual([
            keys.includes("a") ? "-9223372036854775808" : null,
            keys.includes("b") ? "x\ty" : null,
            keys.includes("c") ? "1e3" : null,
          ]);
        },
      ),
    );
  });

  it("never takes an object that was cut, wherever", () => {
    const json = '{"a":12,"b":"x\\u00e9\\n","c":[1,{"d":null}],"e":true,"f":1.5e3}';
    const kinds = {
      a: VALUE_KIND.int8,
      b: VALUE_KIND.text,
      c: VALUE_KIND.jsonb,
      e: VALUE_KIND.boolean,
      f: VALUE_KIND.number,
    };
    expect(encode(kinds, json)).toBeDefined();
    for (let end = 1; end < json.length; end++)
      expect(encode(kinds, json.slice(0, end))).toBeUndefined();
  });

  it("takes integers that are whole, in their range, however spelled", () => {
    const id = (token: string) => encode({ id: VALUE_KIND.int8 }, `{"id":${token}}`)?.fields[0];

    expect(["0", "-0", "1.0", "12e2", '"17"', "9223372036854775807"].map(id)).toEqual([
      "0",
      "-0",
      "1",
      "1200",
      "17",
      "9223372036854775807",
    ]);
    expect(
      ["1.5", "9223372036854775808", "-9223372036854775809", '"x"', "true", "1e99"].map(id),
    ).toEqual(Array(6).fill(null));
  });
});

describe("dates and times", () => {
  const check = (isOne: typeof isDate, text: string) => isOne(Buffer.from(text), 0, text.length);

  it("takes what is ISO 8601 and exists, and nothing PostgreSQL would guess at", () => {
    for (const text of [
      "1999-01-08",
      "5874897-12-31",
      "4714-11-24 BC",
      "-infinity",
      "2024-02-29",
      "0000-01-01",
      "-0043-03-15",
    ])
      expect([text, check(isDate, text)]).toEqual([text, true]);
    for (const text of [
      "now",
      "2023-02-29",
      "1/2/2003",
      "4714-11-23 BC",
      "0000-01-01 BC",
      "-0043-03-15 BC",
      "1999-13-01",
    ])
      expect([text, check(isDate, text)]).toEqual([text, false]);
    for (const text of [
      "2022-09-01T16:30:13.939030Z",
      "294276-12-31 23:59:59.999999",
      "2022-09-01T24:00:00",
      "0044-03-15T00:00:00+05:30 BC",
    ])
      expect([text, check(isTimestamp, text)]).toEqual([text, true]);
    for (const text of [
      "yesterday",
      "2022-09-01T25:00:00",
      "2022-09-01T",
      "2022-09-01T10:00:00 PST",
    ])
      expect([text, check(isTimestamp, text)]).toEqual([text, false]);
    for (const text of ["24:00:00", "04:05", "13:00:01.5+05:30", "00:00:00.000000Z"])
      expect([text, check(isTime, text)]).toEqual([text, true]);
    for (const text of ["24:00:01", "4:05", "allballs", "13:60"])
      expect([text, check(isTime, text)]).toEqual([text, false]);
  });

  it("tells what says more than microseconds, whatever stands behind it", () => {
    const finer = (text: string) => saysNanoseconds(Buffer.from(`${text}.1234567`), 0, text.length);
    for (const text of ["02:16:00.4991008+00", "2022-09-01T16:30:13.9390301Z", "00:00:00.0000001"])
      expect([text, finer(text)]).toEqual([text, true]);
    for (const text of ["02:16:00.499100000+0", "2022-09-01T16:30:13.939030000Z", "16:30:13+00:00"])
      expect([text, finer(text)]).toEqual([text, false]);
    // Behind its last byte is where a timestamp would have its fraction.
    expect(finer("02:16:00.499100+00:")).toBe(false);
  });
});

it("has room for whatever an array becomes", () => {
  const value = '{"\\\\\\\\":"\\""}';
  const json = `{"a":[${Array(5000).fill(value).join(",")}]}`;

  const row = encode({ a: VALUE_KIND.array }, json);

  const text = row!.fields[0]!;
  expect(text.endsWith('"}')).toBe(true);
  expect(text.length).toBe(2 + 5000 * (value.length + 2 + value.match(/["\\]/g)!.length) + 4999);
});
