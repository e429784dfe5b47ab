import type { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import type { Context } from "../../kit/contract.ts";
import type { CommitWork, Lane } from "../../kit/destination/lane.ts";
import type { StreamNumber } from "../../kit/destination/ledger.ts";
import { dropStaging } from "../bookkeeping/queries.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { ownSchema } from "../plan/own-schema.ts";
import { lookAtStaged, type MergeWay } from "../publish/merge-way.ts";
import { isOversized } from "../publish/oversized.ts";
import { runMerge } from "../publish/run-merge.ts";
import { isBroken, isTaken, releasable, takenFailure } from "../publish/unique-values.ts";
import type { Column } from "../plan/columns.ts";
import { forStream, refusedStream } from "../refused-stream.ts";
import { inGroups } from "../schema/groups.ts";
import { tablesOf } from "../schema/layout.ts";
import type { CopyBatch, PlacedOutlier } from "./copy-batches.ts";
import { holdTables } from "./hold-tables.ts";
import { loadBatch, lockTables } from "./loader.ts";
import type { StreamTables } from "./stream-tables.ts";
import { keepOutliers, widen, type WideColumns } from "./wide-columns.ts";

/** What a lane works with. */
export interface LaneSetup {
  readonly streams: readonly StreamTables[];
  /** Those of whose values the server can be asked beforehand. */
  readonly judged: ReadonlySet<StreamTables>;
  /** Undefined when no connection is known: then nothing is kept beside the data. */
  readonly checkpoint: Checkpoint | undefined;
  readonly context: Context;
}

const NONE: WideColumns = new Set();

/** Most streams of which one transaction creates the tables that have no rows. */
const STREAMS_PER_TRANSACTION = 20;

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
  #standings = new Map<StreamNumber, Standing>();
  #atSavepoint: ReadonlyMap<StreamNumber, Standing> | undefined;
  #atBegin: ReadonlyMap<StreamNumber, Standing> = new Map();

  /** @param end closes the session; undefined where it outlives the lane. */
  constructor(session: Session, setup: LaneSetup, end?: () => Promise<void>) {
    this.#session = session;
    this.#setup = setup;
    this.#end = end;
  }

  async load(number: StreamNumber, batch: CopyBatch): Promise<number> {
    if (batch.rows === 0) return 0;
    await this.createTables(number);
    const stream = this.#setup.streams[number]!;
    return forStream(stream.stream, () => this.#load(number, stream, batch));
  }

  async #load(number: StreamNumber, stream: StreamTables, batch: CopyBatch): Promise<number> {
    if (!this.#standing(number).isLocked) {
      await lockTables(this.#session, stream);
      this.#learn(number, { isLocked: true });
    }
    const taken = await loadBatch(this.#session, stream, batch, this.#setup.judged.has(stream));
    if (stream.isStaged)
      this.#learn(number, { rowsToMerge: this.#standing(number).rowsToMerge + taken });
    if (batch.outliers.length > 0) await this.#keepOutliers(number, batch.outliers);
    return taken;
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

  async commit({ states, complete, uncovered, replaces }: CommitWork): Promise<void> {
    const { streams, checkpoint } = this.#setup;
    for (const number of this.#standings.keys()) await this.mergeRows(number);
    const missing = complete.filter((number) => !this.#standing(number).isCreated);
    const [first = [], ...others] = inGroups(missing, STREAMS_PER_TRANSACTION);
    for (const number of first) await this.createTables(number);
    if (replaces !== undefined) await this.putInPlace(replaces);
    if (checkpoint && states.length > 0) await this.#session.begin();
    if (checkpoint && this.#session.inTransaction) {
      const own = checkpoint.through(this.#session);
      await own.save(
        states.map(({ line, streams: of }) => ({
          line,
          plan: line.type === "STREAM" ? streams[of[0]!]!.plan : undefined,
        })),
        uncovered
          .map((number) => streams[number]!)
          .filter(({ replaces: isAside }) => isAside)
          .map(({ plan }) => plan),
      );
      if (replaces !== undefined) await own.complete(streams[replaces]!.plan);
    }
    await this.#commit();
    this.#onCommitted();
    if (checkpoint)
      for (const { streams: of } of states)
        for (const number of of)
          if (streams[number]!.plan.resumes) streams[number]!.committed.isStagingKept = true;
    for (const group of others) await this.#createMore(group);
  }

  /** A constraint that is deferred fails here, and names the table. */
  async #commit(): Promise<void> {
    try {
      await this.#session.commit();
    } catch (error) {
      const { schema, table } = (error as Failure).facts;
      const stream = this.#setup.streams.find(({ plan }) =>
        tablesOf(plan).some((one) => one.table.schema === schema && one.table.name === table),
      );
      throw stream === undefined ? error : refusedStream(error, stream.stream);
    }
  }

  /** Creates tables without rows. A position that was committed before its table does not count. */
  async #createMore(group: readonly StreamNumber[]): Promise<void> {
    for (const number of group) await this.createTables(number);
    await this.#setup.checkpoint?.through(this.#session).save([]);
    await this.#session.commit();
    this.#onCommitted();
  }

  async close(): Promise<void> {
    await this.#end?.();
  }

  /** Creates the tables that rows of a stream are loaded into, inside a transaction. */
  async createTables(number: StreamNumber): Promise<void> {
    await this.#session.begin();
    const stream = this.#setup.streams[number]!;
    const { isCreated, hasStage } = this.#standing(number);
    const statements = [
      ...(isCreated ? [] : stream.createStatements()),
      ...(hasStage ? [] : stream.stageStatements()),
    ];
    if (statements.length > 0)
      await forStream(stream.stream, () =>
        this.#session.run(`create the tables of ${stream.plan.label}`, ...statements),
      );
    if (!isCreated || !hasStage) this.#learn(number, { isCreated: true, hasStage: true });
  }

  /** Puts the replacement of a stream in place, inside a transaction. */
  async putInPlace(number: StreamNumber): Promise<void> {
    await this.#session.begin();
    const stream = this.#setup.streams[number]!;
    await forStream(stream.stream, async () => {
      await this.#index(number);
      await stream.putInPlace(this.#session, this.#setup.context);
    });
  }

  /** Moves loaded rows on to where readers look, inside the open transaction. */
  async mergeRows(number: StreamNumber): Promise<void> {
    const { rowsToMerge, wide } = this.#standing(number);
    if (rowsToMerge === 0) return;
    const stream = this.#setup.streams[number]!;
    await forStream(stream.stream, async () => {
      if (wide.size > 0) await this.#widen(stream, wide);
      const { final, history } = stream.merge!;
      await holdTables(this.#session, history ? [final, history] : [final]);
      const way = await this.#chooseWay(number, rowsToMerge);
      await this.#merge(number, wide, rowsToMerge, way).catch(async (failure: Failure) => {
        if (!isOversized(failure) || !(await stream.giveUpStaged(this.#session))) throw failure;
        await this.#merge(number, wide, rowsToMerge, way);
      });
      this.#learn(number, { rowsToMerge: 0, wide: NONE });
      await this.#index(number);
    });
  }

  /** Where rows exchange values that somebody's index wants to be unique, all give theirs up first. */
  async #merge(
    number: StreamNumber,
    wide: WideColumns,
    rows: number,
    way: MergeWay,
  ): Promise<void> {
    const stream = this.#setup.streams[number]!;
    const { plan, merge } = stream;
    const action = `merge the rows of ${plan.label}`;
    const { hasIndexes } = this.#standing(number);
    // Rows that are not indexed are new, and nobody else's yet.
    const locks = hasIndexes ? stream.lockStatements(way) : [];
    const run = (by: MergeWay, released: readonly Column[]) => {
      const appended = plan.dedup && by !== "first" ? 0 : rows;
      const statements = stream.mergeStatements(wide, by, released);
      return runMerge(this.#session, { action, locks, appended }, statements);
    };
    try {
      await run(way, []);
    } catch (error) {
      const failure = error as Failure;
      if (plan.dedup === undefined || !isTaken(failure)) throw failure;
      const released = await releasable(this.#session, plan, merge!.final);
      if (released.length === 0) throw takenFailure(failure);
      await run(way === "first" ? "many" : way, released).catch((again: Failure) => {
        throw isBroken(again) ? takenFailure(failure) : again;
      });
    }
  }

  async #chooseWay(number: StreamNumber, rows: number): Promise<MergeWay> {
    const { plan, merge, batches } = this.#setup.streams[number]!;
    const { dedup, label } = plan;
    if (dedup === undefined) return "many";
    const { hasIndexes: areIndexed } = this.#standing(number);
    const { lookUpRows } = this.#setup.context.limits;
    const staged = { tables: merge!, dedup, rows, areIndexed, lookUpRows };
    const action = `look at the keys of ${label}`;
    const { way, keyless } = await lookAtStaged(this.#session, action, staged);
    batches.countKeyless(keyless);
    return way;
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
    await this.#session.run(
      `index the tables of ${stream.plan.label}`,
      ...stream.indexStatements(),
    );
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
  #onCommitted(): void {
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
