import { streamKey, type Catalog, type StreamDescriptor } from "../../protocol/catalog.ts";
import { asFailure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Sessions } from "../connector/sessions.ts";
import { SpecCache } from "../connector/spec-cache.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import type { StreamReport } from "../store/jobs.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { readState, statePath } from "../store/state-file.ts";
import { planAttempt } from "./attempt-plan.ts";
import { runAttempt, type AttemptOutcome, type StreamOutcome } from "./attempt.ts";
import { emptySource, idleSource } from "./sides.ts";
import {
  causesOf,
  descriptorOf,
  isOfStream,
  thrownFailure,
  type AttemptFailure,
} from "./failures.ts";
import { JobProgress } from "./positions/job-progress.ts";
import { StateKeeper } from "./positions/state-keeper.ts";
import {
  goesOn,
  isResumedByNext,
  streamsThat,
  type Beginning,
  type Circumstances,
} from "./positions/stream-states.ts";
import { makeReady, type Ready } from "./ready.ts";
import { attemptTimes, secondsOf, startOf, streamTimes } from "./times.ts";
import type { Request } from "./request.ts";
import type { LeftOut } from "./streams/left-out.ts";
import { changeText } from "./streams/schema-changes.ts";
import type { PlannedStream } from "./streams/select-streams.ts";
import { PLAIN_TERMS, requireFollowable, termsOf } from "./terms.ts";
import type { AttemptRun, WorkContext, Work, WorkResult } from "./work.ts";

/** So many attempts may follow each other at once because a stream was refused, and nothing was synced. */
const MOST_REFUSALS = 20;

/** Syncs, refreshes and clears: records go from the source, or from nowhere, to the destination. */
export class SyncWork implements Work {
  readonly #connection: ConnectionConfig;
  readonly #request: Request;
  readonly #context: WorkContext;
  readonly #keeper: StateKeeper;
  readonly #progress = new JobProgress();
  /** Attempts one after the other that ended with a refusal, and brought nothing. */
  #refusedInVain = 0;
  /** The catalog behind which a source had rows of another shape. */
  #outgrown: string | undefined;
  #log: AttemptLog | undefined;

  /** Throws `state.invalid` for a state file that cannot be used. */
  constructor(connection: ConnectionConfig, request: Request, context: WorkContext) {
    this.#connection = connection;
    this.#request = request;
    this.#context = context;
    const path = statePath(context.home, connection.name);
    const state = readState(path, connection.name);
    const onFailure = (error: unknown) => {
      // The end of the attempt saves again, and fails it if that fails, too.
      this.#log?.own("WARN", `${asFailure(error).message}; trying again`);
    };
    this.#keeper = new StateKeeper(path, connection.name, state, onFailure, context.lost);
  }

  async attempt(run: AttemptRun): Promise<WorkResult> {
    const sessions = new Sessions();
    try {
      return await this.#attempt(run, sessions);
    } finally {
      await sessions.end();
    }
  }

  async #attempt(
    { job, attempt, log, folder }: AttemptRun,
    sessions: Sessions,
  ): Promise<WorkResult> {
    const { home, stop, onProgress } = this.#context;
    this.#log = log;
    const begun = performance.now();
    const { limits, name } = this.#connection;
    const around = {
      folder,
      limits,
      log,
      specs: new SpecCache(home.path),
      signal: stop.gracefully,
      run: { project: home.project, connection: name, job, attempt },
      sessions,
    };
    const ready = await makeReady(this.#connection, around, readKnownCatalog(home.path, name));
    for (const change of ready.changes) log.own("WARN", `schema change: ${changeText(change)}`);
    for (const remark of ready.remarks) log.own("WARN", remark);
    const isFollowed = this.#context.follows;
    const terms = await termsOf(ready.source, ready.destination, isFollowed);
    if (isFollowed) requireFollowable(ready.streams);
    const { streams, beginnings, leftOut } = await planAttempt(ready, {
      connection: this.#connection,
      request: this.#request,
      keeper: this.#keeper,
      progress: this.#progress,
      job,
      home: home.path,
      log,
    });
    if (streams.length === 0) return nothingToDo(leftOut);
    const delivered = streamsThat("delivered", beginnings);
    const asked = streams.filter(({ source }) => !delivered.has(streamKey(source)));
    const clears = this.#request.type === "clear";
    const isAlone = clears || asked.length === 0;
    const source = asked.length === 0 ? idleSource : ready.source;
    const before = streams.map((stream) => this.#keeper.positionOf(stream.source));
    // What replaces older rows has to end before a STATE of all streams counts: it is not followed yet.
    const replaces = streams.some((s) => (s.configured.minimum_generation_id ?? 0) > 0);
    const follows = isFollowed && !replaces;
    const outcome = await runAttempt({
      source: clears ? emptySource(this.#keeper.state.global) : source,
      destination: ready.destination,
      destinationRemembers: ready.destinationRemembers,
      terms: isAlone ? PLAIN_TERMS : { ...terms, follows },
      streams,
      leftOut,
      beginnings,
      mayHaveRows: this.#progress.mayHaveRows,
      keeper: this.#keeper,
      state: clears ? undefined : this.#keeper.input(asked.map((stream) => stream.source)),
      stateType: this.#progress.stateType,
      limits,
      log,
      stop,
      onProgress,
    });
    const superseded = this.#learn(outcome);
    const isComplete = outcome.streams.every(({ verdict }) => verdict.isComplete);
    const hasMoved = streams.some((stream, at) => this.#hasMoved(stream, before[at]));
    const isOfNewShape = this.#isOfNewShape(outcome.failures, hasMoved, ready.catalog);
    return {
      isComplete,
      streams: [
        ...outcome.streams.map((stream) => ({
          ...reportOf(stream, beginnings),
          ...this.#nextOf(stream, ready),
        })),
        ...leftOut.map(reportOfLeftOut),
      ],
      times: attemptTimes(begun, outcome.stats),
      failures: outcome.failures,
      notes: [
        ...outcome.notes,
        ...this.#mayBeTwice(ready, attempt),
        ...(follows && isComplete && !stop.gracefully.aborted
          ? [`${ready.source.label} ended by itself: as it is set up, it does not follow`]
          : []),
      ],
      madeProgress:
        (follows && hasMoved) ||
        outcome.streams.some((stream, index) =>
          this.#isFurther(stream, before[index], { job, ...ready }),
        ),
      isWorthRepeatingNow:
        (isComplete && isFollowed && !follows) ||
        isOfNewShape ||
        this.#leavesOutRefused(outcome) ||
        isWorthRepeatingNow(outcome, superseded, streamsThat("resumed", beginnings)),
    };
  }

  /** Takes in how an attempt ended. Returns the streams whose state the source could not go on from. */
  #learn({ streams, failures, stateType }: AttemptOutcome): StreamDescriptor[] {
    const superseded = failures.flatMap(({ failure: { code, stream } }) =>
      code === "state.superseded" && stream ? [descriptorOf(stream)] : [],
    );
    const traces = streams.map(({ stats: { plan, lastBlob }, verdict }) => ({
      source: plan.source,
      isFullRefresh: plan.configured.sync_mode === "full_refresh",
      lastBlob,
      ...verdict,
    }));
    this.#progress.learn({ streams: traces, superseded, stateType });
    if (this.#context.follows) this.#progress.done.clear(); // for the time being only
    return superseded;
  }

  /**
   * Leaves the streams that were refused out of later attempts. Not where one state speaks of all.
   * Returns whether nothing else went wrong, so that the others are to be synced now: unless so many
   * were refused one after the other, and nothing was synced, that the cause is likely everybody's.
   */
  #leavesOutRefused({ streams, failures }: AttemptOutcome): boolean {
    const { state } = this.#keeper;
    if (state.global || state.legacy) return false;
    const { refused } = this.#progress;
    const causes = causesOf(failures);
    for (const { stats, verdict } of streams) {
      const { source } = stats.plan;
      const cause = causes.find((one) => isRefusal(one) && isOfStream(one, stats.plan));
      if (verdict.isRefused && cause)
        refused.set(streamKey(source), { source, failure: cause.failure });
    }
    const left = streams.filter(({ verdict }) => !verdict.isComplete && !verdict.isRefused);
    const hasRefused = streams.some(({ verdict }) => verdict.isRefused);
    const isInVain = streams.every(({ verdict }) => !verdict.isComplete && verdict.committed === 0);
    this.#refusedInVain = hasRefused && isInVain ? this.#refusedInVain + 1 : 0;
    const isForAll = this.#refusedInVain >= MOST_REFUSALS;
    return hasRefused && left.length > 0 && causes.every(isRefusal) && !isForAll;
  }

  /**
   * Whether a stream has less to do now: rows of it are committed, and either it is done, or it moved
   * on and a later attempt goes on from there. What begins from nothing each time gets nowhere.
   */
  #isFurther(
    { stats: { plan }, verdict }: StreamOutcome,
    before: Buffer | undefined,
    circumstances: Pick<Circumstances, "job" | "destinationRemembers">,
  ): boolean {
    if (verdict.committed === 0) return false;
    const { state } = this.#keeper;
    // With one state for all streams none is left out by later attempts.
    const isDone = verdict.isComplete && !state.global && !state.legacy;
    const progress = this.#progress;
    const hasMoved = this.#hasMoved(plan, before);
    return isDone || (hasMoved && goesOn(state, plan, { ...circumstances, progress }));
  }

  #hasMoved({ source }: PlannedStream, before: Buffer | undefined): boolean {
    const now = this.#keeper.positionOf(source);
    return now !== undefined && !(before?.equals(now) ?? false);
  }

  /**
   * Whether nothing is wrong but that the source has come to rows of another shape than its catalog has:
   * the next attempt asks for its streams anew. Not for ever: something has to be different each time.
   */
  #isOfNewShape(failures: readonly AttemptFailure[], hasMoved: boolean, catalog: Catalog): boolean {
    const causes = causesOf(failures);
    const isOnlyThat = causes.every(({ failure }) => failure.code === "source.schema_changed");
    if (causes.length === 0 || !isOnlyThat) return false;
    const shape = JSON.stringify(catalog);
    const isNew = shape !== this.#outgrown;
    this.#outgrown = shape;
    return hasMoved || isNew;
  }

  /** What is left of a stream that is incomplete, and what the next job makes of it. */
  #nextOf(
    { stats: { plan }, verdict }: StreamOutcome,
    { destinationRemembers }: Ready,
  ): Pick<StreamReport, "next" | "apart"> {
    if (verdict.isComplete) return {};
    const isBehind = isResumedByNext(this.#keeper.state, plan, destinationRemembers);
    // A destination without checkpoints may have emptied the table when it began.
    const isApart = destinationRemembers && (plan.configured.minimum_generation_id ?? 0) > 0;
    return { next: isBehind ? "goes_on" : "starts_again", ...(isApart && { apart: true }) };
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

/**
 * Without what was left out everything is in place: what failed in an earlier attempt was something
 * else, such as saving the state.
 */
function nothingToDo(leftOut: readonly LeftOut[]): WorkResult {
  return {
    isComplete: true,
    streams: leftOut.map(reportOfLeftOut),
    failures: leftOut.map(({ failure }) => thrownFailure(failure)),
    notes: [],
    madeProgress: false,
    isWorthRepeatingNow: false,
  };
}

/** Whether it says that one stream cannot be synced as it is set up. */
function isRefusal({ failure: { kind, stream } }: AttemptFailure): boolean {
  return kind === "config_error" && stream !== undefined;
}

/**
 * Whether nothing is wrong but states that the source cannot go on from. A stream that had no state
 * cannot have lost it: that source would go round in circles.
 *
 * @param resumed the streams that were given a state from within the job.
 */
function isWorthRepeatingNow(
  { failures }: AttemptOutcome,
  superseded: readonly StreamDescriptor[],
  resumed: ReadonlySet<string>,
): boolean {
  const isOnlyThat = causesOf(failures).every(({ failure }) => failure.code === "state.superseded");
  const hadState = superseded.every((stream) => resumed.has(streamKey(stream)));
  return superseded.length > 0 && isOnlyThat && hadState;
}

/** What a stream came to in an attempt, for the records. */
function reportOf(
  { stats, verdict }: StreamOutcome,
  beginnings: ReadonlyMap<string, Beginning>,
): StreamReport {
  const { emitted, bytes, filtered, expected, tally } = stats;
  const { source, configured } = stats.plan;
  const { name, namespace } = source;
  const started_at = startOf(stats);
  const beginning = beginnings.get(streamKey(source));
  const isLater = beginning === "resumed" || beginning === "again" || beginning === "delivered";
  const replaces = (configured.minimum_generation_id ?? 0) > 0;
  return {
    name,
    ...(namespace && { namespace }),
    status: verdict.isComplete ? "complete" : "incomplete",
    emitted,
    committed: verdict.committed,
    bytes,
    seconds: secondsOf(stats),
    ...(started_at !== undefined && { started_at }),
    ...(filtered > 0 && { filtered }),
    ...(tally && tally.nulled > 0 && { nulled: tally.nulled }),
    ...(expected !== undefined && { expected }),
    times: streamTimes(stats),
    ...(isLater && { began: beginning }),
    ...(beginning === "again" && replaces && { discards_earlier: true as const }),
  };
}

function reportOfLeftOut({ source }: LeftOut): StreamReport {
  const { name, namespace } = source;
  return {
    name,
    ...(namespace && { namespace }),
    status: "incomplete",
    emitted: 0,
    committed: 0,
    bytes: 0,
    seconds: 0,
  };
}
