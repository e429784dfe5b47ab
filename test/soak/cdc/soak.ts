import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "../../support/fixtures.ts";
import { descendants } from "../../support/processes.ts";
import { type Finished, runExecutable } from "../../support/run.ts";
import { type End, Nemesis, send, type Victim } from "../nemesis.ts";
import { SeededRandom } from "../random.ts";
import { differences } from "./differences.ts";
import { Oracle } from "./oracle.ts";
import { Reshaping } from "./reshaping.ts";
import { Runs } from "./runs.ts";
import { type CdcScenario, scenarioOf } from "./scenario.ts";
import { compareSent } from "./sent.ts";
import { type Committed, committedIn, SlotWatch } from "./slot-watch.ts";
import { schema } from "./tables.ts";
import { Workload } from "./workload.ts";

export interface CdcSoakOptions {
  readonly source: End;
  readonly destination: End;
  readonly folder: string;
  readonly seed: number;
}

/** Runs while the writers write; one more follows when they are done. */
const RUNS = 3;

/** Steps of the writers before the first run, and at most while one runs. */
const FIRST_STEPS = 60;
const STEPS_PER_RUN = 300;

/** Every so many of them a table gets another shape, where that is wanted. */
const STEPS_PER_RESHAPING = 20;

/** Milliseconds between two of them, at most. */
const LONGEST_REST_MS = 8;

/** What there is to kill without an orchestrator. */
const IN_A_PIPE: readonly Victim[] = ["source-postgres", "destination-postgres", "all"];

/** How long a pipe that something was done to may take to end. */
const PATIENCE_MS = 6_000;

/** How long a followed run may take to bring what was committed last. */
const ARRIVAL_MS = 30_000;

/** A seed that takes longer stands still somewhere. */
const LONGEST_MS = 150_000;

/**
 * Lets writers, change data capture and a nemesis run side by side, then compares with what PostgreSQL's
 * own decoder says. What is found comes with the command that repeats it; empty: nothing.
 */
export async function cdcSoak(options: CdcSoakOptions): Promise<string[]> {
  const random = new SeededRandom(options.seed ^ 0xcdc);
  const scenario = scenarioOf(options.seed, random);
  const findings = await new CdcSoak(options, scenario, random).run();
  if (findings.length === 0) return [];
  const chosen = `SYNCLINE_SOAK_SEED=${options.seed} SYNCLINE_LIMITS='${JSON.stringify(scenario.limits)}'`;
  return [
    ...findings,
    `in ${JSON.stringify(scenario)}`,
    `to repeat: ${chosen} npx vitest run test/soak/cdc`,
  ];
}

class CdcSoak {
  readonly #source: Database;
  readonly #destination: Database;
  readonly #options: CdcSoakOptions;
  readonly #scenario: CdcScenario;
  readonly #random: SeededRandom;
  readonly #runs: Runs;
  readonly #reshaping: Reshaping;
  readonly #findings: string[] = [];
  #doing = "the first steps of the writers";
  /** Whether something was killed while a table was read for the first time, for all we know. */
  #wasInterrupted = false;

  constructor(options: CdcSoakOptions, scenario: CdcScenario, random: SeededRandom) {
    this.#source = options.source.database;
    this.#destination = options.destination.database;
    this.#options = options;
    this.#scenario = scenario;
    this.#random = random;
    this.#reshaping = new Reshaping(this.#source, random);
    this.#runs = new Runs(options, scenario);
  }

  async run(): Promise<string[]> {
    const hasEnded = new AbortController();
    const { signal } = hasEnded;
    const stuck = pause(LONGEST_MS, undefined, { signal }).then(() => {
      throw new Error("stood still");
    });
    stuck.catch(() => {}); // the run ended in time
    try {
      await Promise.race([this.#run(), stuck]);
    } catch (error) {
      this.#findings.push(`${this.#doing}: ${(error as Error).stack}`);
    } finally {
      hasEnded.abort();
    }
    return this.#findings;
  }

  async #run(): Promise<void> {
    const oracle = await Oracle.open(this.#source);
    await this.#source.exec(schema());
    const workload = await Workload.open(this.#source.url, this.#random, (table) =>
      this.#reshaping.spareOf(table),
    );
    const nemesis = await Nemesis.open(this.#random, this.#options);
    const watch = new SlotWatch(this.#source, this.#runs.slot, async () => this.#committed());
    try {
      await workload.begin();
      for (let n = 0; n < FIRST_STEPS; n++) await workload.step();
      for (let n = 1; n <= RUNS; n++) await this.#runBeside(n, workload, nemesis, watch);
      await workload.settle();
      // The server would believe in a connection that froze, and keep the slot for it, for a minute.
      await nemesis.close();
      await this.#slotIs("free");
      await this.#lastRun(watch);
    } finally {
      await nemesis.close();
      await workload.close();
      this.#findings.push(...watch.findings);
    }
    await this.#compare(oracle);
    await this.#dropSlot();
  }

  /** A run while the writers write and the nemesis strikes; and what its exit status promises. */
  async #runBeside(
    number: number,
    workload: Workload,
    nemesis: Nemesis,
    watch: SlotWatch,
  ): Promise<void> {
    const { faultsPerJob, route } = this.#scenario;
    this.#doing = `run ${number}, beside the writers`;
    const isStruck = faultsPerJob > 0;
    // What is written in the last of these runs must be right in its final shape.
    const isReshaped = this.#scenario.isReshaped && number < RUNS;
    this.#wasInterrupted ||= isStruck;
    nemesis.plan(faultsPerJob, route === "pipe" ? IN_A_PIPE : undefined);
    const running = await this.#runs.start(number, isStruck ? nemesis : undefined);
    let isRunning = true;
    const finished = running.finished.then((result) => {
      isRunning = false;
      return result;
    });
    nemesis.begin(running.pid);
    for (let n = 0; n < STEPS_PER_RUN && isRunning; n++) {
      await nemesis.step(n);
      await workload.step();
      if (isReshaped && n % STEPS_PER_RESHAPING === 0) await this.#reshaping.step();
      await watch.look();
      await pause(this.#random.below(LONGEST_REST_MS));
    }
    // What is open or prepared would hold up a new slot, and a table's first load.
    await workload.settle();
    if (isReshaped) await this.#reshaping.settle();
    this.#doing = `run ${number}, behind the writers`;
    await nemesis.end();
    if (route === "follow") {
      if (!isStruck) await this.#arrived();
      running.kill("SIGINT");
    }
    // Without an orchestrator nobody gives up who has a frozen connection.
    const impatience = setTimeout(() => {
      if (route === "pipe" && isStruck)
        for (const pid of descendants(running.pid, "-postgres/bin.js")) send(pid, "SIGKILL");
    }, PATIENCE_MS);
    const ended = await finished;
    clearTimeout(impatience);
    await this.#judge(ended, isStruck || isReshaped);
    // A destination that was killed may have committed what it did not come to say.
    if (route === "pipe" && isStruck) await this.#runs.pipe.askDestination();
    await watch.look();
  }

  /**
   * What went wrong where things go wrong may pass with time, and is none of the user's mistakes nor one of
   * ours; but a table may have changed since it was described.
   */
  async #judge({ exitCode, signal, stderr }: Finished, mayFail: boolean): Promise<void> {
    const said = this.#scenario.route === "pipe" ? await this.#runs.pipe.keep() : "";
    const isMistake = exitCode === 2 && !this.#scenario.isReshaped;
    const isExpected = mayFail && !isMistake && !stderr.includes("internal.bug");
    if (exitCode !== 0 && !isExpected)
      this.#findings.push(
        `${this.#doing}, ended with ${exitCode ?? signal}: ${(said + stderr).slice(-3000)}`,
      );
  }

  /** A run with nothing else going on, behind which everything must be there. */
  async #lastRun(watch: SlotWatch): Promise<void> {
    this.#doing = "the last run";
    const end = await this.#end();
    const running = await this.#runs.start(RUNS + 1, undefined);
    if (this.#scenario.route === "follow") {
      await this.#slotIs("read");
      await this.#arrived();
      running.kill("SIGINT");
    }
    await this.#judge(await running.finished, false);
    await watch.look();
    // In a pipe nobody tells the source what is committed before its next read.
    if (this.#scenario.route === "pipe") return;
    const confirmed = await watch.confirmed();
    if (confirmed === undefined || confirmed < end)
      this.#findings.push(`the slot stayed at ${confirmed}, before ${end}`);
  }

  async #committed(): Promise<Committed | undefined> {
    return this.#scenario.route === "pipe" ? this.#runs.pipe.given : committedIn(this.#destination);
  }

  /** Where the source's log ends now. */
  async #end(): Promise<bigint> {
    const [row] = await this.#source.rows("select pg_current_wal_insert_lsn() - '0/0'");
    return BigInt(row![0]!);
  }

  /**
   * Until nobody reads from the slot, or somebody does: whoever only starts is ended by a signal as any
   * program is.
   */
  async #slotIs(wanted: "free" | "read"): Promise<void> {
    const latest = Date.now() + ARRIVAL_MS;
    const slot = "select active from pg_replication_slots where slot_name = $1";
    const isRead = async () => (await this.#source.rows(slot, [this.#runs.slot]))[0]?.[0] === "t";
    while ((await isRead()) !== (wanted === "read")) {
      if (Date.now() > latest) throw new Error(`the slot is not ${wanted}: ${this.#doing}`);
      await pause(50);
    }
  }

  /** Until everything that is in the log now is committed at the destination. */
  async #arrived(): Promise<void> {
    const end = await this.#end();
    const latest = Date.now() + ARRIVAL_MS;
    while (((await this.#committed())?.lsn ?? 0n) < end) {
      if (Date.now() > latest) throw new Error(`nothing up to ${end} arrived: ${this.#doing}`);
      await pause(100);
    }
  }

  async #compare(oracle: Oracle): Promise<void> {
    this.#doing = "the comparison";
    const history = await oracle.history();
    await oracle.close();
    const committed = this.#runs.pipe.latest ?? (await this.#committed());
    this.#findings.push(
      ...(await differences(this.#source, this.#destination, this.#scenario, {
        history,
        from: committed?.from ?? new Map(),
        wasInterrupted: this.#wasInterrupted,
        reshaping: this.#reshaping,
      })),
    );
    if (this.#scenario.route === "pipe")
      for (let run = 1; run <= RUNS + 1; run++)
        this.#findings.push(...compareSent(await this.#runs.pipe.sent(run), history));
  }

  /** The slot goes when it is told to. */
  async #dropSlot(): Promise<void> {
    this.#doing = "taking the slot away";
    const path = join(this.#options.folder, "drop-slot.json");
    await writeFile(path, JSON.stringify({ ...this.#source.config, ...this.#runs.sourceConfig }));
    const { exitCode, stdout } = await runExecutable("source-postgres", [
      "drop-slot",
      "--config",
      path,
    ]);
    const left = await this.#source.rows(
      "select slot_name from pg_replication_slots where slot_name = $1",
      [this.#runs.slot],
    );
    if (left.length > 0)
      await this.#source.rows("select pg_drop_replication_slot($1)", [this.#runs.slot]);
    if (exitCode !== 0 || left.length > 0)
      this.#findings.push(`drop-slot ended with ${exitCode}: ${stdout}`);
  }
}
