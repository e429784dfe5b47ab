import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CopyTextEncoder } from "../../../connectors/source-postgres/rows/copy-text-encoder.ts";
import type { TokenKind } from "../../../connectors/postgres/types/kinds.ts";

/** What the server writes for a text in COPY's text format. */
function copyText(text: string | null): string {
  if (text === null) return "\\N";
  return text.replaceAll(/[\b\f\n\r\t\v\\]/g, (character) => COPY_ESCAPES[character]!);
}

const COPY_ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

function encode(kinds: readonly TokenKind[], fields: readonly (string | null)[]): string {
  const encoder = new CopyTextEncoder(kinds.map((token, index) => ({ name: `c${index}`, token })));
  const row = Buffer.from(`${fields.map(copyText).join("\t")}\n`);
  const out = Buffer.alloc(encoder.room(row, 0, row.length));
  return out.toString("utf8", 0, encoder.encode(row, 0, row.length, out, 0));
}

const token = (kind: TokenKind, field: string | null) => encode([kind], [field]).slice(6, -1);

// PostgreSQL holds no NUL, and half a surrogate pair is not UTF-8.
const anyText = fc
  .string({ unit: "binary", maxLength: 60 })
  .filter((text) => !text.includes("\0") && Buffer.from(text).toString() === text);

/** @guarantee bytes-untouched */
describe("CopyTextEncoder", () => {
  it("prints any text as the JSON string of that text", () => {
    fc.assert(
      fc.property(fc.array(fc.option(anyText), { minLength: 1, maxLength: 5 }), (texts) => {
        const json = encode(
          texts.map(() => "text"),
          texts,
        );

        expect(JSON.parse(json)).toEqual(
          Object.fromEntries(texts.map((text, index) => [`c${index}`, text])),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps every control character, quote and backslash, alone and in a long text", () => {
    for (let code = 1; code < 0x20; code++) {
      const text = `a${String.fromCharCode(code)}"\\é😀`.repeat(2000);
      expect(JSON.parse(encode(["text"], [text]))).toEqual({ c0: text });
    }
  });

  it("never prints a raw line break, also not from inside a JSON document", () => {
    const json = '{\n  "a": "x\\ny",\r\n\t"b": 1\n}';

    const line = encode(["json"], [json]);

    expect(line).not.toMatch(/[\r\n]/);
    expect(JSON.parse(line)).toEqual({ c0: { a: "x\ny", b: 1 } });
  });

  it("prints JSON documents byte for byte otherwise", () => {
    for (const json of [
      '{"a":1,"a":2}',
      "1e400",
      '"\\u0000"',
      "123456789012345678901234567890",
      "-0",
    ])
      expect(token("json", json)).toBe(json);
  });

  it("leaves out the key of a SQL NULL in a JSON column, wherever it stands", () => {
    expect(encode(["json", "integer", "json"], [null, "1", null])).toBe('{"c1":1}');
    expect(encode(["json", "json"], [null, null])).toBe("{}");
    expect(encode(["integer", "json", "text"], [null, null, "x"])).toBe('{"c0":null,"c2":"x"}');
    expect(encode(["json"], ["null"])).toBe('{"c0":null}');
  });

  it("prints numbers digit for digit, and names what JSON has no number for", () => {
    const digits = "9".repeat(200);
    expect(token("integer", "-9223372036854775808")).toBe("-9223372036854775808");
    expect(token("number", `-${digits}.${digits}`)).toBe(`-${digits}.${digits}`);
    expect(token("number", "1e+23")).toBe("1e+23");
    expect(token("number", "NaN")).toBe('"NaN"');
    expect(token("number", "Infinity")).toBe('"Infinity"');
    expect(token("number", "-Infinity")).toBe('"-Infinity"');
  });

  it("prints times with six digits and a whole offset, and leaves words alone", () => {
    expect(token("timestamp", "2022-09-01 16:30:13.93903")).toBe('"2022-09-01T16:30:13.939030"');
    expect(token("timestamp", "0044-03-15 00:00:00 BC")).toBe('"0044-03-15T00:00:00.000000 BC"');
    expect(token("timestamp", "294276-12-31 23:59:59.999999")).toBe(
      '"294276-12-31T23:59:59.999999"',
    );
    expect(token("timestamp", "-infinity")).toBe('"-infinity"');
    expect(token("timestamptz", "2022-09-01 16:30:13+00")).toBe('"2022-09-01T16:30:13.000000Z"');
    expect(token("timestamptz", "0044-03-15 00:00:00.5+00 BC")).toBe(
      '"0044-03-15T00:00:00.500000Z BC"',
    );
    expect(token("timestamptz", "infinity")).toBe('"infinity"');
    expect(token("time", "24:00:00")).toBe('"24:00:00.000000"');
    expect(token("timetz", "13:00:01.5+05")).toBe('"13:00:01.500000+05:00"');
    expect(token("timetz", "13:00:01-15:59:59")).toBe('"13:00:01.000000-15:59:59"');
    expect(token("timetz", "13:00:01+00")).toBe('"13:00:01.000000+00:00"');
  });

  it("escapes column names", () => {
    const encoder = new CopyTextEncoder([{ name: 'a"b\n', token: "integer" }]);
    const row = Buffer.from("1\n");
    const out = Buffer.alloc(encoder.room(row, 0, row.length));

    const end = encoder.encode(row, 0, row.length, out, 0);

    expect(JSON.parse(out.toString("utf8", 0, end))).toEqual({ 'a"b\n': 1 });
  });

  it("says where hidden columns lie, and prints an empty object when all are hidden", () => {
    const encoder = new CopyTextEncoder([], 2);
    const row = Buffer.from("(0,1)\tabc\n");
    const out = Buffer.alloc(encoder.room(row, 0, row.length));

    const end = encoder.encode(row, 0, row.length, out, 0);

    expect(out.toString("utf8", 0, end)).toBe("{}");
    expect(row.toString("utf8", encoder.hidden[0], encoder.hidden[1])).toBe("(0,1)");
    expect(row.toString("utf8", encoder.hidden[2], encoder.hidden[3])).toBe("abc");
  });

  it("refuses a row with too few or too many columns", () => {
    expect(() => encode(["text"], ["a", "b"])).toThrow(/columns/);
    expect(() => encode(["text", "text"], ["a"])).toThrow(/columns/);
  });

  it("never needs more room than it says", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9000 }),
        fc.constantFrom("\u0001", '"', "a", "\v"),
        (length, character) => {
          const row = Buffer.from(`${copyText(character.repeat(length))}\n`);
          const encoder = new CopyTextEncoder([{ name: "c", token: "text" }]);
          const out = Buffer.alloc(row.length * 7 + 100);

          const end = encoder.encode(row, 0, row.length, out, 0);

          expect(end).toBeLessThanOrEqual(encoder.room(row, 0, row.length));
        },
      ),
      { numRuns: 300 },
    );
  });
});
