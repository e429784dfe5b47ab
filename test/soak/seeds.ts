/**
 * Of the seeds that a run goes through, every second one from `first` on: a file for each half lets two
 * cores work. SYNCLINE_SOAK_SEEDS is a number of random ones, SYNCLINE_SOAK_SEED one to repeat.
 */
export function seeds(fixed: number, first: 0 | 1): number[] {
  const all = () => {
    const one = process.env["SYNCLINE_SOAK_SEED"];
    if (one) return [Number(one)];
    const random = Number(process.env["SYNCLINE_SOAK_SEEDS"] ?? 0);
    if (random === 0) return Array.from({ length: fixed }, (_, n) => n + 1);
    return Array.from({ length: random }, () => Math.floor(Math.random() * 2 ** 31));
  };
  return all().filter((_, index) => index % 2 === first);
}
