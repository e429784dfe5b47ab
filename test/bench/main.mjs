// How fast a table is copied, beside what PostgreSQL's own tools need on the same servers.
import { parseArgs } from "node:util";
import { contestants } from "./contestants.mjs";
import { medianOf } from "./measure.mjs";
import { aimTable, processTable, resultTable, scenarioTable } from "./report.mjs";
import { badRows } from "./scenarios/bad-rows.mjs";
import { dedupedUpsert } from "./scenarios/deduped-upsert.mjs";
import { hashedColumn } from "./scenarios/hashed-column.mjs";
import { idleIncremental } from "./scenarios/idle-incremental.mjs";
import { largeShapes } from "./scenarios/large-shapes.mjs";
import { wideRows } from "./scenarios/wide-rows.mjs";
import { oneGigabyte } from "./scenarios/one-gigabyte.mjs";
import { specSeconds, twoRowSyncSeconds } from "./small.mjs";
import { Stage } from "./stage.mjs";
import { createTable, TABLE } from "./table.mjs";

const HELP = `npm run bench -- [--rows 1000000] [--runs 3] [--only <part of a name>[,…]]\n`;

const SCENARIOS = [
  hashedColumn,
  badRows,
  dedupedUpsert,
  idleIncremental,
  largeShapes,
  wideRows,
  oneGigabyte,
];

const { values: options } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    runs: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) process.stdout.write(HELP);
else await bench(Number(options.rows), Number(options.runs), options.only.split(","));

async function bench(rows, runs, only) {
  const stage = await Stage.open();
  try {
    const [{ server_version }] = await stage.query("source", "show server_version");
    say(`PostgreSQL ${server_version}; Node ${process.version}; ${rows} rows\n`);
    if (!stage.hasPsql) say("No psql here: COPY goes through pg-copy-streams instead.\n");
    await stage.query("source", createTable(rows));
    await stage.query("source", `vacuum analyze ${TABLE}`);
    await stage.query("source", "checkpoint");
    const all = await contestants(stage);
    const isWanted = (name) => only.some((part) => name.includes(part));
    const chosen = all.filter(({ name }) => isWanted(name));
    const measured = await measureAll(stage, chosen, rows, runs);
    const results = new Map([...measured].map(([name, all]) => [name, medianOf(all)]));
    const bytes = results.get("source alone")?.outputBytes ?? 0;
    if (results.size > 0) say(`\n${resultTable(results, rows, bytes)}\n${processTable(results)}\n`);
    const spec = isWanted("spec") ? await specSeconds(stage) : undefined;
    const twoRows = isWanted("two rows") ? await twoRowSyncSeconds(stage) : undefined;
    const more = await runScenarios(stage, isWanted, { rows, runs });
    say(aimTable([...aims(results, spec, twoRows), ...more]));
  } finally {
    await stage.close();
  }
}

/** Runs the wanted ones, prints what they found, and returns their aims. */
async function runScenarios(stage, isWanted, options) {
  const aims = [];
  for (const scenario of SCENARIOS.filter(({ name }) => isWanted(name))) {
    say(`\n${scenario.name}\n`);
    await stage.emptyDestination();
    const answer = await scenario.run(stage, options);
    say(`\n${scenarioTable(answer.results)}\n${processTable(answer.results)}\n`);
    aims.push(...answer.aims);
  }
  return aims;
}

/** In rounds, so that a slow minute of the machine hits everybody. */
async function measureAll(stage, chosen, rows, runs) {
  const measured = new Map(chosen.map(({ name }) => [name, []]));
  for (let run = 1; run <= runs; run++) {
    for (const { name, run: copyOnce, copy } of chosen) {
      await stage.emptyDestination();
      const measurement = await copyOnce();
      measured.get(name).push(measurement);
      say(`run ${run}  ${name}: ${measurement.seconds.toFixed(2)} s\n`);
      if (copy !== undefined) await expectRows(stage, copy, rows);
    }
  }
  return measured;
}

async function expectRows(stage, table, rows) {
  const [{ count }] = await stage.query("destination", `select count(*)::int from ${table}`);
  if (count !== rows) throw new Error(`${table} has ${count} rows instead of ${rows}`);
}

function aims(results, spec, twoRows) {
  const seconds = (name) => results.get(name)?.seconds ?? NaN;
  const known = (value) => (Number.isNaN(value) ? undefined : value);
  const peaks = [...results]
    .filter(([name]) => !name.startsWith("COPY"))
    .flatMap(([, { processes }]) => processes.map(({ peakMegabytes }) => peakMegabytes));
  const overPipe = (tables) =>
    known(seconds(`orchestrator, ${tables}`) / seconds(`shell pipe, ${tables}`));
  return [
    {
      aim: "shell pipe, final_only, against COPY | COPY",
      measured: known(seconds("shell pipe, final_only") / seconds("COPY | COPY")),
      limit: 1.6,
      unit: "×",
    },
    {
      aim: "shell pipe, raw_and_final, against COPY json, then CTAS",
      measured: known(seconds("shell pipe, raw_and_final") / seconds("COPY json, then CTAS")),
      limit: 0.9,
      unit: "×",
    },
    {
      aim: "orchestrator against shell pipe, final_only",
      measured: overPipe("final_only"),
      limit: 1.1,
      unit: "×",
    },
    {
      aim: "orchestrator against shell pipe, raw_and_final",
      measured: overPipe("raw_and_final"),
      limit: 1.1,
      unit: "×",
    },
    {
      aim: "peak RSS of any of our processes",
      measured: peaks.length === 0 ? undefined : Math.max(...peaks),
      limit: 150,
      unit: "MB",
    },
    { aim: "source-postgres spec", measured: spec && spec * 1000, limit: 150, unit: "ms" },
    { aim: "sync of two rows", measured: twoRows, limit: 0.7, unit: "s" },
  ];
}

function say(text) {
  process.stdout.write(text);
}
