import fc from "fast-check";
import { expect, test } from "vitest";
import {
  complement,
  type IdRange,
  rangesOf,
  within,
  without,
} from "../../../connectors/source-postgres/position/id-ranges.ts";

const LAST = 40;
const ids = fc.uniqueArray(fc.nat(LAST)).map((list) => list.toSorted((a, b) => a - b).map(BigInt));
const ranges = ids.map((list) => rangesOf(list, [], 0n));

const idsIn = (list: readonly IdRange[]) =>
  Array.from({ length: LAST + 1 }, (_, id) => BigInt(id)).filter((id) =>
    list.some(([first, last]) => id >= first && id <= last),
  );

test("says of transaction ids what sets of them say, and in as few ranges as there are", () => {
  fc.assert(
    fc.property(ids, ranges, ids, fc.nat(LAST), fc.nat(LAST), (some, list, others, from, to) => {
      const bounds = [BigInt(from), BigInt(to)] as const;
      const inBounds = (id: bigint) => id >= bounds[0] && id <= bounds[1];
      const inList = new Set(idsIn(list));
      const all = Array.from({ length: LAST + 1 }, (_, id) => BigInt(id));

      expect(idsIn(rangesOf(some, list, 0n))).toEqual(
        all.filter((id) => inList.has(id) || some.includes(id)),
      );
      expect(idsIn(within(list, bounds))).toEqual([...inList].filter(inBounds));
      expect(idsIn(complement(list, bounds))).toEqual(
        all.filter((id) => inBounds(id) && !inList.has(id)),
      );
      expect(idsIn(without(list, others))).toEqual(
        [...inList].filter((id) => !others.includes(id)),
      );
      const joined = rangesOf(some, list, 0n);
      const isApart = joined.every(([first], i) => i === 0 || joined[i - 1]![1] + 1n < first);
      expect(isApart).toBe(true);
    }),
  );
});
