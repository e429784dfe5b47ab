/** @typedef {import("./measure.mjs").Measurement} Measurement */
/** @typedef {import("./processes.mjs").Usage} Usage */

/**
 * What all runs of one way come to.
 *
 * @typedef {object} Figures
 * @property {number} seconds the median
 * @property {number} fastest
 * @property {number} slowest
 * @property {number} cpuSeconds the median
 * @property {number} outputBytes
 * @property {number} [turns] the median
 * @property {Usage[]} processes the median CPU time and the largest peak of each program
 */

/**
 * @param {Measurement[]} runs
 * @returns {Figures}
 */
export function figuresOf(runs) {
  const seconds = runs.map((run) => run.seconds);
  const perRun = runs.map((run) => byLabel(run.processes));
  const labels = [...new Set(perRun.flatMap((usages) => [...usages.keys()]))];
  const turns = runs.flatMap((run) => run.turns ?? []);
  return {
    seconds: median(seconds),
    fastest: Math.min(...seconds),
    slowest: Math.max(...seconds),
    cpuSeconds: median(runs.map((run) => run.cpuSeconds)),
    outputBytes: runs[0].outputBytes,
    ...(turns.length === 0 ? {} : { turns: median(turns) }),
    processes: labels.map((label) => {
      const found = perRun.flatMap((usages) => usages.get(label) ?? []);
      return {
        label,
        cpuSeconds: median(found.map(({ cpuSeconds }) => cpuSeconds)),
        peakMegabytes: Math.max(...found.map(({ peakMegabytes }) => peakMegabytes)),
      };
    }),
  };
}

/** Two steps as one. */
export function oneAfterTheOther(first, second) {
  return {
    seconds: first.seconds + second.seconds,
    cpuSeconds: first.cpuSeconds + second.cpuSeconds,
    outputBytes: first.outputBytes,
    processes: [...first.processes, ...second.processes],
  };
}

/** Processes of one run that are the same program: their CPU time together, and the largest peak. */
function byLabel(processes) {
  const usages = new Map();
  for (const { label, cpuSeconds, peakMegabytes } of processes) {
    const other = usages.get(label) ?? { cpuSeconds: 0, peakMegabytes: 0 };
    usages.set(label, {
      cpuSeconds: other.cpuSeconds + cpuSeconds,
      peakMegabytes: Math.max(other.peakMegabytes, peakMegabytes),
    });
  }
  return usages;
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
