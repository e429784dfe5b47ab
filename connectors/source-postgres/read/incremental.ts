import type { JsonObject } from "../../../protocol/json.ts";
import { printCursorState } from "../../kit/source/cursor-state.ts";
import type { UpdateMethod } from "../catalog/discover.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import { hasRowVersions, hasStoredOrder } from "../catalog/relation.ts";
import { type Cursor, cursorMove, cursorOf } from "../position/cursor.ts";
import { CursorValues } from "../position/cursor-values.ts";
import { DeliveredIds } from "../position/delivered-ids.ts";
import type { DeliveredRows } from "../position/delivered-rows.ts";
import { lateBound, lateFrom, warnIfAhead } from "../position/late-rows.ts";
import {
  type InterruptedLoad,
  interruptedLoad,
  usablePosition,
  usableRows,
} from "../position/resume-increment.ts";
import { hasParted, notDelivered } from "../position/row-versions.ts";
import type { StreamPosition } from "../position/stream-position.ts";
import type { OpenTable } from "../position/open-table.ts";
import { findWitness } from "../position/witness.ts";
import { together } from "../../postgres/together.ts";
import type { RowPrinter } from "../rows/row-printer.ts";
import { CursorOrder, type SafePlaces, StoredOrder } from "../rows/safe-places.ts";

/** A state that found nothing new is printed unchanged until ids have moved on this far. */
const REFRESH_AFTER_IDS = 2n ** 30n;

/**
 * Whether a stream follows the transactions that wrote its rows, and no column: where the user chose
 * so, and rows tell.
 */
export function followsTransactions(method: UpdateMethod, { relation }: ReadPlan): boolean {
  return method === "Xmin" && hasRowVersions(relation);
}

/**
 * Reads what a stream has not delivered yet. Resolves with a state that says so exactly.
 *
 * With row versions: the rows beyond the cursor, and those at or below it, down to the late commit
 * window, that the last read cannot have seen (`notDelivered`). Ties and late commits arrive once and
 * nothing is repeated. Relations without row versions, states of another database and of Airbyte's
 * own source fall back to counting the rows at the cursor, as that source does: where that leaves a
 * doubt, rows are repeated.
 */
export async function readIncrement(
  table: OpenTable,
  rows: RowPrinter,
  saved: StreamPosition | undefined,
  method: UpdateMethod,
): Promise<JsonObject> {
  return new Increment(table, rows, method).run(saved);
}

/** An order of the rows that has places to resume from. */
interface RowOrder {
  readonly orderBy?: string;
  readonly hidden?: readonly string[];
  /** @param at the index among the hidden columns from which on `hidden` comes. */
  readonly safePlacesAt?: (at: number) => SafePlaces;
}

class Increment {
  readonly #table: OpenTable;
  readonly #rows: RowPrinter;
  readonly #ids: DeliveredIds;
  /** Undefined when the stream follows transactions; then there are no values either. */
  readonly #cursor: Cursor | undefined;
  readonly #values: CursorValues | undefined;
  /** Printed by this read. */
  #records = 0;

  constructor(table: OpenTable, rows: RowPrinter, method: UpdateMethod) {
    this.#table = table;
    this.#rows = rows;
    this.#ids = new DeliveredIds(table);
    this.#cursor = followsTransactions(method, table.plan) ? undefined : cursorOf(table.plan);
    this.#values = this.#cursor && new CursorValues(table, this.#ids, this.#cursor);
  }

  async run(saved: StreamPosition | undefined): Promise<JsonObject> {
    const position = usablePosition(this.#table, saved, this.#cursor);
    const follows = position !== undefined && position.ctid === undefined;
    const state = await (follows
      ? this.#follow(position)
      : this.#load(position && interruptedLoad(this.#table, position)));
    const moved = this.#cursor && cursorMove(this.#cursor, position?.cursor, state["cursor"]);
    this.#table.log("INFO", `${this.#records} records${moved === undefined ? "" : `, ${moved}`}`);
    return state;
  }

  /**
   * Reads everything, or what an interrupted load has left: the rows stored behind the last one it
   * read, and the others that it cannot have delivered.
   */
  async #load(from: InterruptedLoad | undefined): Promise<JsonObject> {
    const { plan, settings } = this.#table;
    const where =
      from && `ctid > '${from.ctid}'::tid or ${notDelivered(from.rows, settings.snapshot)}`;
    const blob = (ctid: string) => ({
      ...this.#head(),
      ctid,
      snapshot: this.#ids.printSoFar(from?.rows),
    });
    const order: RowOrder = {
      hidden: ["ctid"],
      safePlacesAt: (at) => new StoredOrder(at, from?.ctid, blob),
    };
    await this.#print(where, hasStoredOrder(plan.relation) ? order : {});
    return this.#blob(undefined, from?.rows);
  }

  /** Reads what came since the saved position. */
  async #follow(position: StreamPosition): Promise<JsonObject> {
    const { plan, settings } = this.#table;
    const rows = await usableRows(this.#table, position);
    const isExact = hasRowVersions(plan.relation);
    const where = await this.#condition(position, rows);
    // Another source's state says nothing of ids: whatever is visible below its cursor counts as
    // delivered.
    if (rows === undefined) await this.#ids.rememberVisible();
    const records = await this.#print(where, await this.#betweenValues(position, rows, where));
    const isStale =
      rows !== undefined &&
      (settings.snapshot.xmax - rows.xmin > REFRESH_AFTER_IDS ||
        hasParted(rows, settings.snapshot));
    if (records === 0) await this.#values?.warnIfBehind(position.cursor!);
    const isUnchanged = records === 0 && (rows !== undefined || !isExact) && !isStale;
    if (isUnchanged && !(await this.#hasNewBound(position, rows))) return position.blob;
    return this.#blob(position, rows);
  }

  /** Whether time alone has brought a bound for late rows, or a higher one. */
  async #hasNewBound(position: StreamPosition, rows: DeliveredRows | undefined): Promise<boolean> {
    if (this.#cursor === undefined || this.#cursor.clock !== undefined || rows === undefined)
      return false;
    const bound = await lateBound(this.#table, this.#cursor, position.cursor!, position);
    return bound["late_from"] !== position.blob["late_from"];
  }

  async #print(where: string | undefined, order: RowOrder): Promise<number> {
    const ids = this.#ids;
    await ids.leaveTooMany(where);
    const { hidden = [], orderBy, safePlacesAt } = order;
    this.#records = await this.#rows.print({
      where: ids.within(where),
      orderBy,
      hidden: [...ids.hidden, ...hidden],
      onRow: ids.isNeeded ? (bytes, at) => ids.remember(bytes, at) : undefined,
      safePlaces: safePlacesAt?.(ids.hidden.length),
    });
    return this.#records;
  }

  /**
   * In the order of the cursor, with a safe place between two of its values, the state of which is the
   * read's last one with a lower cursor. None where equal values are not known to be equal texts, and
   * none where rows without a finite cursor are due: they come last, and no lower cursor leaves them
   * to the next read.
   */
  async #betweenValues(
    position: StreamPosition,
    rows: DeliveredRows | undefined,
    where: string | undefined,
  ): Promise<RowOrder> {
    const cursor = this.#cursor;
    const values = this.#values;
    if (cursor === undefined || values === undefined) return {};
    const orderBy = values.inOrder;
    const { identity } = cursor;
    if (identity === undefined) return { orderBy };
    if (rows !== undefined && (await values.hasInfinite(where))) return { orderBy };
    const { late_from, former_cursors } = position.blob;
    const blob = (value: string, count: number) => ({
      ...this.#head(value, count),
      // Of the last read, so lower than need be: looking further back finds nothing twice.
      ...(late_from === undefined ? {} : { late_from }),
      ...(former_cursors === undefined ? {} : { former_cursors }),
      ...(hasRowVersions(this.#table.plan.relation)
        ? { snapshot: this.#ids.printSoFar(rows) }
        : {}),
    });
    return {
      orderBy,
      hidden: [identity, `${cursor.name} > ${cursor.literal(position.cursor!)}`],
      safePlacesAt: (at) => new CursorOrder(at, blob),
    };
  }

  /** Which rows to read; undefined for all. */
  async #condition(
    position: StreamPosition,
    rows: DeliveredRows | undefined,
  ): Promise<string | undefined> {
    const cursor = this.#cursor;
    const { snapshot } = this.#table.settings;
    const young = rows === undefined ? undefined : notDelivered(rows, snapshot);
    if (cursor === undefined) return young;
    const last = cursor.literal(position.cursor!);
    // Of a rewritten table, rows at the cursor may be new although their transaction only moved them.
    const isRewritten = rows !== undefined && rows.filenode !== this.#table.plan.relation.filenode;
    const isDoubtful = young === undefined || (isRewritten && rows.table !== undefined);
    const operator = isDoubtful && !(await this.#isTieUnchanged(position)) ? ">=" : ">";
    const beyond = `${cursor.name} ${operator} ${last} and ${cursor.isFinite}`;
    if (young === undefined) {
      await warnIfAhead(this.#table, cursor, position.cursor!);
      return beyond;
    }
    // The range comes first and alone, so that an index on the cursor serves the whole condition.
    const lowest = lateFrom(this.#table, cursor, position);
    const range = lowest === undefined ? "" : `${cursor.name} >= ${lowest} and `;
    return `${range}((${beyond}) or ${young})`;
  }

  async #isTieUnchanged({ cursor, recordCount }: StreamPosition): Promise<boolean> {
    if (recordCount === undefined) return true;
    return (await this.#values!.count(cursor!)) === recordCount;
  }

  /** The state after everything was read. */
  async #blob(
    position: StreamPosition | undefined,
    rows: DeliveredRows | undefined,
  ): Promise<JsonObject> {
    const hasVersions = hasRowVersions(this.#table.plan.relation);
    const [state, witness] = await together([
      this.#upToLast(position, rows),
      hasVersions ? findWitness(this.#table) : Promise.resolve(undefined),
    ]);
    return hasVersions ? { ...state, snapshot: this.#ids.printAll(rows, witness) } : state;
  }

  /** What every state of the stream begins with. */
  #head(cursor?: string, recordCount?: number): JsonObject {
    const { name, schema } = this.#table.plan.relation;
    if (this.#cursor === undefined)
      return { state_type: "xmin", version: 2, stream_name: name, stream_namespace: schema };
    const field = this.#cursor.column.name;
    return printCursorState({ name, namespace: schema }, { field, cursor, recordCount });
  }

  async #upToLast(
    position: StreamPosition | undefined,
    rows: DeliveredRows | undefined,
  ): Promise<JsonObject> {
    const cursor = this.#cursor;
    const values = this.#values;
    if (cursor === undefined || values === undefined) return this.#head();
    const last = (await values.last(position?.cursor)) ?? position?.cursor;
    if (last === undefined) return this.#head();
    const [count, bound] = await together([
      values.count(last),
      // Times and cursors of another database say nothing of this one.
      lateBound(this.#table, cursor, last, rows === undefined ? undefined : position),
    ]);
    return { ...this.#head(last, count), ...bound };
  }
}
