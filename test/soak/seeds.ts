/** Set SYNCLINE_SOAK_SEEDS to a number of random seeds, or SYNCLINE_SOAK_SEED to one to repeat. */
export function seeds(fixed: number): number[] {
  const one = process.env["SYNCLINE_SOAK_SEED"];
  if (one) return [Number(one)];
  const random = Number(process.env["SYNCLINE_SOAK_SEEDS"] ?? 0);
  if (random === 0) return Array.from({ length: fixed }, (_, n) => n + 1);
  return Array.from({ length: random }, () => Math.floor(Math.random() * 2 ** 31));
}

/** Time for one seed. */
export const TIMEOUT_MS = 120_000;
