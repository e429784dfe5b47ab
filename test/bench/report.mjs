/**
 * Without a limit an aim is a figure to know; one of `fullSize` is judged only at the default number of rows,
 * since with fewer the start of the processes counts for more.
 *
 * @typedef {{ aim: string, measured: number | undefined, limit?: number, unit: string, fullSize?: boolean }} Aim
 */

/** @typedef {import("./figures.mjs").Figures} Figures */

/** How many rows the aims are made for. */
export const FULL_SIZE = 1_000_000;

/**
 * @param {Aim} aim
 * @param {number} rows of the main table
 * @returns {"" | "met" | "MISSED" | "not at this size"}
 */
export function verdictOf({ measured, limit, fullSize = false }, rows) {
  if (measured === undefined || limit === undefined) return "";
  if (fullSize && rows !== FULL_SIZE) return "not at this size";
  return measured <= limit ? "met" : "MISSED";
}

/**
 * One line per way: header and cells. Columns that nothing is known for are left out.
 *
 * @param {import("./scenarios/scenario.mjs").Answer} answer
 */
export function resultCells({ results, rows, base }) {
  const baseSeconds = results.get(base)?.seconds;
  const columns = [
    ["", (name) => name],
    ["median s", (_, { seconds }) => seconds.toFixed(2)],
    ["min–max", (_, { fastest, slowest }) => `${fastest.toFixed(2)}–${slowest.toFixed(2)}`],
    [
      `× ${base}`,
      (_, { seconds }) => (baseSeconds === undefined ? "" : (seconds / baseSeconds).toFixed(2)),
    ],
    ["rows/s", (_, { seconds }) => (rows === undefined ? "" : thousands(rows / seconds))],
    ["CPU s", (_, { cpuSeconds }) => (cpuSeconds === 0 ? "" : cpuSeconds.toFixed(2))],
    ["turns", (_, { turns }) => (turns === undefined ? "" : String(turns))],
    ["peak MB", (_, { processes }) => positive(Math.max(...processes.map(peakOf), 0))],
  ];
  const lines = [...results].map(([name, figures]) => columns.map(([, of]) => of(name, figures)));
  const isKnown = columns.map((_, at) => lines.some((line) => line[at] !== ""));
  const known = (cells) => cells.filter((_, at) => isKnown[at]);
  return { header: known(columns.map(([title]) => title)), lines: lines.map(known) };
}

/** CPU and peak memory of every program of every way. */
export function processCells({ results }) {
  return {
    header: ["", "CPU s", "peak MB"],
    lines: [...results].flatMap(([name, { processes }]) =>
      processes.map(({ label, cpuSeconds, peakMegabytes }) => [
        `${name}: ${label}`,
        cpuSeconds.toFixed(2),
        positive(peakMegabytes),
      ]),
    ),
  };
}

/**
 * @param {Aim[]} aims
 * @param {number} rows of the main table
 */
export function aimCells(aims, rows) {
  return {
    header: ["aim", "limit", "measured", ""],
    lines: aims.map((aim) => [
      aim.aim,
      aim.limit === undefined ? "" : `≤ ${aim.limit} ${aim.unit}`,
      aim.measured === undefined ? "–" : `${aim.measured.toFixed(2)} ${aim.unit}`,
      verdictOf(aim, rows),
    ]),
  };
}

/** What our own processes of a run took. */
export function ours({ processes }) {
  return processes.filter(({ label }) =>
    /^(syncline|source-postgres|destination-postgres)\b/.test(label),
  );
}

/** Lays cells out in columns, the first to the left, the others to the right. */
export function layOut({ header, lines }) {
  const all = [header, ...lines];
  const widths = header.map((_, column) => Math.max(...all.map((line) => line[column].length)));
  const text = (line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
      .join("  ")
      .trimEnd();
  return [text(header), widths.map((width) => "-".repeat(width)).join("  "), ...lines.map(text)]
    .map((line) => `${line}\n`)
    .join("");
}

const peakOf = ({ peakMegabytes }) => peakMegabytes;
const positive = (value) => (value === 0 ? "" : value.toFixed(0));
const thousands = (value) => Math.round(value).toLocaleString("en");
