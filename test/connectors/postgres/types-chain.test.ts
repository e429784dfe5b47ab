/** @guarantee exact-values */
import fc from "fast-check";
import { expect, it } from "vitest";
import { CopyBuffer } from "../../../connectors/destination-postgres/encode/copy-buffer.ts";
import { RowEncoder as ToCopy } from "../../../connectors/destination-postgres/encode/row-encoder.ts";
import { TextWriter } from "../../../connectors/destination-postgres/encode/text/text-writer.ts";
import {
  type TokenKind,
  VALUE_KIND,
  type ValueKind,
} from "../../../connectors/postgres/types/kinds.ts";
import { CopyTextEncoder } from "../../../connectors/source-postgres/rows/copy-text-encoder.ts";
import { RecordBlocks } from "../../../connectors/kit/source/record-blocks.ts";
import { LineSplitter } from "../../../protocol/framing.ts";
import { RecordReader } from "../../../protocol/record-line.ts";

/** A kind of column: how it leaves the source, enters the destination, and values of it. */
interface Kind {
  readonly token: TokenKind;
  readonly value: ValueKind;
  /** The text a server prints, and what the other server must read. */
  readonly values: fc.Arbitrary<readonly [printed: string, wanted: string]>;
}

const same = (text: string) => [text, text] as const;

const hostile = fc.constantFrom(
  "\\",
  "\\N",
  "\\.",
  "\t",
  "\n",
  "\r",
  '"',
  "{",
  ",",
  "\\u0000",
  "\v",
  "😀",
);
const text = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.array(hostile, { maxLength: 8 }).map((parts) => parts.join("")),
  )
  .filter((value) => !value.includes("\0") && !/\p{Surrogate}/u.test(value));

const two = (value: number) => String(value).padStart(2, "0");

/** A clock time as PostgreSQL prints it, without trailing zeros, and as it travels. */
const clock = fc
  .tuple(fc.nat({ max: 23 }), fc.nat({ max: 59 }), fc.nat({ max: 59 }), fc.nat({ max: 999_999 }))
  .map(([hour, minute, second, us]) => {
    const whole = [hour, minute, second].map(two).join(":");
    const fraction = String(us).padStart(6, "0");
    const trimmed = fraction.replace(/0+$/, "");
    return [trimmed === "" ? whole : `${whole}.${trimmed}`, `${whole}.${fraction}`] as const;
  });

const timestamps = fc
  .tuple(fc.integer({ min: 1, max: 294_275 }), fc.nat({ max: 11 }), clock, fc.boolean())
  .map(([year, month, [printed, wanted], isBc]) => {
    const era = isBc && year < 4714 ? " BC" : "";
    const date = `${String(year).padStart(4, "0")}-${two(month + 1)}-28`;
    return [`${date} ${printed}${era}`, `${date}T${wanted}${era}`] as const;
  });

const arrays = fc
  .array(fc.option(text), { maxLength: 4 })
  .map((items) => [JSON.stringify(items), JSON.stringify(items)] as const);

const KINDS: readonly Kind[] = [
  { token: "text", value: VALUE_KIND.text, values: text.map(same) },
  { token: "text", value: VALUE_KIND.text, values: text.map(same) },
  {
    token: "json",
    value: VALUE_KIND.jsonOrNull,
    // A record is one line: line breaks, which JSON has between tokens only, become spaces.
    values: fc.json({ maxDepth: 2 }).map((json) => {
      const spaced = JSON.stringify(JSON.parse(json), undefined, 1);
      return [spaced, spaced.replaceAll("\n", " ")] as const;
    }),
  },
  {
    token: "hex",
    value: VALUE_KIND.text,
    values: fc
      .uint8Array({ maxLength: 9 })
      .map((bytes) => same(`\\x${Buffer.from(bytes).toString("hex")}`)),
  },
  {
    token: "number",
    value: VALUE_KIND.number,
    values: fc.oneof(
      fc.constantFrom("NaN", "Infinity", "-Infinity", "-0", "0.000").map(same),
      fc
        .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat())
        .map(([whole, part]) => same(`${whole}.${part}`)),
    ),
  },
  {
    token: "integer",
    value: VALUE_KIND.int8,
    values: fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((value) => same(String(value))),
  },
  { token: "boolean", value: VALUE_KIND.boolean, values: fc.constantFrom("t", "f").map(same) },
  { token: "timestamp", value: VALUE_KIND.timestamp, values: timestamps },
  { token: "time", value: VALUE_KIND.time, values: clock },
  { token: "array", value: VALUE_KIND.array, values: arrays },
];

type Field = readonly [printed: string, wanted: string] | null;
const anyRow = fc.tuple(...KINDS.map(({ values }) => fc.option(values, { nil: null, freq: 8 })));

it("brings any row from the text of one server to the text of another, unchanged", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 5 }), (rows) => {
      const loaded = rowsOf(toCopy([toRecords(rows)]));

      expect(loaded).toEqual(rows.map((row) => row.map((field) => field?.[1] ?? null)));
    }),
    { numRuns: 400 },
  );
});

it("brings the same rows wherever the pipe cuts them: at every byte", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 2, maxLength: 3 }), (rows) => {
      const records = toRecords(rows);
      const whole = toCopy([records]);

      for (let at = 1; at < records.length; at++)
        if (toCopy([records.subarray(0, at), records.subarray(at)]) !== whole)
          throw new Error(`another result when cut at byte ${at}`);
      const bytes = Array.from(records, (byte) => Buffer.of(byte));
      expect(toCopy(bytes)).toBe(whole);
    }),
    { numRuns: 15 },
  );
});

/** What the source prints for rows that its server printed. */
function toRecords(rows: readonly (readonly Field[])[]): Buffer {
  const encoder = new CopyTextEncoder(
    KINDS.map(({ token }, index) => ({ name: `c${index}`, token })),
  );
  const blocks = new RecordBlocks({ name: "s", namespace: "n" }, 1024, () => 1);
  for (const row of rows) {
    const fields = row.map((field) => (field === null ? "\\N" : escaped(field[0])));
    const line = Buffer.from(`${fields.join("\t")}\n`);
    blocks.append(encoder, line, 0, line.length);
  }
  return Buffer.concat(blocks.takeAll());
}

/** The COPY text that the destination makes of records that arrive in these chunks. */
function toCopy(chunks: readonly Buffer[]): string {
  const kinds = KINDS.map(({ value }) => value);
  const columns = kinds.map((kind, index) => ({ key: `c${index}`, kind }));
  const writers = { final: new TextWriter(kinds), raw: new TextWriter([]) };
  const encoder = new ToCopy(columns, writers);
  const final = new CopyBuffer(1024);
  const reader = new RecordReader();
  const splitter = new LineSplitter();
  for (const chunk of chunks)
    splitter.push(chunk, (bytes, start, end) => {
      expect(reader.read(bytes, start, end)).toBe(true);
      const after = encoder.readData(bytes, reader.dataStart, end, final);
      expect(reader.finish(bytes, after, end)).toBe(true);
      expect(encoder.changes).toEqual([]);
      // No row of ours: what follows the values is the same in each.
      encoder.endRow(
        bytes,
        { id: "\\N", emittedAt: "\\N", normalizedAt: "\\N" },
        {},
        final,
        undefined,
      );
    });
  return final.bytes.toString("utf8", 0, final.length);
}

/** The values of COPY text, unescaped as PostgreSQL's documentation says. */
function rowsOf(copyText: string): (string | null)[][] {
  return copyText
    .split("\n")
    .slice(0, -1)
    .map((line) =>
      line
        .split("\t")
        .slice(0, KINDS.length)
        .map((field, column) => {
          const value =
            field === "\\N"
              ? null
              : field.replaceAll(/\\(.)/gs, (_, letter: string) => LETTERS[letter] ?? letter);
          return value !== null && KINDS[column]!.token === "array" ? itemsOf(value) : value;
        }),
    );
}

/** A one-dimensional array as PostgreSQL's documentation describes its text, as JSON. */
function itemsOf(array: string): string {
  const items = [...array.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|NULL|null/gs)];
  return JSON.stringify(items.map(([, text]) => text?.replaceAll(/\\(.)/gs, "$1") ?? null));
}

const LETTERS: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** A value in COPY's text format, as the server writes it. */
function escaped(value: string): string {
  const letters = Object.fromEntries(
    Object.entries(LETTERS).map(([letter, character]) => [character, letter]),
  );
  return value.replaceAll(
    /[\b\f\n\r\t\v\\]/g,
    (character) => `\\${letters[character] ?? character}`,
  );
}
