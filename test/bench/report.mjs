/** @typedef {import("./measure.mjs").Measurement} Measurement */

/** Lays cells out in columns, the first to the left, the others to the right. */
export function layOut(header, lines) {
  const all = [header, ...lines];
  const widths = header.map((_, column) => Math.max(...all.map((line) => line[column].length)));
  const text = (line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join("  ")
      .trimEnd();
  return [text(header), widths.map((width) => "-".repeat(width)).join("  "), ...lines.map(text)]
    .map((line) => `${line}\n`)
    .join("");
}

/**
 * One line per contestant. The last column compares with the first of `baselines` it names.
 *
 * @param {Map<string, Measurement>} results
 * @param {number} rows
 * @param {number} bytes of the table as NDJSON
 */
export function resultTable(results, rows, bytes) {
  const copy = results.get("COPY | COPY")?.seconds;
  const normalized = results.get("COPY json, then CTAS")?.seconds;
  const ratio = (seconds, base) => (base === undefined ? "" : (seconds / base).toFixed(2));
  return layOut(
    ["", "median s", "CPU s", "rows/s", "MB/s", "× COPY", "× CTAS"],
    [...results].map(([name, { seconds, processes }]) => [
      name,
      seconds.toFixed(2),
      processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0).toFixed(2),
      Math.round(rows / seconds).toLocaleString("en"),
      bytes === 0 ? "" : (bytes / 1e6 / seconds).toFixed(0),
      ratio(seconds, copy),
      ratio(seconds, normalized),
    ]),
  );
}

/** The same for a scenario: what it compares is in its aims. */
export function scenarioTable(results) {
  return layOut(
    ["", "median s", "CPU s"],
    [...results].map(([name, { seconds, processes }]) => [
      name,
      seconds.toFixed(2),
      processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0).toFixed(2),
    ]),
  );
}

/** CPU and peak memory of every process of every contestant. */
export function processTable(results) {
  return layOut(
    ["", "CPU s", "peak RSS MB"],
    [...results].flatMap(([name, { processes }]) =>
      processes.map((process) => [
        `${name}: ${process.label}`,
        process.cpuSeconds.toFixed(2),
        process.peakMegabytes === 0 ? "" : process.peakMegabytes.toFixed(0),
      ]),
    ),
  );
}

/** Without a limit it is a figure to know. */
/** @typedef {{ aim: string, measured: number | undefined, limit?: number, unit: string }} Aim */

/** @param {Aim[]} aims */
export function aimTable(aims) {
  return layOut(
    ["aim", "limit", "measured", ""],
    aims.map(({ aim, measured, limit, unit }) => [
      aim,
      limit === undefined ? "" : `${limit} ${unit}`.trim(),
      measured === undefined ? "–" : `${measured.toFixed(2)} ${unit}`.trim(),
      measured === undefined || limit === undefined ? "" : measured <= limit ? "met" : "MISSED",
    ]),
  );
}
