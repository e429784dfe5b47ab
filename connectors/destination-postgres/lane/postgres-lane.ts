import type { StreamWork } from "../../../protocol/activity.ts";
import type { Failure } from "../../../protocol/errors.ts";
import type { LockNotice } from "../../postgres/lock-notice.ts";
import { isLost } from "../../postgres/errors.ts";
import type { Session, Statement } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import type { Context, Output } from "../../kit/contract.ts";
import type { CommitWork, Lane, LaneLoad } from "../../kit/destination/lane.ts";
import type { StreamNumber } from "../../kit/destination/ledger.ts";
import { dropStaging } from "../bookkeeping/queries.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { ownSchema } from "../plan/own-schema.ts";
import { lookAtStaged, type StagedLook } from "../publish/merge-way.ts";
import { isOversized } from "../publish/oversized.ts";
import { runMerge } from "../publish/run-merge.ts";
import { lookAtTarget, renameAtOnce } from "../publish/swap.ts";
import { isBroken, isTaken, releasable, takenFailure } from "../publish/unique-values.ts";
import type { Column } from "../plan/columns.ts";
import { forStream } from "../../postgres/refused-stream.ts";
import { inGroups } from "../schema/groups.ts";
import type { CopyBatch, PlacedOutlier } from "./copy-batches.ts";
import { holdTables } from "./hold-tables.ts";
import { LoadQueue } from "./load-queue.ts";
import { lockTables } from "./loader.ts";
import { lockNotice } from "./lock-waits.ts";
import { refusedCommit } from "./refused-commit.ts";
import { creating, logStatements } from "./statement-log.ts";
import type { Shares, StreamClock } from "./stream-clock.ts";
import type { StreamTables } from "./stream-tables.ts";
import { keepOutliers, widen, type WideColumns } from "./wide-columns.ts";

/** What a lane works with. */
export interface LaneSetup {
  readonly streams: readonly StreamTables[];
  /** Those of whose values the server can be asked beforehand. */
  readonly judged: ReadonlySet<StreamTables>;
  /** Undefined when no connection is known: then nothing is kept beside the data. */
  readonly checkpoint: Checkpoint | undefined;
  /** With an output where somebody is to hear what the server is at. */
  readonly context: Context & { readonly output?: Output };
  readonly clock: StreamClock;
}

const NONE: WideColumns = new Set();

/** How many values nobody knew while rows were merged, by field. */
type LostValues = ReadonlyMap<string, number>;

/** Most streams of which one transaction creates the tables that have no rows. */
const STREAMS_PER_TRANSACTION = 20;

/** Streams with at most so many rows are merged together: trying again costs less than the turns. */
const FEW_ROWS = 10_000;

/** What holds for a stream because of the lane's session and its open transaction. */
interface Standing {
  /** Its tables are there. */
  readonly isCreated: boolean;
  /** Its temporary table is there. */
  readonly hasStage: boolean;
  /** Its tables are locked and have the types its rows are made for. */
  readonly isLocked: boolean;
  /** Rows of its temporary table that are not merged. */
  readonly rowsToMerge: number;
  /** Columns of which it has outliers. */
  readonly wide: WideColumns;
  readonly hasIndexes: boolean;
}

/**
 * One session and its open transaction. Everything that is believed because of the open transaction is
 * one immutable value per stream: a savepoint keeps a copy of them, a rollback goes back to it, so
 * that nothing can be forgotten there.
 */
export class PostgresLane implements Lane<CopyBatch> {
  readonly #session: Session;
  readonly #setup: LaneSetup;
  readonly #end: (() => Promise<void>) | undefined;
  readonly #queue: LoadQueue;
  readonly #notice: LockNotice;
  #standings = new Map<StreamNumber, Standing>();
  #atSavepoint: ReadonlyMap<StreamNumber, Standing> | undefined;
  #atBegin: ReadonlyMap<StreamNumber, Standing> = new Map();
  /** Streams to whose tables others write while their rows are merged. */
  readonly #disturbed = new Set<StreamNumber>();

  /** @param end closes the session; undefined where it outlives the lane. */
  constructor(session: Session, setup: LaneSetup, end?: () => Promise<void>) {
    this.#session = session;
    this.#queue = new LoadQueue(session, setup.context);
    this.#notice = lockNotice(
      session,
      setup.streams.map(({ plan }) => plan),
      setup.context,
    );
    this.#setup = setup;
    this.#end = end;
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
    const areReady = filled.every(({ stream }) => this.#isReady(stream));
    const hasOutliers = filled.some(({ batch }) => batch.outliers.length > 0);
    const load = {
      batches: filled.map(({ stream: number, batch }) => {
        const stream = streams[number]!;
        return { stream, batch, canJudge: judged.has(stream) };
      }),
      prepare: areReady
        ? undefined
        : () => together(filled.map(({ stream }) => this.#makeReady(stream))),
      conclude: hasOutliers ? () => this.#keepAllOutliers(filled) : undefined,
    };
    const shares = filled.map(({ stream, batch }) => [stream, batch.rows] as const);
    await this.#measure("copy", shares, () => this.#queue.load(load));
    for (const { stream: number, batch } of filled)
      if (streams[number]!.isStaged)
        this.#learn(number, { rowsToMerge: this.#standing(number).rowsToMerge + batch.rows });
    return loads.map(({ batch }) => batch.rows);
  }

  /** Runs work on streams: how long it takes is theirs, and what it waits for is said. */
  #measure<T>(work: StreamWork, shares: Shares, run: () => Promise<T>): Promise<T> {
    return this.#setup.clock.measure(work, shares, () => this.#notice.during(run));
  }

  /** Whether rows of a stream can be loaded at once. */
  #isReady(number: StreamNumber): boolean {
    const { isCreated, hasStage, isLocked } = this.#standing(number);
    const needsStage = this.#setup.streams[number]!.isStaged;
    return this.#session.inTransaction && isCreated && isLocked && (hasStage || !needsStage);
  }

  /** Creates and locks the tables of a stream, in one turn. */
  async #makeReady(number: StreamNumber): Promise<void> {
    const stream = this.#setup.streams[number]!;
    const isLocked = this.#standing(number).isLocked;
    await together([
      this.createTables(number),
      isLocked
        ? Promise.resolve()
        : forStream(stream.stream, () => lockTables(this.#session, stream)),
    ]);
    this.#learn(number, { isLocked: true });
  }

  async savepoint(): Promise<void> {
    const release = this.#atSavepoint === undefined ? [] : ["release covered"];
    await this.#session.run("set a savepoint", ...release, "savepoint covered");
    this.#atSavepoint = new Map(this.#standings);
  }

  async rollback(to: "savepoint" | "begin"): Promise<void> {
    if (to === "savepoint" && this.#atSavepoint !== undefined) {
      await this.#session.run("take uncovered rows back", "rollback to covered");
      this.#standings = new Map(this.#atSavepoint);
      return;
    }
    this.#standings = new Map(this.#atBegin);
    this.#atSavepoint = undefined;
    await this.#session.rollback();
  }

  async commit(work: CommitWork): Promise<void> {
    const { states, complete, replaces } = work;
    await this.#mergeAll();
    const missing = complete.filter((number) => !this.#standing(number).isCreated);
    const [first = [], ...others] = inGroups(missing, STREAMS_PER_TRANSACTION);
    await together(first.map((number) => this.createTables(number)));
    if (replaces !== undefined) await this.putInPlace(replaces);
    if (this.#setup.checkpoint && states.length > 0) await this.#session.begin();
    const replaced = replaces === undefined ? [] : [replaces];
    await this.#commit(this.#checkpointOf(work, replaced), replaced);
    this.#onCommitted(states);
    for (const group of others) await this.#createMore(group);
  }

  /** Renames the tables of all of them, if they are all as they may be renamed and nobody has one locked. */
  async commitTogether(work: CommitWork, replaces: readonly StreamNumber[]): Promise<boolean> {
    const isReady = work.complete.every((number) => this.#standing(number).isCreated);
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
        ...replaces.map((one) => this.#index(one)),
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
        this.#standing(number).isLocked || replaced.includes(number);
      const written = streams.filter((_, number) => isWritten(number));
      throw refusedCommit(error, streams, written);
    }
  }

  /** Creates tables without rows. A position that was committed before its table does not count. */
  async #createMore(group: readonly StreamNumber[]): Promise<void> {
    await together(group.map((number) => this.createTables(number)));
    await this.#commit(this.#setup.checkpoint?.statements());
    this.#onCommitted([]);
  }

  async close(): Promise<void> {
    await this.#end?.();
  }

  /** Creates the tables that rows of a stream are loaded into, inside a transaction. */
  async createTables(number: StreamNumber): Promise<void> {
    const begun = this.#session.begin();
    const stream = this.#setup.streams[number]!;
    const { isCreated, hasStage } = this.#standing(number);
    const statements = [
      ...(isCreated ? [] : stream.createStatements()),
      ...(hasStage ? [] : stream.stageStatements()),
    ];
    const create = () =>
      this.#session.run(`create the tables of ${stream.plan.label}`, ...statements);
    await together([
      begun,
      statements.length > 0 ? forStream(stream.stream, create) : Promise.resolve(),
    ]);
    logStatements(this.#setup.context, creating(statements));
    if (!isCreated || !hasStage) this.#learn(number, { isCreated: true, hasStage: true });
  }

  /** Puts the replacement of a stream in place, inside a transaction. */
  async putInPlace(number: StreamNumber): Promise<void> {
    await this.#session.begin();
    const { streams, context } = this.#setup;
    const stream = streams[number]!;
    const swap = async () => {
      await this.#index(number);
      await stream.putInPlace(this.#session, context);
    };
    await this.#measure("swap", [[number, 1]], () => forStream(stream.stream, swap));
  }

  /** Moves the loaded rows of every stream on to where readers look, those of small streams in few turns. */
  async #mergeAll(): Promise<void> {
    const isFew = (number: StreamNumber) => this.#standing(number).rowsToMerge <= FEW_ROWS;
    const small = [...this.#standings.keys()].filter(
      (number) => this.#standing(number).rowsToMerge > 0 && isFew(number),
    );
    const shares = small.map((one) => [one, this.#standing(one).rowsToMerge] as const);
    const together = () => this.#mergeTogether(small);
    if (small.length > 1) await this.#measure("merge", shares, together);
    for (const number of this.#standings.keys()) await this.mergeRows(number);
  }

  /** The same for some streams at once; changes nothing where the server refuses anything of one of them. */
  async #mergeTogether(numbers: readonly StreamNumber[]): Promise<void> {
    const before = new Map(this.#standings);
    try {
      const set = this.#session.run("set a savepoint", "savepoint merges");
      const [, ...staged] = await together([set, ...numbers.map((one) => this.#readyToMerge(one))]);
      const lost = await together(numbers.map((one, at) => this.#merge(one, staged[at]!)));
      for (const one of numbers) this.#learn(one, { rowsToMerge: 0, wide: NONE });
      await together(numbers.map((one) => this.#index(one)));
      await this.#session.run("release a savepoint", "release merges");
      for (const [at, one] of numbers.entries())
        this.#setup.streams[one]!.batches.countMerged(staged[at]!.keyless, lost[at]!);
    } catch (error) {
      // One by one it is seen whose failure it is, and what can be done about it.
      const back = ["rollback to merges", "release merges"];
      await this.#session.run("take merges back", ...back).catch(() => {
        throw error;
      });
      this.#standings = before;
    }
  }

  /** Moves loaded rows on to where readers look, inside the open transaction. */
  async mergeRows(number: StreamNumber): Promise<void> {
    if (this.#standing(number).rowsToMerge === 0) return;
    const { streams } = this.#setup;
    await this.#measure("merge", [[number, 1]], () => this.#mergeOne(number, streams[number]!));
  }

  async #mergeOne(number: StreamNumber, stream: StreamTables): Promise<void> {
    await forStream(stream.stream, async () => {
      const look = await this.#readyToMerge(number);
      const lost = await this.#mergeReleasing(number, look).catch(async (failure: Failure) => {
        if (!isOversized(failure) || !(await stream.giveUpStaged(this.#session))) throw failure;
        return this.#mergeReleasing(number, look);
      });
      stream.batches.countMerged(look.keyless, lost);
      this.#learn(number, { rowsToMerge: 0, wide: NONE });
      await this.#index(number);
    });
  }

  /** Makes tables ready for a merge. */
  async #readyToMerge(number: StreamNumber): Promise<StagedLook> {
    const stream = this.#setup.streams[number]!;
    const { wide } = this.#standing(number);
    if (wide.size > 0) await this.#widen(stream, wide);
    const { final, history } = stream.merge!;
    const [, staged] = await together([
      holdTables(this.#session, history ? [final, history] : [final]),
      this.#lookAtStaged(number),
    ]);
    return staged;
  }

  /** Where rows exchange values that somebody's index wants to be unique, all give theirs up first. */
  async #mergeReleasing(number: StreamNumber, look: StagedLook): Promise<LostValues> {
    const { plan, merge } = this.#setup.streams[number]!;
    try {
      return await this.#merge(number, look, { isAlone: true });
    } catch (error) {
      const failure = error as Failure;
      if (plan.dedup === undefined || !isTaken(failure)) throw failure;
      const released = await releasable(this.#session, plan, merge!.final);
      if (released.length === 0) throw takenFailure(failure);
      const way = look.way === "first" ? "many" : look.way;
      return this.#merge(number, { ...look, way }, { released }).catch((again: Failure) => {
        throw isBroken(again) ? takenFailure(failure) : again;
      });
    }
  }

  /** @param isAlone whether nothing else is sent before it has ended. */
  #merge(
    number: StreamNumber,
    look: StagedLook,
    { released = [], isAlone = false }: { released?: readonly Column[]; isAlone?: boolean } = {},
  ): Promise<LostValues> {
    const stream = this.#setup.streams[number]!;
    const { plan } = stream;
    const { hasIndexes, rowsToMerge, wide } = this.#standing(number);
    const action = `merge the rows of ${plan.label}`;
    // Rows that are not indexed are new, and nobody else's yet.
    const locks = hasIndexes ? stream.lockStatements(look) : [];
    const appended = plan.dedup && look.way !== "first" ? 0 : rowsToMerge;
    const statements = stream.mergeStatements(wide, look, released);
    logStatements(
      this.#setup.context,
      statements.map((one) => (typeof one === "string" ? one : one.sql)),
    );
    const mayTry = isAlone && locks.length > 0 && !this.#disturbed.has(number);
    // A few rows are locked in no time.
    const triesUnlocked = mayTry && look.way === "many" && !look.changes?.truncations;
    const unlocked = triesUnlocked
      ? { onDisturbed: () => void this.#disturbed.add(number) }
      : undefined;
    const run = { action, locks, appended, ...(unlocked && { unlocked }) };
    return runMerge(this.#session, run, statements);
  }

  async #lookAtStaged(number: StreamNumber): Promise<StagedLook> {
    const { plan, merge } = this.#setup.streams[number]!;
    const { dedup, label } = plan;
    if (dedup === undefined) return { way: "many", foundBy: "hash", keyless: 0 };
    const { hasIndexes: areIndexed, rowsToMerge: rows } = this.#standing(number);
    const { lookUpRows } = this.#setup.context.limits;
    const staged = { plan, tables: merge!, dedup, rows, areIndexed, lookUpRows };
    return lookAtStaged(this.#session, `look at the keys of ${label}`, staged);
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
    this.#learn(number, { wide: new Set([...this.#standing(number).wide, ...columns]) });
  }

  async #widen(stream: StreamTables, wide: WideColumns): Promise<void> {
    const { plan, merge, widened } = stream;
    await widen(this.#session, plan, merge!, wide);
    for (const column of wide) {
      if (widened.has(column)) continue;
      widened.add(column);
      const { name, type } = plan.columns[column]!;
      this.#setup.context.log(
        "WARN",
        `${plan.label}: ${name} becomes numeric, since it has values that ${type} cannot hold`,
      );
    }
  }

  /** After the first rows: an index built at once costs a fraction of one kept up row by row. */
  async #index(number: StreamNumber): Promise<void> {
    if (this.#standing(number).hasIndexes) return;
    const stream = this.#setup.streams[number]!;
    const statements = stream.indexStatements();
    await this.#session.run(`index the tables of ${stream.plan.label}`, ...statements);
    logStatements(this.#setup.context, creating(statements));
    this.#learn(number, { hasIndexes: true });
  }

  #standing(number: StreamNumber): Standing {
    const { committed } = this.#setup.streams[number]!;
    const standing = this.#standings.get(number);
    return {
      hasStage: false,
      isLocked: false,
      rowsToMerge: 0,
      wide: NONE,
      ...standing,
      isCreated: committed.isCreated || standing?.isCreated === true,
      hasIndexes: committed.hasIndexes || standing?.hasIndexes === true,
    };
  }

  #learn(number: StreamNumber, learned: Partial<Standing>): void {
    this.#standings.set(number, { ...this.#standing(number), ...learned });
  }

  /** What the transaction did holds for every lane now; its locks are gone. */
  #onCommitted(states: CommitWork["states"]): void {
    const { streams, checkpoint } = this.#setup;
    const kept = checkpoint ? states.flatMap(({ streams: of }) => of) : [];
    for (const number of kept)
      if (streams[number]!.plan.resumes) streams[number]!.committed.isStagingKept = true;
    for (const [number, { isCreated, hasIndexes, hasStage }] of this.#standings) {
      const { committed } = this.#setup.streams[number]!;
      committed.isCreated ||= isCreated;
      committed.hasIndexes ||= hasIndexes;
      const kept = { isCreated, hasIndexes, hasStage, wide: NONE };
      this.#standings.set(number, { ...kept, isLocked: false, rowsToMerge: 0 });
    }
    this.#atBegin = new Map(this.#standings);
    this.#atSavepoint = undefined;
  }
}

/** Removes staging tables that did not take their place and that nobody can go on with. */
export async function discardStaging(
  session: Session,
  streams: readonly StreamTables[],
): Promise<void> {
  const staging = streams
    .filter(({ committed }) => committed.isCreated && !committed.isStagingKept)
    .flatMap((stream) => stream.replacements())
    .map((replacement) => replacement.staging);
  for (const group of inGroups(staging))
    await session.run(`remove the unfinished tables in ${ownSchema()}`, ...dropStaging(group));
}
