import { readFile, writeFile } from "node:fs/promises";
import { describe } from "./machine.mjs";
import { aimCells, resultCells } from "./report.mjs";

const BEGIN = "<!-- figures: npm run bench writes what is between these lines -->\n";
const END = "<!-- end of figures -->\n";

/**
 * Everything a run found out.
 *
 * @typedef {object} Findings
 * @property {import("./machine.mjs").Machine} machine
 * @property {number} rows of the main table
 * @property {number} runs
 * @property {({ name: string } & import("./scenarios/scenario.mjs").Answer)[]} scenarios
 * @property {import("./report.mjs").Aim[]} aims
 * @property {string[]} peers with their versions
 * @property {string[]} missing peers that are not there, and why
 */

/**
 * Puts the figures of a run between the two marked lines of a document.
 *
 * @param {string} path
 * @param {Findings} findings
 */
export async function writeInto(path, findings) {
  const text = await readFile(path, "utf8");
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from === -1 || to < from) throw new Error(`${path} has no lines that mark the figures`);
  const before = text.slice(0, from + BEGIN.length);
  await writeFile(path, `${before}\n${markdown(findings)}\n${text.slice(to)}`);
}

/** @param {Findings} findings */
export function markdown({ machine, rows, runs, peers, missing, scenarios, aims }) {
  const counted = `${rows.toLocaleString("en")} rows in the main table, ${runs} counted ${runs === 1 ? "run" : "runs"} of each after a warm-up.`;
  return [
    `${describe(machine)}. ${counted}`,
    ...(peers.length === 0 ? [] : [`Compared with: ${peers.join(", ")}.`]),
    ...(missing.length === 0 ? [] : [`Not here, so not compared: ${missing.join(", ")}.`]),
    ...scenarios.flatMap((scenario) => [`### ${scenario.name}`, table(resultCells(scenario))]),
    "### Aims",
    table(aimCells(aims, rows)),
  ]
    .map((part) => `${part}\n`)
    .join("\n");
}

/** The same findings as data. */
export function asData({ scenarios, ...rest }) {
  const plain = scenarios.map(({ results, ...scenario }) => ({
    ...scenario,
    results: Object.fromEntries(results),
  }));
  return { ...rest, scenarios: plain };
}

/** As prettier lays a table out. */
function table({ header, lines }) {
  const escaped = [header, ...lines].map((line) => line.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = header.map((_, at) => Math.max(3, ...escaped.map((line) => line[at].length)));
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const padded = (line) =>
    row(line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))));
  const rule = row(
    widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)),
  );
  return [padded(escaped[0]), rule, ...escaped.slice(1).map(padded)].join("\n");
}
