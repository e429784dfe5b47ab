// How fast `syncline serve` answers with 10,000 jobs of 24 connections behind it. Needs no database:
// `npm run build && node test/bench/pages.mjs`; status 1 when a page takes longer than it may.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const JOBS = 10_000;
const CONNECTIONS = 24;
const STREAMS = 10;
const ROUNDS = 20;
const LIMIT_MS = 200;

const name = (id) => `connection-${id % CONNECTIONS}`;

const folder = await mkdtemp(join(tmpdir(), "syncline-pages-"));
try {
  process.exitCode = await bench();
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Returns the exit status. */
async function bench() {
  await writeProject();
  for (let id = 1; id <= JOBS; id++) await writeJob(id);
  const bin = join(import.meta.dirname, "../../orchestrator/bin.js");
  const server = spawn(process.execPath, [bin, "serve", "--listen", "127.0.0.1:0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  try {
    const address = await addressIn(server.stdout);
    const paths = [
      "/",
      "/connections/connection-3",
      "/jobs",
      `/jobs?before=${JOBS / 2}`,
      "/jobs?connection=connection-3",
      `/jobs/${JOBS}`,
      "/jobs/3",
      `/jobs/${JOBS}/0/log`,
      "/new",
      "/api/v1/connections",
      "/api/v1/jobs?limit=200",
      "/metrics",
    ];
    const rows = [];
    for (const path of paths) rows.push(await timesOf(address, path));
    for (const { path, first, median, worst } of rows)
      process.stdout.write(
        `${path.padEnd(34)} first ${first.toFixed(0)} ms, median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms\n`,
      );
    return rows.some(({ median }) => median > LIMIT_MS) ? 1 : 0;
  } finally {
    server.kill("SIGTERM");
    await ended;
  }
}

async function timesOf(address, path) {
  const times = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    const answer = await fetch(address + path);
    await answer.text();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    times.push(performance.now() - start);
  }
  const [first, ...later] = times;
  later.sort((a, b) => a - b);
  return { path, first, median: later[Math.floor(later.length / 2)], worst: later.at(-1) };
}

async function addressIn(output) {
  for await (const line of createInterface({ input: output })) {
    const [address] = /http:\/\/[^\s/]+/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error("serve ended without telling its address");
}

async function writeProject() {
  const end = (connector) => ({
    connector,
    config: { host: "127.0.0.1", port: 1, database: "d", username: "u", password: "p" },
  });
  const connections = Object.fromEntries(
    Array.from({ length: CONNECTIONS }, (_, id) => [
      name(id),
      { source: "s", destination: "d", prefix: `p${id}_`, streams: [{ name: "t" }] },
    ]),
  );
  const config = {
    sources: { s: end("source-postgres") },
    destinations: { d: end("destination-postgres") },
    connections,
  };
  await writeFile(join(folder, "syncline.yaml"), JSON.stringify(config));
}

async function writeJob(id) {
  const attempt = join(folder, ".syncline/jobs", String(id), "0");
  await mkdir(attempt, { recursive: true });
  const at = (seconds) => new Date(Date.UTC(2026, 0, 1) + (id * 60 + seconds) * 1000).toISOString();
  const streams = Array.from({ length: STREAMS }, (_, index) => ({
    name: `table_${index}`,
    namespace: "public",
    status: "complete",
    emitted: id % 1000,
    committed: id % 1000,
    bytes: id * 100,
    seconds: 1.5,
  }));
  const times = { started_at: at(0), ended_at: at(5 + (id % 30)) };
  const job = {
    id,
    type: "sync",
    connection: name(id),
    status: "succeeded",
    created_at: times.started_at,
    ended_at: times.ended_at,
    attempts: [{ attempt: 0, status: "succeeded", ...times, streams }],
  };
  const line = `${at(1)} INFO  destination d: insert into "public"."table_1" ("id")\n`;
  await Promise.all([
    writeFile(join(attempt, "../job.json"), `${JSON.stringify(job, undefined, 2)}\n`),
    writeFile(join(attempt, "logs.log"), line.repeat(200)),
  ]);
}
