import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  forEachItem,
  forEachMember,
  MALFORMED,
  skipNumber,
  skipSpace,
  skipString,
  skipValue,
} from "../../protocol/json-scan.ts";

/** Whether the scanner takes `text` for one JSON value, amid bytes that could mislead it. */
function scannerAccepts(text: string): boolean {
  const bytes = Buffer.from(`"]}${text}"]},1`);
  const end = bytes.length - 5;
  const start = skipSpace(bytes, 3, end);
  const after = skipValue(bytes, start, end);
  return after !== MALFORMED && skipSpace(bytes, after, end) === end;
}

function parserAccepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON with all the freedom a writer has: spacing, escapes, number spellings, duplicate keys. */
const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: "json" },
    fc.constantFrom(
      "null",
      "true",
      "false",
      "0",
      "-0",
      "1.10",
      "1e400",
      "-1E-7",
      "9007199254740993",
    ),
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\u00e9\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\\uDeAd"', '"\u2028\u007f"', '""'),
    fc
      .tuple(fc.array(tie("value"), { maxLength: 4, depthIdentifier: "json" }), spaces())
      .map(([items, space]) => `[${space}${items.join(`${space},`)}${space}]`),
    fc
      .tuple(
        fc.array(fc.tuple(fc.constantFrom('"a"', '"b"', '"\\u0061"', '""'), tie("value")), {
          maxLength: 4,
          depthIdentifier: "json",
        }),
        spaces(),
      )
      .map(([members, space]) => {
        const texts = members.map(([key, value]) => `${key}${space}:${space}${value}`);
        return `{${space}${texts.join(`${space},${space}`)}${space}}`;
      }),
  ),
})).value;

function spaces(): fc.Arbitrary<string> {
  return fc.constantFrom("", "", " ", "\t\r\n ");
}

describe("the scanner is exactly as strict as JSON.parse", () => {
  it("on well-formed JSON", () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(parserAccepts(text)).toBe(true);
        expect(scannerAccepts(text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("on JSON with one character changed, left out or added", () => {
    const characters = fc.constantFrom(
      ...'"\\{}[]:,0123456789.eE+-truefalsn ux/\t\n\u0000\u001f\u0080é'.split(""),
    );
    fc.assert(
      fc.property(
        jsonText,
        fc.nat(),
        fc.constantFrom("replace", "drop", "insert"),
        characters,
        (text, position, change, character) => {
          const at = position % (text.length + 1);
          const before = text.slice(0, at);
          const after = text.slice(change === "insert" ? at : at + 1);
          const changed = before + (change === "drop" ? "" : character) + after;

          expect([changed, scannerAccepts(changed)]).toEqual([changed, parserAccepts(changed)]);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it("on text made of the pieces of JSON", () => {
    const pieces = fc.constantFrom(
      ...'[ ] { } : , - . 0 " "a" "\\ \\u12 \\u12G4 1 01 1. 1e 1e+ - nul null +1 .5'.split(" "),
      ...'"\\x" "\\ud83d" tru true NaN \'a\' /**/'.split(" "),
      " ",
      "\u00a0",
      "\ufeff",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        expect([text, scannerAccepts(text)]).toEqual([text, parserAccepts(text)]);
      }),
      { numRuns: 20_000 },
    );
  });

  it("at every place where a text may end", () => {
    const text = '{"a\\u00e9":[-1.5e+7,true,null,"\\"",{}],"b":"é"}';
    for (let length = 1; length <= text.length; length++) {
      const part = text.slice(0, length);
      expect([part, scannerAccepts(part)]).toEqual([part, parserAccepts(part)]);
    }
  });
});

it("reads JSON nested 100,000 levels deep", () => {
  const depth = 100_000;

  expect(scannerAccepts("[".repeat(depth) + "]".repeat(depth))).toBe(true);
  expect(scannerAccepts('{"a":'.repeat(depth) + "1" + "}".repeat(depth))).toBe(true);
  expect(scannerAccepts("[".repeat(depth) + "]".repeat(depth - 1) + "}")).toBe(false);
});

it("gives every member and item in order, duplicates included, exactly as spelled", () => {
  const bytes = Buffer.from(' { "a" : 1.10 , "a":{"x":[1]},"\\u0061":"}" } ');
  const members: string[][] = [];
  const end = forEachMember(bytes, 1, bytes.length, (keyStart, keyEnd, start, valueEnd) => {
    members.push([
      String(bytes.subarray(keyStart, keyEnd)),
      String(bytes.subarray(start, valueEnd)),
    ]);
  });
  const list = Buffer.from('[ 1 ,"]", [2,3]]');
  const items: string[] = [];
  forEachItem(list, 0, list.length, (start, end) => {
    items.push(String(list.subarray(start, end)));
  });

  expect(members).toEqual([
    ['"a"', "1.10"],
    ['"a"', '{"x":[1]}'],
    ['"\\u0061"', '"}"'],
  ]);
  expect(end).toBe(bytes.length - 1);
  expect(items).toEqual(["1", '"]"', "[2,3]"]);
});

it("walks the same objects and arrays that JSON.parse takes", () => {
  fc.assert(
    fc.property(
      jsonText,
      fc.nat(),
      fc.constantFrom(...'{}[],: "1'.split("")),
      (text, position, character) => {
        const at = position % (text.length + 1);
        const changed = text.slice(0, at) + character + text.slice(at);
        const bytes = Buffer.from(changed);
        const walk =
          bytes[0] === 0x7b ? forEachMember : bytes[0] === 0x5b ? forEachItem : undefined;
        if (walk === undefined) return;
        const end = walk(bytes, 0, bytes.length, () => undefined);
        const isWhole = end !== MALFORMED && skipSpace(bytes, end, bytes.length) === bytes.length;

        expect([changed, isWhole]).toEqual([changed, parserAccepts(changed)]);
      },
    ),
    { numRuns: 5000 },
  );
});

it("does not look past the end it is given", () => {
  const bytes = Buffer.from('"ab"12{"a":1}');

  expect(skipString(bytes, 0, 3)).toBe(MALFORMED);
  expect(skipString(bytes, 0, 0)).toBe(MALFORMED);
  expect(skipNumber(bytes, 4, 5)).toBe(5);
  expect(skipNumber(bytes, 4, 4)).toBe(MALFORMED);
  expect(skipValue(bytes, 6, 12)).toBe(MALFORMED);
  expect(forEachMember(bytes, 6, 7, () => undefined)).toBe(MALFORMED);
});
