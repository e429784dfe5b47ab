// How fast rows are moved, beside what PostgreSQL's own tools and others need on the same servers.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { asData, writeInto } from "./document.mjs";
import { describe, machineOf } from "./machine.mjs";
import { findPeers } from "./peers.mjs";
import {
  aimCells,
  FULL_SIZE,
  layOut,
  ours,
  processCells,
  resultCells,
  verdictOf,
} from "./report.mjs";
import { SCENARIOS } from "./scenarios.mjs";
import { Stage } from "./stage.mjs";
import { createTable, TABLE } from "./table.mjs";

const HELP = `npm run bench -- [options]

  --rows 1000000     of the main table; the aims are made for so many
  --runs 3           counted ones, after a warm-up
  --only <part>[,…]  scenarios whose name holds one of these
  --peers            other tools as well, those that are on the PATH
  --check            status 1 when an aim is missed
  --json <file>      all figures as data
  --markdown <file>  the figures, put between the marked lines of a document
  --postgres <bin>   a folder with the executables of another PostgreSQL
  --list             only name the scenarios

Data lies in the folder for temporary files: TMPDIR=/dev/shm puts it into memory.
`;

const { values: options } = parseArgs({
  options: {
    rows: { type: "string", default: String(FULL_SIZE) },
    runs: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    peers: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    json: { type: "string" },
    markdown: { type: "string" },
    postgres: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const NO_PEERS = { found: [], missing: [] };

process.exitCode = await main();

/** Returns the exit status. */
async function main() {
  const parts = options.only.split(",");
  const chosen = SCENARIOS.filter(
    ({ name, isOfPeers = false }) =>
      parts.some((part) => name.includes(part)) && (options.peers || !isOfPeers),
  );
  if (options.help) say(HELP);
  else if (chosen.length === 0) say(`No scenario is named so.\n`);
  else if (options.list) say(chosen.map(({ name }) => `${name}\n`).join(""));
  else return bench(chosen, Number(options.rows), Number(options.runs));
  return chosen.length === 0 ? 2 : 0;
}

/** Returns the exit status. */
async function bench(chosen, rows, runs) {
  const stage = await Stage.open(options.postgres);
  try {
    const machine = await machineOf(stage);
    say(`${describe(machine)}\n${rows} rows\n`);
    if (!stage.hasPsql) say("No psql here: COPY goes through pg-copy-streams instead.\n");
    await stage.query("source", createTable(rows));
    await stage.query("source", `vacuum analyze ${TABLE}`);
    const areAsked = chosen.some(({ isOfPeers }) => isOfPeers);
    const { found, missing } = areAsked ? await findPeers(stage) : NO_PEERS;
    const peers = found.map(({ peer, version }) => `${peer.name} ${version}`);
    const findings = { machine, rows, runs, peers, missing, scenarios: [], aims: [] };
    const failed = await runAll(stage, chosen, found, findings);
    say(`\n${layOut(aimCells(findings.aims, rows))}`);
    if (missing.length > 0) say(`\nNot here, so not compared: ${missing.join(", ")}\n`);
    for (const name of failed) say(`\nFAILED: ${name}\n`);
    const isMissed = findings.aims.some((aim) => verdictOf(aim, rows) === "MISSED");
    return failed.length > 0 || (options.check && isMissed) ? 1 : 0;
  } finally {
    await stage.close();
  }
}

/**
 * One after the other, each added to the findings; one that fails costs the others nothing, and a run
 * that is interrupted only what comes after. Returns the names of those that failed.
 */
async function runAll(stage, chosen, peers, findings) {
  const { rows, runs, scenarios } = findings;
  const failed = [];
  for (const { name, run, hasHugeRows = false } of chosen) {
    say(`\n${name}\n`);
    try {
      await stage.emptyDestination();
      const answer = await run(stage, { rows, runs, peers });
      say(`\n${layOut(resultCells(answer))}\n${layOut(processCells(answer))}`);
      scenarios.push({ name, hasHugeRows, ...answer });
      findings.aims = [...scenarios.flatMap(({ aims }) => aims), memoryAim(scenarios)];
      await handOn(findings);
    } catch (error) {
      say(`${error.stack}\n`);
      failed.push(name);
    }
    await stage.tidySource();
  }
  return failed;
}

/** Writes what is known so far to where it was asked for. */
async function handOn(findings) {
  if (options.json !== undefined)
    await writeFile(options.json, `${JSON.stringify(asData(findings), undefined, 2)}\n`);
  if (options.markdown !== undefined) await writeInto(options.markdown, findings);
}

/** The largest of our processes, where rows are of an ordinary size. */
function memoryAim(scenarios) {
  const peaks = scenarios
    .filter(({ hasHugeRows }) => !hasHugeRows)
    .flatMap(({ results }) => [...results.values()].flatMap(ours))
    .map(({ peakMegabytes }) => peakMegabytes);
  return {
    aim: "peak memory of any of our processes, rows below 16 MB",
    measured: peaks.length === 0 ? undefined : Math.max(...peaks),
    limit: 120,
    unit: "MB",
  };
}

function say(text) {
  process.stdout.write(text);
}
