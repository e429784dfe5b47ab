import type { StreamNumber } from "../../kit/destination/ledger.ts";
import type { Limits } from "../../kit/limits.ts";
import type { Session } from "../../postgres/session.ts";
import type { Table } from "../../postgres/sql.ts";
import { noteStaging } from "../bookkeeping/queries.ts";
import { ownSchema } from "../plan/own-schema.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { findDependents } from "../publish/dependents.ts";
import { keptOut } from "../publish/kept-out.ts";
import { forStream } from "../refused-stream.ts";
import type { CopyBatch } from "./copy-batches.ts";
import { loadRepairing, type RepairableLoad } from "./repair.ts";
import {
  createSideTable,
  dropSideTables,
  isPlain,
  moveSideRows,
  sideTable,
  truncateSideTables,
} from "./side-queries.ts";
import type { StreamTables } from "./stream-tables.ts";

/** Rows of a stream that its lane's transaction does not have yet. */
interface Waiting {
  readonly plan: StreamPlan;
  readonly raw: Table;
  readonly side: Table;
  rows: number;
}

/**
 * Loads raw rows on a second session, beside the typed ones on the lane's own: the server takes longer
 * to parse their JSON than for everything else (1,000,000 rows: 4.2 s of one core, 0.6 s to move them on).
 *
 * The second session commits by itself, into side tables of ours that nobody reads. One statement moves
 * their rows into the raw table, in the lane's transaction and in their order: before it is committed,
 * and before a savepoint, so that what waits is exactly what was loaded since. A rollback forgets it.
 * Side tables take up disk beside the raw rows until the commit, up to `sideBytes`.
 */
export class RawSide {
  readonly #open: () => Promise<Session>;
  readonly #limits: Limits;
  /** Undefined until it is needed, null when there is none to be had. */
  #session: Session | null | undefined;
  readonly #waiting = new Map<StreamNumber, Waiting>();
  /** Side tables whose rows the open transaction has: it keeps them locked. */
  #moved: Table[] = [];
  #free: Table[] = [];
  #bytes = 0;
  #tables = 0;
  readonly #plain = new Map<StreamNumber, boolean>();

  /** @param open opens the second session. When it throws, all rows go the lane's way. */
  constructor(open: () => Promise<Session>, limits: Limits) {
    this.#open = open;
    this.#limits = limits;
  }

  /**
   * Whether the raw rows of a batch are to be loaded here. Rows of one that is not must not come before
   * those that wait: `move` these first.
   */
  async takes(
    main: Session,
    number: StreamNumber,
    { loaded, batches }: StreamTables,
    batch: CopyBatch,
  ): Promise<boolean> {
    if (!loaded.raw || !loaded.final || !batches.binary.raw || this.#session === null) return false;
    const { sideBatchBytes, sideBytes } = this.#limits;
    const bytes = batch.raw!.length;
    if (this.#bytes + bytes > sideBytes) return false;
    if (bytes < sideBatchBytes && !this.#waiting.has(number)) return false;
    if (!(await this.#isPlain(main, number, loaded.raw))) return false;
    this.#session ??= await this.#open().catch(() => null);
    return this.#session !== null;
  }

  /** Loads the raw rows of a batch that `takes` agreed to. */
  async load(
    number: StreamNumber,
    plan: StreamPlan,
    load: RepairableLoad,
    { raw, rows }: CopyBatch,
  ): Promise<void> {
    const session = this.#session!;
    const waiting = this.#waiting.get(number) ?? (await this.#begin(number, plan, load.table));
    const bytes = raw!.bytes.subarray(0, raw!.length);
    this.#bytes += bytes.length;
    await session.begin();
    try {
      await loadRepairing(session, { ...load, table: waiting.side }, bytes);
      await session.commit();
      waiting.rows += rows;
    } finally {
      await session.rollback();
    }
  }

  /** Moves what waits, of a stream or of all, into its raw tables inside the open transaction of `main`. */
  async move(main: Session, number?: StreamNumber): Promise<void> {
    for (const [stream, { plan, raw, side, rows }] of this.#waiting) {
      if (number !== undefined && stream !== number) continue;
      this.#waiting.delete(stream);
      this.#moved.push(side);
      await forStream(plan.stream, () => moveRows(main, plan.label, side, raw, rows));
    }
  }

  /** The lane's transaction went back to its savepoint: what waits was loaded since. */
  async rolledBack(): Promise<void> {
    const tables = [...this.#waiting.values()].map(({ side }) => side);
    this.#waiting.clear();
    await this.#empty(tables);
  }

  /** The lane's transaction is over, and with it its locks. What waits is gone after a rollback. */
  async ended(): Promise<void> {
    const moved = this.#moved;
    this.#moved = [];
    await this.rolledBack();
    await this.#empty(moved);
    this.#bytes = 0;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (!session) return;
    const waiting = [...this.#waiting.values()].map(({ side }) => side);
    const tables = [...waiting, ...this.#moved, ...this.#free];
    try {
      if (tables.length > 0) await session.run("remove the side tables", ...dropSideTables(tables));
    } finally {
      await session.close();
    }
  }

  async #begin(number: StreamNumber, plan: StreamPlan, raw: Table): Promise<Waiting> {
    const side = this.#free.pop() ?? (await this.#create(plan, raw));
    const waiting = { plan, raw, side, rows: 0 };
    this.#waiting.set(number, waiting);
    return waiting;
  }

  /** Noted as the session's alone: whoever comes after its end removes the table. */
  async #create(plan: StreamPlan, raw: Table): Promise<Table> {
    const session = this.#session!;
    const side = sideTable(session.processId, ++this.#tables);
    await session.run(
      "make a side table",
      ...dropSideTables([side]),
      createSideTable(side),
      ...noteStaging(plan, { kind: "raw", target: raw, staging: side }, undefined),
    );
    return side;
  }

  async #empty(tables: readonly Table[]): Promise<void> {
    if (tables.length === 0) return;
    await this.#session!.run("empty the side tables", truncateSideTables(tables));
    this.#free.push(...tables);
  }

  async #isPlain(main: Session, number: StreamNumber, raw: Table): Promise<boolean> {
    if (raw.schema === ownSchema()) return true;
    const known = this.#plain.get(number);
    if (known !== undefined) return known;
    const row = await main.queryRow("look at what hangs on the raw table", isPlain(raw));
    this.#plain.set(number, row["plain"] === "t");
    return row["plain"] === "t";
  }
}

async function moveRows(
  main: Session,
  label: string,
  side: Table,
  raw: Table,
  rows: number,
): Promise<void> {
  const [moved] = await main.runCounted(`move raw rows of ${label} on`, moveSideRows(side, raw));
  if (moved === rows) return;
  const dependents = (await findDependents(main, [raw])).of(raw);
  throw keptOut(raw, dependents, { what: `it took ${moved} of ${rows} rows of ${label}` });
}
