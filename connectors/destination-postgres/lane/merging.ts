import type { Failure } from "../../../protocol/errors.ts";
import type { StreamNumber } from "../../kit/destination/ledger.ts";
import { forStream } from "../../postgres/refused-stream.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import type { Column } from "../plan/columns.ts";
import { lookAtStaged, type StagedLook } from "../publish/merge-way.ts";
import { isOversized } from "../publish/oversized.ts";
import { runMerge } from "../publish/run-merge.ts";
import { isBroken, isTaken, releasable, takenFailure } from "../publish/unique-values.ts";
import { holdTables } from "./hold-tables.ts";
import type { LaneSetup, Measure } from "./lane-setup.ts";
import type { LaneTables } from "./lane-tables.ts";
import type { Standings } from "./standings.ts";
import { logStatements } from "./statement-log.ts";
import type { StreamTables } from "./stream-tables.ts";
import { widen, type WideColumns } from "./wide-columns.ts";

/** How many values nobody knew while rows were merged, by field. */
type LostValues = ReadonlyMap<string, number>;

/** Streams with at most so many rows are merged together: trying again costs less than the turns. */
const FEW_ROWS = 10_000;

/** Moves loaded rows of streams on to where readers look, inside the open transaction of a lane. */
export class Merging {
  readonly #session: Session;
  readonly #setup: LaneSetup;
  readonly #standings: Standings;
  readonly #tables: LaneTables;
  readonly #measure: Measure;
  /** Streams to whose tables others write while their rows are merged. */
  readonly #disturbed = new Set<StreamNumber>();

  constructor(
    session: Session,
    setup: LaneSetup,
    standings: Standings,
    tables: LaneTables,
    measure: Measure,
  ) {
    this.#session = session;
    this.#setup = setup;
    this.#standings = standings;
    this.#tables = tables;
    this.#measure = measure;
  }

  /** Merges the rows of every stream, those of small streams in few turns. */
  async mergeAll(): Promise<void> {
    const rowsOf = (number: StreamNumber) => this.#standings.of(number).rowsToMerge;
    const small = this.#standings.toMerge.filter((number) => rowsOf(number) <= FEW_ROWS);
    const shares = small.map((one) => [one, rowsOf(one)] as const);
    if (small.length > 1) await this.#measure("merge", shares, () => this.#mergeTogether(small));
    for (const number of this.#standings.toMerge) await this.merge(number);
  }

  /** The same for some streams at once; changes nothing where the server refuses anything of one of them. */
  async #mergeTogether(numbers: readonly StreamNumber[]): Promise<void> {
    const goBack = this.#standings.remember();
    try {
      const set = this.#session.run("set a savepoint", "savepoint merges");
      const [, ...staged] = await together([set, ...numbers.map((one) => this.#makeReady(one))]);
      const lost = await together(numbers.map((one, at) => this.#run(one, staged[at]!)));
      for (const one of numbers) this.#standings.merged(one);
      await together(numbers.map((one) => this.#tables.index(one)));
      await this.#session.run("release a savepoint", "release merges");
      for (const [at, one] of numbers.entries())
        this.#setup.streams[one]!.batches.countMerged(staged[at]!.keyless, lost[at]!);
    } catch (error) {
      // One by one it is seen whose failure it is, and what can be done about it.
      const back = ["rollback to merges", "release merges"];
      await this.#session.run("take merges back", ...back).catch(() => {
        throw error;
      });
      goBack();
    }
  }

  /** Merges the rows of one stream, if it has any that are not. */
  async merge(number: StreamNumber): Promise<void> {
    if (this.#standings.of(number).rowsToMerge === 0) return;
    const stream = this.#setup.streams[number]!;
    const merge = () => this.#mergeOne(number, stream);
    await this.#measure("merge", [[number, 1]], () => forStream(stream.stream, merge));
  }

  async #mergeOne(number: StreamNumber, stream: StreamTables): Promise<void> {
    const look = await this.#makeReady(number);
    const lost = await this.#runReleasing(number, look).catch(async (failure: Failure) => {
      if (!isOversized(failure) || !(await stream.giveUpStaged(this.#session))) throw failure;
      return this.#runReleasing(number, look);
    });
    stream.batches.countMerged(look.keyless, lost);
    this.#standings.merged(number);
    await this.#tables.index(number);
  }

  /** Makes tables ready for a merge. */
  async #makeReady(number: StreamNumber): Promise<StagedLook> {
    const stream = this.#setup.streams[number]!;
    const { wide } = this.#standings.of(number);
    if (wide.size > 0) await this.#widen(stream, wide);
    const { final, history } = stream.merge!;
    const [, staged] = await together([
      holdTables(this.#session, history ? [final, history] : [final]),
      this.#lookAtStaged(number),
    ]);
    return staged;
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

  async #lookAtStaged(number: StreamNumber): Promise<StagedLook> {
    const { plan, merge } = this.#setup.streams[number]!;
    const { dedup, label } = plan;
    if (dedup === undefined) return { way: "many", foundBy: "hash", keyless: 0 };
    const { hasIndexes: areIndexed, rowsToMerge: rows } = this.#standings.of(number);
    const { lookUpRows } = this.#setup.context.limits;
    const staged = { plan, tables: merge!, dedup, rows, areIndexed, lookUpRows };
    return lookAtStaged(this.#session, `look at the keys of ${label}`, staged);
  }

  /** Where rows exchange values that somebody's index wants to be unique, all give theirs up first. */
  async #runReleasing(number: StreamNumber, look: StagedLook): Promise<LostValues> {
    const { plan, merge } = this.#setup.streams[number]!;
    try {
      return await this.#run(number, look, { isAlone: true });
    } catch (error) {
      const failure = error as Failure;
      if (plan.dedup === undefined || !isTaken(failure)) throw failure;
      const released = await releasable(this.#session, plan, merge!.final);
      if (released.length === 0) throw takenFailure(failure);
      const way = look.way === "first" ? "many" : look.way;
      return this.#run(number, { ...look, way }, { released }).catch((again: Failure) => {
        throw isBroken(again) ? takenFailure(failure) : again;
      });
    }
  }

  /** @param isAlone whether nothing else is sent before it has ended. */
  #run(
    number: StreamNumber,
    look: StagedLook,
    { released = [], isAlone = false }: { released?: readonly Column[]; isAlone?: boolean } = {},
  ): Promise<LostValues> {
    const stream = this.#setup.streams[number]!;
    const { plan } = stream;
    const { hasIndexes, rowsToMerge, wide } = this.#standings.of(number);
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
}
