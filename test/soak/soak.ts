import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import type { Database } from "../support/fixtures.ts";
import { Project, type ProjectOptions } from "../support/project.ts";
import { start, succeeded } from "../support/run.ts";
import { differences, list, versions } from "./checker.ts";
import { type End, Nemesis } from "./nemesis.ts";
import { SeededRandom } from "./random.ts";
import { Reader } from "./reader.ts";
import { type Scenario, scenarioOf, streamsOf } from "./scenario.ts";
import { schema, type Table, TABLES, Workload } from "./workload.ts";

export interface SoakOptions {
  readonly source: End;
  readonly destination: End;
  readonly folder: string;
  readonly seed: number;
}

/** What is wrong after the run; empty: nothing. */
export type Findings = string[];

/** Jobs while the writers write; one more follows when they are done. */
const JOBS = 2;

/** Statements before the first job, and at most while one runs. */
const FIRST_STEPS = 60;
const STEPS_PER_JOB = 400;

/** Milliseconds between two of them, at most. */
const LONGEST_REST_MS = 8;

/** A seed that takes longer stands still somewhere, and says where; its test has more time. */
const LONGEST_MS = 150_000;

/** Whoever says nothing for so long has lost its connection for good. */
const PATIENCE = {
  start_seconds: 12,
  source_silence_seconds: 4,
  destination_silence_seconds: 4,
  stop_seconds: 3,
};

/**
 * Lets writers, readers, syncs and a nemesis run side by side, then compares. The seed decides what is
 * copied how, what is written in which order, the limits that the connectors run with, and what goes
 * wrong when; how that meets the sync's own pace is up to the machine, so repeat a seed to be sure. What
 * is found comes with the command that repeats it.
 */
export async function soak(options: SoakOptions): Promise<Findings> {
  const random = new SeededRandom(options.seed);
  const scenario = scenarioOf(options.seed, random);
  const findings = await new Soak(options, scenario, random)
    .run()
    .catch((error: Error) => [error.stack ?? error.message]);
  if (findings.length === 0) return [];
  const limits = JSON.stringify(scenario.limits);
  const chosen = `SYNCLINE_SOAK_SEED=${options.seed} SYNCLINE_LIMITS='${limits}'`;
  return [...findings, `in ${JSON.stringify(scenario)}`, `to repeat: ${chosen} npm run soak`];
}

/** What each session does, and for whom it waits. */
const SESSIONS = `
  select pid, application_name, state, wait_event_type, wait_event, pg_blocking_pids(pid)::text,
         left(query, 200)
    from pg_stat_activity
   where backend_type = 'client backend' and pid <> pg_backend_pid()`;

class Soak {
  readonly #source: Database;
  readonly #destination: Database;
  readonly #ends: Pick<SoakOptions, "source" | "destination">;
  readonly #folder: string;
  readonly #scenario: Scenario;
  readonly #random: SeededRandom;
  #succeeded = 0;
  /** What is waited for, for a run that stands still. */
  #doing = "the first steps of the writers";

  constructor(options: SoakOptions, scenario: Scenario, random: SeededRandom) {
    this.#source = options.source.database;
    this.#destination = options.destination.database;
    this.#ends = options;
    this.#folder = options.folder;
    this.#scenario = scenario;
    this.#random = random;
  }

  async run(): Promise<Findings> {
    const hasEnded = new AbortController();
    const { signal } = hasEnded;
    const stuck = pause(LONGEST_MS, undefined, { signal }).then(async () => this.#stuck());
    stuck.catch(() => {}); // the run ended in time
    return Promise.race([this.#run(), stuck]).finally(() => hasEnded.abort());
  }

  /** What the sessions of both servers are at. */
  async #stuck(): Promise<Findings> {
    const findings = [`stood still: ${this.#doing}`];
    for (const side of ["source", "destination"] as const) {
      const client = new Client(this.#ends[side].server.url());
      try {
        await client.connect();
        const { rows } = await client.query<string[]>({ text: SESSIONS, rowMode: "array" });
        findings.push(...rows.map((session) => `${side}: ${session.join(" | ")}`));
      } catch (error) {
        findings.push(`${side}: ${(error as Error).message}`);
      } finally {
        await client.end().catch(() => {}); // it may be what stands still
      }
    }
    return findings;
  }

  async #run(): Promise<Findings> {
    await this.#source.exec(schema());
    const overwritten = TABLES.filter((table) => this.#scenario.modes[table] === "replaced");
    const reader = new Reader(this.#destination.url, overwritten);
    const workload = await Workload.open(this.#source.url, this.#random);
    const nemesis = await Nemesis.open(this.#random, this.#ends);
    const findings: Findings = [];
    reader.start();
    try {
      for (let n = 0; n < FIRST_STEPS; n++) await workload.step();
      for (let n = 1; n <= JOBS; n++) findings.push(...(await this.#job(n, workload, nemesis)));
      this.#doing = "the writers' last transactions";
      await workload.settle();
      this.#doing = "the last job";
      const project = await this.#project({});
      succeeded(await project.syncline(["sync"], { limits: this.#scenario.limits }));
      this.#succeeded++;
      this.#doing = "the end of nemesis, writers and reader";
    } finally {
      await nemesis.close();
      await workload.close();
      findings.push(...(await reader.stop()));
    }
    const jobs = { succeeded: this.#succeeded, all: JOBS + 1 };
    return [
      ...findings,
      ...(await differences(this.#source, this.#destination, this.#scenario, jobs)),
    ];
  }

  /** A job while the writers write and the nemesis strikes; and what its exit status promises. */
  async #job(number: number, workload: Workload, nemesis: Nemesis): Promise<Findings> {
    const { faultsPerJob, limits, hasView } = this.#scenario;
    const project = await this.#project({
      sourceConfig: nemesis.place("source"),
      destinationConfig: nemesis.place("destination"),
    });
    this.#doing = `job ${number}, beside the writers`;
    const before = await this.#currentVersions();
    nemesis.plan(faultsPerJob);
    const running = start("syncline", ["sync"], { cwd: project.folder, limits });
    running.endInput();
    nemesis.begin(running.pid);
    let isRunning = true;
    const finished = running.finished.then((result) => {
      isRunning = false;
      return result;
    });
    for (let n = 0; n < STEPS_PER_JOB && isRunning; n++) {
      await nemesis.step(n);
      await workload.step();
      await pause(this.#random.below(LONGEST_REST_MS));
    }
    this.#doing = `job ${number}, behind the writers`;
    const { exitCode, signal, stderr } = await finished;
    this.#doing = `the faults of job ${number}`;
    await nemesis.end();
    if (hasView) await this.#addView();
    const name = `job ${number}`;
    if (exitCode === 0) {
      this.#succeeded++;
      return this.#missed(name, before);
    }
    // What went wrong may pass with time, and is none of the user's mistakes nor one of ours.
    const isExpected = faultsPerJob > 0 && exitCode !== 2 && !stderr.includes("internal.bug");
    return isExpected ? [] : [`${name} ended with ${exitCode ?? signal}: ${stderr.slice(-3000)}`];
  }

  async #project(places: Pick<ProjectOptions, "sourceConfig" | "destinationConfig">) {
    const { sourceConfig, destinationConfig, maxAttempts, faultsPerJob } = this.#scenario;
    const isStruck = places.sourceConfig !== undefined && faultsPerJob > 0;
    return Project.create(this.#folder, {
      source: this.#source,
      destination: this.#destination,
      sourceConfig: { ...sourceConfig, ...places.sourceConfig },
      destinationConfig: { ...destinationConfig, ...places.destinationConfig },
      connections: {
        soak: {
          streams: streamsOf(this.#scenario),
          ...(isStruck && { limits: PATIENCE }),
          retry: { max_attempts: maxAttempts, first_delay_seconds: 0.1, max_delay_seconds: 0.5 },
        },
      },
    });
  }

  async #addView(): Promise<void> {
    const [row] = await this.#destination.rows("select to_regclass('public.replaced')");
    if (row![0] !== null)
      await this.#destination.exec(
        "create or replace view shown as select id, version from public.replaced",
      );
  }

  /** What the tables hold now whose copy must have it after a job that succeeds. */
  async #currentVersions(): Promise<ReadonlyMap<Table, readonly string[]>> {
    const found = new Map<Table, string[]>();
    for (const table of TABLES)
      // A job may only finish an earlier refill, which saw other versions.
      if (this.#scenario.modes[table] !== "refilled")
        found.set(table, await versions(this.#source, table));
    return found;
  }

  /** Versions that were there before a job and still are, and that it did not bring. */
  async #missed(job: string, before: ReadonlyMap<Table, readonly string[]>): Promise<Findings> {
    const findings: Findings = [];
    for (const [table, there] of before) {
      const present = new Set(await versions(this.#source, table));
      const arrived = new Set(await versions(this.#destination, table));
      const lost = there.filter((one) => present.has(one) && !arrived.has(one));
      findings.push(...list(`${job} missed versions of ${table}`, lost));
    }
    return findings;
  }
}
