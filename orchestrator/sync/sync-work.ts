import { join } from "node:path";
import { streamKey } from "../../protocol/catalog.ts";
import { asFailure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { SpecCache } from "../connector/spec-cache.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { readState } from "../store/state-file.ts";
import { planAttempt } from "./attempt-plan.ts";
import { runAttempt } from "./attempt.ts";
import { emptySource, idleSource } from "./empty-source.ts";
import { Failures } from "./failures.ts";
import { JobProgress } from "./job-progress.ts";
import type { AttemptPlace, JobContext, Work, WorkOutcome } from "./job.ts";
import { makeReady, type Ready } from "./ready.ts";
import type { Request } from "./request.ts";
import { stateInput } from "./positions/state-input.ts";
import { StateKeeper } from "./positions/state-keeper.ts";
import { streamReport } from "./stream-report.ts";
import type { Beginning } from "./positions/stream-states.ts";

/** Syncs, refreshes and clears: records go from the source, or from nowhere, to the destination. */
export class SyncWork implements Work {
  readonly #connection: ConnectionConfig;
  readonly #request: Request;
  readonly #context: JobContext;
  readonly #keeper: StateKeeper;
  readonly #progress = new JobProgress();
  #log: AttemptLog | undefined;

  /** Throws `state.invalid` for a state file that cannot be used. */
  constructor(connection: ConnectionConfig, request: Request, context: JobContext) {
    this.#connection = connection;
    this.#request = request;
    this.#context = context;
    const path = join(context.home.state, `${connection.name}.json`);
    const state = readState(path, connection.name);
    this.#keeper = new StateKeeper(path, connection.name, state, (error) => {
      // The end of the attempt saves again, and fails it if that fails, too.
      this.#log?.own("WARN", `${asFailure(error).message}; trying again`);
    });
  }

  async attempt({ job, attempt, log }: AttemptPlace): Promise<WorkOutcome> {
    const { folder, home, stop, onProgress } = this.#context;
    this.#log = log;
    const { limits, name } = this.#connection;
    const around = {
      folder,
      limits,
      log,
      specs: new SpecCache(home.path),
      signal: stop.gracefully,
      run: { connection: name, job, attempt },
    };
    const ready = await makeReady(this.#connection, around, readKnownCatalog(home.path, name));
    const { streams, beginnings } = await planAttempt(ready, {
      connection: this.#connection,
      request: this.#request,
      keeper: this.#keeper,
      progress: this.#progress,
      job,
      home: home.path,
      log,
    });
    // Everything is in place; what failed was something else, such as saving the state.
    if (streams.length === 0)
      return { streams: [], failures: new Failures(), notes: [], isWorthRepeatingNow: false };
    const delivered = keysThat(beginnings, "delivered");
    const asked = streams.filter(({ source }) => !delivered.has(streamKey(source)));
    const clears = this.#request.type === "clear";
    const source = asked.length === 0 ? idleSource : ready.source;
    const outcome = await runAttempt({
      source: clears ? emptySource(this.#keeper.state.global) : source,
      destination: ready.destination,
      destinationRemembers: ready.destinationRemembers,
      streams,
      delivered,
      keeper: this.#keeper,
      state: clears ? undefined : stateInput(this.#keeper.state, asked),
      limits,
      log,
      stop,
      onProgress,
    });
    const { accounts, failures } = outcome;
    return {
      streams: accounts.all.map((account) => streamReport(account, beginnings)),
      failures,
      notes: [...outcome.notes, ...this.#mayBeTwice(ready, attempt)],
      isWorthRepeatingNow: this.#progress.learn(outcome, keysThat(beginnings, "resumed")),
    };
  }

  /** A destination without checkpoints gets again what it acknowledged too late, or not at all. */
  #mayBeTwice({ destination, destinationRemembers, streams }: Ready, attempt: number): string[] {
    const appends = streams.some((s) => s.configured.destination_sync_mode === "append");
    if (attempt === 0 || destinationRemembers || !appends) return [];
    return [
      `${destination.label} does not tell what it has committed: appended rows may be there twice that it got in an earlier attempt behind its last acknowledgement`,
    ];
  }
}

function keysThat(beginnings: ReadonlyMap<string, Beginning>, wanted: Beginning): Set<string> {
  return new Set([...beginnings].flatMap(([key, how]) => (how === wanted ? [key] : [])));
}
