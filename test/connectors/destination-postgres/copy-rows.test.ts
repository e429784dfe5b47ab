import fc from "fast-check";
import { expect, it } from "vitest";
import { BlockPool } from "../../../connectors/destination-postgres/lane/block-pool.ts";
import { CopyRows } from "../../../connectors/destination-postgres/lane/copy-rows.ts";

const BLOCK_BYTES = 16;

/** A row as an encoder writes it, or something that happens between two. */
type Step =
  | { do: "row"; bytes: number; spare: number; grown: number; isUndone: boolean }
  | { do: "cover" | "cut" | "split" | "load" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("row" as const),
      bytes: fc.integer({ min: 1, max: 4 * BLOCK_BYTES }),
      // An encoder reserves for the worst case, and writes less.
      spare: fc.nat(2 * BLOCK_BYTES),
      grown: fc.constantFrom(0, 0, 1, 3 * BLOCK_BYTES),
      isUndone: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("cover", "cut", "split", "load") }),
  },
);

const bytesOf = (rows: CopyRows) => Buffer.concat(rows.pieces());

it("holds the bytes of every row, and nothing else, whatever is taken back, cut off or moved", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const pool = new BlockPool(BLOCK_BYTES);
      let rows = new CopyRows(pool);
      // What is being loaded while more is gathered: nobody else may write there.
      let loading = new CopyRows(pool);
      let expected = "";
      let expectedLoading = "";
      let covered = 0;
      let letter = 0;
      for (const one of steps) {
        if (one.do === "row") {
          const text = String.fromCodePoint(97 + (letter++ % 26)).repeat(one.bytes);
          rows.reserve(one.bytes + one.spare);
          const start = rows.length;
          rows.ascii(text);
          rows.grow(one.grown);
          rows.ascii("#".repeat(one.grown));
          if (one.isUndone) rows.length = start;
          else {
            rows.endRow();
            expected += text + "#".repeat(one.grown);
          }
        } else if (one.do === "cover") covered = rows.size;
        else if (one.do === "cut") {
          rows.cut(covered);
          expected = expected.slice(0, covered);
        } else {
          loading.release();
          const rest = new CopyRows(pool);
          if (one.do === "split") rows.moveTail(covered, rest);
          const moved = one.do === "split" ? covered : expected.length;
          [loading, rows] = [rows, rest];
          [expectedLoading, expected] = [expected.slice(0, moved), expected.slice(moved)];
          covered = 0;
        }
        expect(rows.size).toBe(expected.length);
        expect(bytesOf(rows).toString("latin1")).toBe(expected);
        expect(bytesOf(loading).toString("latin1")).toBe(expectedLoading);
        expect(rows.heldBytes).toBeGreaterThanOrEqual(rows.size);
      }
    }),
    { numRuns: 2_000 },
  );
});

it("packs rows for which a block may be too small, and takes no more memory than their bytes", () => {
  const pool = new BlockPool(BLOCK_BYTES);
  const rows = new CopyRows(pool);
  for (let n = 0; n < 100; n++) {
    rows.reserve(4 * BLOCK_BYTES);
    rows.ascii("x".repeat(BLOCK_BYTES - 1));
    rows.endRow();
  }
  expect(rows.heldBytes).toBeLessThan(rows.size + BLOCK_BYTES);
});

it("uses the blocks of what was loaded again, whoever had them", () => {
  const pool = new BlockPool(BLOCK_BYTES);
  const blocks = new Set<Buffer>();
  for (let n = 0; n < 50; n++) {
    const rows = new CopyRows(pool);
    for (let row = 0; row < 10; row++) {
      rows.reserve(BLOCK_BYTES);
      blocks.add(rows.bytes);
      rows.ascii("x".repeat(BLOCK_BYTES));
      rows.endRow();
    }
    rows.release();
  }
  expect(blocks.size).toBe(10);
});
