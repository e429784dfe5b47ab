// Whether one `syncline serve` holds out with 24 connections, 8 at once, while rows keep coming: every row once,
// metrics that equal the tables, bounded memory. `npm run build && node test/bench/served.mjs [minutes]`, 10 by
// default; status 1 when anything is wrong.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { startPostgres } from "../../dist/orchestrator/demo/postgres-server.js";

const MINUTES = Number(process.argv[2] ?? 10);
const CONNECTIONS = 24;
const AT_ONCE = 8;
const FIRST_ROWS = 2_000;
const LIMIT_MB = 250;

/** How a connection writes, and how often it runs. */
const KINDS = [
  { sync_mode: "incremental", destination_sync_mode: "append", cursor_field: "id", every: "15s" },
  {
    sync_mode: "incremental",
    destination_sync_mode: "append_dedup",
    cursor_field: "id",
    every: "20s",
  },
  { sync_mode: "full_refresh", destination_sync_mode: "overwrite", every: "30s" },
];
const tables = Array.from({ length: CONNECTIONS }, (_, n) => ({
  name: `table_${n}`,
  kind: KINDS[n % KINDS.length],
}));
const appended = tables.filter(({ kind }) => kind.destination_sync_mode === "append");

const folder = await mkdtemp(join(tmpdir(), "syncline-served-"));
const servers = await Promise.all([startPostgres(), startPostgres()]);
const [source, destination] = servers.map((server) => new Client(server.url()));
await Promise.all([source.connect(), destination.connect()]);
try {
  process.exitCode = await bench();
} finally {
  await Promise.all([source.end(), destination.end()]);
  await Promise.all(servers.map((server) => server.stop("immediate")));
  await rm(folder, { recursive: true, force: true });
}

/** Returns the exit status. */
async function bench() {
  for (const { name } of tables)
    await source.query(
      `create table ${name} as select id::bigint, repeat('x', 80) as text from generate_series(1, ${FIRST_ROWS}) id;
       alter table ${name} add primary key (id)`,
    );
  await writeFile(join(folder, "syncline.yaml"), JSON.stringify(configuration()));
  const bin = join(import.meta.dirname, "../../orchestrator/bin.js");
  const args = ["serve", "--listen", "127.0.0.1:0", "--at-once", String(AT_ONCE)];
  const serve = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => serve.once("exit", resolve));
  const address = await addressIn(serve.stdout);
  const seen = await watchWhileRowsCome(address, serve.pid);
  for (const { name } of tables) await syncLast(address, name);
  const problems = [...seen.problems, ...(await lookAtRows(address))];
  serve.kill("SIGTERM");
  const status = await ended;
  if (status !== 0) problems.push(`serve ended with ${status}`);
  const jobs = await jobsIn();
  // Those of the schedule that ran at the end were stopped with it.
  for (const { id, connection, status: how } of jobs)
    if (how !== "succeeded" && how !== "cancelled")
      problems.push(`job ${id} of ${connection} ${how}`);
  process.stdout.write(
    `${jobs.length} jobs of ${CONNECTIONS} connections in ${MINUTES} minutes, at most ${seen.running} at once; ` +
      `serve took at most ${seen.megabytes.toFixed(0)} MB; ${problems.length} problems\n`,
  );
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  return problems.length > 0 ? 1 : 0;
}

/** Lets rows come to every table until the time is over, and looks at the metrics meanwhile. */
async function watchWhileRowsCome(address, pid) {
  const seen = { running: 0, megabytes: 0, problems: [] };
  const end = performance.now() + MINUTES * 60_000;
  for (let round = 0; performance.now() < end; round++) {
    const { name } = tables[round % CONNECTIONS];
    await source.query(
      `insert into ${name} select max(id) + n, 'new' from ${name}, generate_series(1, 7) n group by n`,
    );
    if (round % 20 === 0) {
      const metrics = await metricsOf(address);
      const running = tables.reduce((sum, one) => sum + metrics("syncline_running", one.name), 0);
      seen.running = Math.max(seen.running, running);
      seen.megabytes = Math.max(seen.megabytes, await megabytesOf(pid));
    }
    await sleep(50);
  }
  if (seen.running > AT_ONCE) seen.problems.push(`${seen.running} ran at once`);
  if (seen.megabytes > LIMIT_MB) seen.problems.push(`more than ${LIMIT_MB} MB`);
  return seen;
}

/** Runs a connection after the last row has come. */
async function syncLast(address, name) {
  for (;;) {
    const answer = await fetch(`${address}/api/v1/connections/${name}/sync`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    if (answer.status !== 409) {
      const { job } = await answer.json();
      await ended(address, job);
      return;
    }
    await sleep(100); // one of its schedule, which may have begun too early
  }
}

async function ended(address, job) {
  for (;;) {
    const { status } = await (await fetch(`${address}/api/v1/jobs/${job}`)).json();
    if (status !== "running" && status !== "incomplete") return;
    await sleep(100);
  }
}

/** Every row of the source is there once, and the metrics count those that were appended. */
async function lookAtRows(address) {
  const problems = [];
  const metrics = await metricsOf(address);
  for (const { name } of tables) {
    const there = await countsOf(destination, name);
    const wanted = await countsOf(source, name);
    if (there.rows !== wanted.rows || there.keys !== wanted.keys)
      problems.push(`${name}: ${there.rows} rows, ${there.keys} keys, of ${wanted.rows}`);
  }
  for (const { name } of appended) {
    const counted = metrics("syncline_rows_committed_total", name);
    const { rows } = await countsOf(destination, name);
    if (counted !== rows) problems.push(`${name}: ${rows} rows, and the metrics say ${counted}`);
  }
  return problems;
}

async function countsOf(client, name) {
  const sql = `select count(*)::int as rows, count(distinct id)::int as keys from ${name}`;
  return (await client.query(sql)).rows[0];
}

/** The value of a metric of a connection; 0 where there is none. */
async function metricsOf(address) {
  const text = await (await fetch(`${address}/metrics`)).text();
  return (metric, connection) => {
    const line = text
      .split("\n")
      .find((one) => one.startsWith(`${metric}{connection="${connection}"}`));
    return Number(line?.split(" ").at(-1) ?? 0);
  };
}

async function megabytesOf(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"));
  return Number(kilobytes) / 1024;
}

async function jobsIn() {
  const { JobHistory } = await import("../../dist/orchestrator/store/job-history.js");
  const { openHome } = await import("../../dist/orchestrator/store/home.js");
  return [...new JobHistory(openHome(join(folder, ".syncline"))).latest()];
}

async function addressIn(output) {
  const lines = createInterface({ input: output });
  const address = await new Promise((resolve) =>
    lines.on("line", (line) => {
      const [found] = /http:\/\/[^\s/]+/.exec(line) ?? [];
      if (found) resolve(found);
    }),
  );
  return address;
}

function configuration() {
  const end = (connector, { host, port, username, password }, more = {}) => ({
    connector,
    config: { host, port, database: "postgres", username, password, ...more },
  });
  return {
    sources: { s: end("source-postgres", servers[0]) },
    destinations: { d: end("destination-postgres", servers[1], { tables: "final_only" }) },
    connections: Object.fromEntries(
      tables.map(({ name, kind: { every, ...modes } }) => [
        name,
        {
          source: "s",
          destination: "d",
          every,
          streams: [{ name, namespace: "public", ...modes }],
        },
      ]),
    ),
  };
}
