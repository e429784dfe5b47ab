import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { soak } from "./soak.ts";

/** Set SYNCLINE_SOAK_SEEDS to a number of random seeds, or SYNCLINE_SOAK_SEED to one to repeat. */
const SEEDS = (fixed: number) => {
  const one = process.env["SYNCLINE_SOAK_SEED"];
  if (one) return [Number(one)];
  const random = Number(process.env["SYNCLINE_SOAK_SEEDS"] ?? 0);
  if (random === 0) return Array.from({ length: fixed }, (_, n) => n + 1);
  return Array.from({ length: random }, () => Math.floor(Math.random() * 2 ** 31));
};

const TIMEOUT_MS = 120_000;

describe("syncs beside concurrent writers deliver every version once", () => {
  for (const seed of SEEDS(20)) {
    it(`seed ${seed}`, { timeout: TIMEOUT_MS }, async ({ source, destination, folder }) => {
      expect(await soak({ source, destination, folder, seed, syncs: 3, kills: false })).toEqual([]);
    });
  }
});

describe("syncs whose processes are killed deliver every version once", () => {
  // Three kills each.
  for (const seed of SEEDS(10)) {
    it(`seed ${seed}`, { timeout: TIMEOUT_MS }, async ({ source, destination, folder }) => {
      expect(await soak({ source, destination, folder, seed, syncs: 3, kills: true })).toEqual([]);
    });
  }
});
