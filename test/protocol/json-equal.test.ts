/** @guarantee bytes-untouched */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { sameJson } from "../../protocol/json-equal.ts";

const same = (a: string, b: string) => sameJson(Buffer.from(a), Buffer.from(b));

it.each([
  ['{"a":1,"b":[true,null]}', ' { "b" : [ true , null ] , "a" : 1 } '],
  ["1", "1.0"],
  ["100", "1e2"],
  ["-0.010", "-1E-2"],
  ["0", "-0.00"],
  ["1e1000000000000", "10e999999999999"],
  ['"\\u00e9\\/"', '"é/"'],
  ['"\\ud83d"', '"\\uD83D"'],
  ['{"a":1,"a":2}', '{"\\u0061":2}'],
  ['{"__proto__":1}', '{"__proto__":1.0}'],
])("takes %s and %s for the same", (a, b) => {
  expect(same(a, b)).toBe(true);
});

it.each([
  ["9007199254740993", "9007199254740992"],
  ["0.1", "0.1000000000000000055511151231257827"],
  ["1e400", "1e401"],
  ["1", '"1"'],
  ["[1,2]", "[2,1]"],
  ["[12]", "[1,2]"],
  ['{"a":null}', "{}"],
  ['{"a":{"b":1}}', '{"a":1,"b":1}'],
  ['"\\ud83d"', '"\\ufffd"'],
  ["{", "{"],
  ["1 2", "1 2"],
  ["", ""],
])("tells %s and %s apart", (a, b) => {
  expect(same(a, b)).toBe(false);
});

it("finds any value equal to itself in another spelling, and different from a changed one", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (one, two) => {
      const compact = JSON.stringify(one);

      expect(same(compact, JSON.stringify(one, undefined, 2))).toBe(true);
      expect(same(compact, JSON.stringify(two))).toBe(same(JSON.stringify(two), compact));
      expect(same(`[${compact}]`, compact)).toBe(false);
    }),
    { numRuns: 500 },
  );
});
