import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { seeds, TIMEOUT_MS } from "./seeds.ts";
import { soak } from "./soak.ts";

/** @guarantee every-row-arrives */
describe("syncs beside concurrent writers deliver every version once", () => {
  for (const seed of seeds(20)) {
    it(`seed ${seed}`, { timeout: TIMEOUT_MS }, async ({ source, destination, folder }) => {
      expect(await soak({ source, destination, folder, seed, syncs: 2 })).toEqual([]);
    });
  }
});
