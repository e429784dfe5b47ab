import type { Limits } from "../../connectors/kit/limits.ts";
import type { Database } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { start, succeeded } from "../support/run.ts";
import { differences, someOf, versions } from "./compare.ts";
import { limitsOfSeed } from "./limits.ts";
import type { Nemesis, Scene } from "./nemesis.ts";
import { SeededRandom } from "./random.ts";
import { isAppended, SCHEMA, type Table, TABLES, Workload } from "./workload.ts";

export interface SoakOptions {
  readonly source: Database;
  readonly destination: Database;
  readonly folder: string;
  readonly seed: number;
  /** Syncs while the writers write; one more follows when they are done. */
  readonly syncs: number;
  /** Strikes once during each sync; undefined: nothing bad happens. */
  readonly nemesis?: Nemesis;
  readonly crashDestination?: () => Promise<void>;
}

/** What is wrong after the run; empty: nothing. */
export type Findings = string[];

/** At most so many writes while one sync runs; it keeps a run short. */
const STEPS_PER_SYNC = 400;

/** Statements before the first sync. */
const FIRST_STEPS = 100;

const PUBLIC = { namespace: "public" };
const INCREMENTAL = { ...PUBLIC, sync_mode: "incremental", cursor_field: "updated_at" };
const DEDUPED = { ...INCREMENTAL, destination_sync_mode: "append_dedup", primary_key: ["id"] };

const CONNECTION = {
  soak: {
    streams: [
      { ...INCREMENTAL, name: "appended", destination_sync_mode: "append" },
      {
        ...INCREMENTAL,
        name: "counted",
        cursor_field: "version",
        destination_sync_mode: "append",
      },
      { ...DEDUPED, name: "deduped" },
      {
        ...PUBLIC,
        name: "replaced",
        sync_mode: "full_refresh",
        destination_sync_mode: "overwrite",
      },
    ],
  },
};

/** A connection of its own, since the method is a property of the source. */
const BY_TRANSACTION = {
  tracked: {
    source: "tracker",
    streams: [
      { ...PUBLIC, name: "tracked", sync_mode: "incremental", destination_sync_mode: "append" },
    ],
  },
};

/** Every fifth seed, since it nearly doubles the time. */
const SEEDS_BY_TRANSACTION = 5;

/**
 * Lets writers and syncs run side by side, then compares. The seed decides what is written in which
 * order, and the limits that the connectors run with; how that meets the sync's own pace is up to the
 * machine, so repeat a seed to be sure. What is found comes with the command that repeats it.
 */
export async function soak(options: SoakOptions): Promise<Findings> {
  const limits = limitsOfSeed(options.seed);
  const findings = await findingsOf(options, limits).catch((error: Error) => [error.message]);
  if (findings.length === 0) return [];
  const chosen = `SYNCLINE_SOAK_SEED=${options.seed} SYNCLINE_LIMITS='${JSON.stringify(limits)}'`;
  return [...findings, `to repeat: ${chosen} npm run soak`];
}

async function findingsOf(options: SoakOptions, limits: Limits): Promise<Findings> {
  const { source, destination, folder, seed } = options;
  const random = new SeededRandom(seed);
  const hasTracker = seed % SEEDS_BY_TRANSACTION === 0;
  const tables = TABLES.filter((table) => hasTracker || table !== "tracked");
  await source.exec(SCHEMA);
  const project = await Project.create(folder, {
    source,
    destination,
    moreSources: { tracker: { replication_method: { method: "Xmin" } } },
    connections: { ...CONNECTION, ...(hasTracker ? BY_TRANSACTION : {}) },
  });
  const workload = await Workload.open(source.url, random);
  const findings: Findings = [];
  try {
    for (let n = 0; n < FIRST_STEPS; n++) await workload.step();
    for (let n = 1; n <= options.syncs; n++) {
      const before = await currentVersions(source, tables);
      const { exitCode, stderr } = await syncBeside(project, workload, random, options, limits);
      if (exitCode === 0) findings.push(...(await missed(`sync ${n}`, before, options)));
      else if (!options.nemesis) findings.push(`sync ${n} ended with ${exitCode}: ${stderr}`);
    }
    await workload.settle();
    succeeded(await project.syncline(["sync"], { limits }));
  } finally {
    await workload.close();
  }
  return [...findings, ...(await differences(source, destination, tables))];
}

/** Runs a sync while the writers write, and the nemesis once. */
async function syncBeside(
  project: Project,
  workload: Workload,
  random: SeededRandom,
  { source, destination, nemesis, crashDestination }: SoakOptions,
  limits: Limits,
): Promise<{ exitCode: number | null; stderr: string }> {
  const running = start("syncline", ["sync"], { cwd: project.folder, limits });
  let isRunning = true;
  const finished = running.finished.then((result) => {
    isRunning = false;
    return result;
  });
  const strikeAt = random.below(STEPS_PER_SYNC);
  const scene: Scene = {
    syncline: running.pid,
    source,
    destination,
    ...(crashDestination && { crashDestination }),
  };
  for (let n = 0; n < STEPS_PER_SYNC && isRunning; n++) {
    if (n === strikeAt) await nemesis?.(random, scene);
    await workload.step();
  }
  return finished;
}

type Versions = ReadonlyMap<Table, readonly string[]>;

/** What the tables that are appended to hold now. */
async function currentVersions(source: Database, tables: readonly Table[]): Promise<Versions> {
  const found = new Map<Table, string[]>();
  for (const table of tables.filter(isAppended)) found.set(table, await versions(source, table));
  return found;
}

/** Versions that were there before a sync and still are, and that it did not bring. */
async function missed(
  sync: string,
  before: Versions,
  { source, destination }: SoakOptions,
): Promise<Findings> {
  const findings: Findings = [];
  for (const [table, there] of before) {
    const present = new Set(await versions(source, table));
    const arrived = new Set(await versions(destination, table));
    const missing = there.filter((one) => present.has(one) && !arrived.has(one));
    if (missing.length > 0)
      findings.push(`${sync} missed versions of ${table}: ${someOf(missing)}`);
  }
  return findings;
}
