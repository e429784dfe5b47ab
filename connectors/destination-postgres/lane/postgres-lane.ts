import type { CommitWork, Lane, LaneLoad } from "../../kit/destination/lane.ts";
import type { StreamNumber } from "../../kit/destination/ledger.ts";
import { isLost } from "../../postgres/errors.ts";
import { forStream } from "../../postgres/refused-stream.ts";
import type { Session, Statement } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { lookAtTarget, renameAtOnce } from "../publish/swap.ts";
import { inGroups } from "../schema/groups.ts";
import type { CopyBatch, PlacedOutlier } from "./copy-batches.ts";
import type { LaneSetup, Measure } from "./lane-setup.ts";
import { LaneTables } from "./lane-tables.ts";
import { LoadQueue } from "./load-queue.ts";
import { lockNotice } from "./lock-waits.ts";
import { Merging } from "./merging.ts";
import { refusedCommit } from "./refused-commit.ts";
import { Standings } from "./standings.ts";
import { keepOutliers } from "./wide-columns.ts";

/** Most streams of which one transaction creates the tables that have no rows. */
const STREAMS_PER_TRANSACTION = 20;

/**
 * One session and its open transaction: rows of streams are loaded in it, merged, put in place and
 * committed together with what is kept beside them.
 */
export class PostgresLane implements Lane<CopyBatch> {
  readonly #session: Session;
  readonly #setup: LaneSetup;
  readonly #end: (() => Promise<void>) | undefined;
  readonly #measure: Measure;
  readonly #queue: LoadQueue;
  readonly #standings: Standings;
  readonly #tables: LaneTables;
  readonly #merging: Merging;

  /** @param end closes the session; undefined where it outlives the lane. */
  constructor(session: Session, setup: LaneSetup, end?: () => Promise<void>) {
    this.#session = session;
    this.#queue = new LoadQueue(session, setup.context);
    const notice = lockNotice(
      session,
      setup.streams.map(({ plan }) => plan),
      setup.context,
    );
    this.#setup = setup;
    this.#end = end;
    this.#measure = (work, shares, run) =>
      setup.clock.measure(work, shares, () => notice.during(run));
    this.#standings = new Standings(setup.streams.map(({ committed }) => committed));
    this.#tables = new LaneTables(session, setup, this.#standings);
    this.#merging = new Merging(session, setup, this.#standings, this.#tables, this.#measure);
  }

  async load(number: StreamNumber, batch: CopyBatch): Promise<number> {
    const [rows] = await this.loadAll([{ stream: number, batch }]);
    return rows!;
  }

  get loadsAhead(): boolean {
    return this.#session.loads.sendsAhead;
  }

  async loadAll(loads: readonly LaneLoad<CopyBatch>[]): Promise<number[]> {
    const filled = loads.filter(({ batch }) => batch.rows > 0);
    const { streams, judged } = this.#setup;
    const areReady = filled.every(({ stream }) => this.#tables.areReady(stream));
    const hasOutliers = filled.some(({ batch }) => batch.outliers.length > 0);
    const load = {
      batches: filled.map(({ stream: number, batch }) => {
        const stream = streams[number]!;
        return { stream, batch, canJudge: judged.has(stream) };
      }),
      prepare: areReady
        ? undefined
        : () => together(filled.map(({ stream }) => this.#tables.makeReady(stream))),
      conclude: hasOutliers ? () => this.#keepAllOutliers(filled) : undefined,
    };
    const shares = filled.map(({ stream, batch }) => [stream, batch.rows] as const);
    await this.#measure("copy", shares, () => this.#queue.load(load));
    for (const { stream: number, batch } of filled)
      if (streams[number]!.isStaged)
        this.#standings.learn(number, {
          rowsToMerge: this.#standings.of(number).rowsToMerge + batch.rows,
        });
    return loads.map(({ batch }) => batch.rows);
  }

  async savepoint(): Promise<void> {
    const release = this.#standings.hasSavepoint ? ["release covered"] : [];
    await this.#session.run("set a savepoint", ...release, "savepoint covered");
    this.#standings.savepoint();
  }

  async rollback(to: "savepoint" | "begin"): Promise<void> {
    if (to === "savepoint" && this.#standings.hasSavepoint) {
      await this.#session.run("take uncovered rows back", "rollback to covered");
      this.#standings.rollback("savepoint");
      return;
    }
    this.#standings.rollback("begin");
    await this.#session.rollback();
  }

  async commit(work: CommitWork): Promise<void> {
    const { states, complete, replaces } = work;
    await this.#merging.mergeAll();
    const missing = complete.filter((number) => !this.#standings.of(number).isCreated);
    const [first = [], ...others] = inGroups(missing, STREAMS_PER_TRANSACTION);
    await together(first.map((number) => this.#tables.create(number)));
    if (replaces !== undefined) await this.putInPlace(replaces);
    if (this.#setup.checkpoint && states.length > 0) await this.#session.begin();
    const replaced = replaces === undefined ? [] : [replaces];
    await this.#commit(this.#checkpointOf(work, replaced), replaced);
    this.#onCommitted(states);
    for (const group of others) await this.#createMore(group);
  }

  /** Renames the tables of all of them, if they are all as they may be renamed and nobody has one locked. */
  async commitTogether(work: CommitWork, replaces: readonly StreamNumber[]): Promise<boolean> {
    const isReady = work.complete.every((number) => this.#standings.of(number).isCreated);
    if (this.#session.inTransaction || !isReady) return false;
    const shares = replaces.map((one) => [one, 1] as const);
    return this.#measure("swap", shares, () => this.#swapTogether(work, replaces));
  }

  async #swapTogether(work: CommitWork, replaces: readonly StreamNumber[]): Promise<boolean> {
    const { streams, context } = this.#setup;
    const said: string[] = [];
    const listening = { ...context, log: (_: unknown, sql: string) => void said.push(sql) };
    const swaps = replaces.flatMap((one) => streams[one]!.swaps(this.#session, listening));
    try {
      const [outlooks] = await together([
        together(swaps.map((one) => lookAtTarget(this.#session, one.replacement, one.options))),
        this.#session.begin(),
        ...replaces.map((one) => this.#tables.index(one)),
      ]);
      if (!outlooks.every(({ mayRename }) => mayRename)) return await this.#tryAlone();
      const renamed = together(
        swaps.map(({ replacement, options }, at) =>
          renameAtOnce(this.#session, replacement, outlooks[at]!, options),
        ),
      );
      // Where one was refused, so is the commit.
      const commit = this.#commit(this.#checkpointOf(work, replaces), replaces);
      await together([commit, renamed.catch(() => {})]);
    } catch (error) {
      if (isLost(error)) throw error;
      return this.#tryAlone().catch(() => {
        throw error;
      });
    }
    for (const sql of said) context.log("INFO", sql);
    this.#onCommitted(work.states);
    return true;
  }

  async #tryAlone(): Promise<false> {
    await this.rollback("begin");
    return false;
  }

  /** Statements for the turn of a commit. */
  #checkpointOf(
    { states, uncovered }: CommitWork,
    replaces: readonly StreamNumber[],
  ): readonly Statement[] | undefined {
    const { streams, checkpoint } = this.#setup;
    return checkpoint?.statements(
      states.map(({ line, streams: of }) => ({
        line,
        plan: line.type === "STREAM" ? streams[of[0]!]!.plan : undefined,
      })),
      uncovered
        .map((number) => streams[number]!)
        .filter(({ replaces: isAside }) => isAside)
        .map(({ plan }) => plan),
      replaces.map((number) => streams[number]!.plan),
    );
  }

  /** @param replaced streams whose tables are put in place. */
  async #commit(
    last: readonly Statement[] = [],
    replaced: readonly StreamNumber[] = [],
  ): Promise<void> {
    try {
      await this.#session.commit(...last);
    } catch (error) {
      const { streams } = this.#setup;
      const isWritten = (number: StreamNumber) =>
        this.#standings.of(number).isLocked || replaced.includes(number);
      const written = streams.filter((_, number) => isWritten(number));
      throw refusedCommit(error, streams, written);
    }
  }

  /** Creates tables without rows. A position that was committed before its table does not count. */
  async #createMore(group: readonly StreamNumber[]): Promise<void> {
    await together(group.map((number) => this.#tables.create(number)));
    await this.#commit(this.#setup.checkpoint?.statements());
    this.#onCommitted([]);
  }

  async close(): Promise<void> {
    await this.#end?.();
  }

  /** Creates the tables that rows of a stream are loaded into, inside a transaction. */
  createTables(number: StreamNumber): Promise<void> {
    return this.#tables.create(number);
  }

  /** Moves loaded rows of a stream on to where readers look, inside the open transaction. */
  mergeRows(number: StreamNumber): Promise<void> {
    return this.#merging.merge(number);
  }

  /** Puts the replacement of a stream in place, inside a transaction. */
  async putInPlace(number: StreamNumber): Promise<void> {
    await this.#session.begin();
    const { streams, context } = this.#setup;
    const stream = streams[number]!;
    const swap = async () => {
      await this.#tables.index(number);
      await stream.putInPlace(this.#session, context);
    };
    await this.#measure("swap", [[number, 1]], () => forStream(stream.stream, swap));
  }

  async #keepAllOutliers(loads: readonly LaneLoad<CopyBatch>[]): Promise<void> {
    for (const { stream: number, batch } of loads)
      if (batch.outliers.length > 0)
        await forStream(this.#setup.streams[number]!.stream, () =>
          this.#keepOutliers(number, batch.outliers),
        );
  }

  async #keepOutliers(number: StreamNumber, outliers: readonly PlacedOutlier[]): Promise<void> {
    const { plan, merge } = this.#setup.streams[number]!;
    const columns = await keepOutliers(this.#session, plan, merge!.stage, outliers);
    const { wide } = this.#standings.of(number);
    this.#standings.learn(number, { wide: new Set([...wide, ...columns]) });
  }

  #onCommitted(states: CommitWork["states"]): void {
    const { streams, checkpoint } = this.#setup;
    const kept = checkpoint ? states.flatMap(({ streams: of }) => of) : [];
    for (const number of kept)
      if (streams[number]!.plan.resumes) streams[number]!.committed.isStagingKept = true;
    this.#standings.commit();
  }
}
