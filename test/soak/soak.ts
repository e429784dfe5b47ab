import type { Database } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import { Project } from "../support/project.ts";
import { start } from "../support/run.ts";
import { SeededRandom } from "./random.ts";
import { SCHEMA, TABLES, Workload } from "./workload.ts";

export interface SoakOptions {
  readonly source: Database;
  readonly destination: Database;
  readonly folder: string;
  readonly seed: number;
  /** Syncs while the writers write; one more follows when they are done. */
  readonly syncs: number;
  /** Kills one of the three processes during each sync. */
  readonly kills: boolean;
}

/** What is wrong after the run; empty: nothing. */
export type Findings = string[];

const INCREMENTAL = { namespace: "public", sync_mode: "incremental", cursor_field: "updated_at" };

/** At most so many writes while one sync runs; it keeps a run short. */
const STEPS_PER_SYNC = 400;

/** Statements before the first sync. */
const FIRST_STEPS = 100;

const VICTIMS = ["syncline", "source-postgres/bin.js", "destination-postgres/bin.js"] as const;

/**
 * Lets writers and syncs run side by side, then compares. The seed decides what is written in which
 * order; how that meets the sync's own pace is up to the machine, so repeat a seed to be sure.
 */
export async function soak(options: SoakOptions): Promise<Findings> {
  const { source, destination, folder, seed } = options;
  const random = new SeededRandom(seed);
  await source.exec(SCHEMA);
  const project = await Project.create(folder, {
    source,
    destination,
    connections: {
      soak: {
        streams: [
          { ...INCREMENTAL, name: "appended", destination_sync_mode: "append" },
          {
            ...INCREMENTAL,
            name: "deduped",
            destination_sync_mode: "append_dedup",
            primary_key: ["id"],
          },
        ],
      },
    },
  });
  const workload = await Workload.open(source.url, random);
  const findings: Findings = [];
  try {
    for (let n = 0; n < FIRST_STEPS; n++) await workload.step();
    for (let n = 1; n <= options.syncs; n++) {
      const before = await versions(source, "appended");
      const hasEnded = await syncBeside(project, workload, random, options.kills);
      if (hasEnded.exitCode === 0) {
        const present = new Set(await versions(source, "appended"));
        const arrived = new Set(await versions(destination, "appended"));
        const missing = before.filter((version) => present.has(version) && !arrived.has(version));
        if (missing.length > 0) findings.push(`sync ${n} missed versions ${missing.join(" ")}`);
      } else if (!options.kills) {
        findings.push(`sync ${n} ended with ${hasEnded.exitCode}: ${hasEnded.stderr}`);
      }
    }
    await workload.settle();
    await project.sync("soak");
  } finally {
    await workload.close();
  }
  return [...findings, ...(await differences(source, destination))];
}

/** Runs a sync while the writers write, and kills one of its processes if asked to. */
async function syncBeside(
  project: Project,
  workload: Workload,
  random: SeededRandom,
  kills: boolean,
): Promise<{ exitCode: number | null; stderr: string }> {
  const running = start("syncline", ["sync", "soak"], { cwd: project.folder });
  let isRunning = true;
  const finished = running.finished.then((result) => {
    isRunning = false;
    return result;
  });
  const killAt = kills ? random.below(STEPS_PER_SYNC) : -1;
  const victim = random.pick(VICTIMS);
  for (let n = 0; n < STEPS_PER_SYNC && isRunning; n++) {
    if (n === killAt) kill(running.pid, victim);
    await workload.step();
  }
  return finished;
}

function kill(syncline: number, victim: (typeof VICTIMS)[number]): void {
  const pids = victim === "syncline" ? [syncline] : descendants(syncline, victim);
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it ended in this instant: then it is not killed this time
    }
  }
}

async function versions(database: Database, table: string): Promise<string[]> {
  return (await database.rows(`select version from ${table}`)).map(([version]) => version!);
}

/** Compares source and destination after a sync with nothing else going on. */
async function differences(source: Database, destination: Database): Promise<Findings> {
  const findings: Findings = [];
  for (const table of TABLES) {
    const raw = `_airbyte_raw_${table}`;
    const twice = await destination.rows(
      `select _airbyte_data ->> 'version' from "${raw}" group by 1 having count(*) > 1`,
    );
    if (twice.length > 0) findings.push(`${raw} has versions twice: ${twice.flat().join(" ")}`);
    const committed = new Set(
      (await source.rows("select version from committed where relation = $1", [table])).flat(),
    );
    const arrived = await versions(destination, table);
    const dreamt = arrived.filter((version) => !committed.has(version));
    if (dreamt.length > 0) findings.push(`${table} has uncommitted versions ${dreamt.join(" ")}`);
    const known = new Set(arrived);
    const lost = (await versions(source, table)).filter((version) => !known.has(version));
    if (lost.length > 0) findings.push(`${table} lacks current versions ${lost.join(" ")}`);
  }
  const keysTwice = await destination.rows(
    "select id from deduped group by id having count(*) > 1",
  );
  if (keysTwice.length > 0) findings.push(`deduped has keys twice: ${keysTwice.flat().join(" ")}`);
  return findings;
}
