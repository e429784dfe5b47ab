import type { Client } from "pg";
import type { JsonObject } from "../../../protocol/messages.ts";
import { CursorOrder, StoredOrder } from "./checkpoints.ts";
import { type Checkpoints, copyRecords } from "../rows/copy-records.ts";
import { type Cursor, cursorOf } from "../position/cursor.ts";
import { CursorValues } from "../position/cursor-values.ts";
import { DeliveredIds } from "../position/delivered-ids.ts";
import { hasRowVersions, hasStoredOrder } from "../catalog/discover.ts";
import { lateBound } from "./late-rows.ts";
import type { StreamPlan } from "./plan.ts";
import type { ReadSettings } from "./read-settings.ts";
import { notDelivered } from "../position/row-versions.ts";
import {
  type InterruptedLoad,
  interruptedLoad,
  usablePosition,
  usableRows,
} from "../position/saved-position.ts";
import type { DeliveredRows } from "../position/delivered-rows.ts";
import type { StreamPosition } from "../position/state.ts";
import { StreamRead } from "./stream-read.ts";
import type { StreamReport } from "./stream-report.ts";

/** A state that found nothing new is printed unchanged until ids have moved on this far. */
const REFRESH_AFTER_IDS = 2n ** 30n;

/**
 * Reads what a stream has not delivered yet, and prints a STATE that says so exactly.
 *
 * With row versions: the rows beyond the cursor, and those at or below it, down to the late commit
 * window, that the last read cannot have seen (`notDelivered`). Ties and late commits arrive once and
 * nothing is repeated. Relations without row versions, states of another database and of Airbyte's
 * own source fall back to counting the rows at the cursor (flows reference §4.3): where that leaves a
 * doubt, rows are repeated.
 */
export async function readIncrement(
  client: Client,
  plan: StreamPlan,
  saved: StreamPosition | undefined,
  report: StreamReport,
  settings: ReadSettings,
): Promise<void> {
  await new Increment(new StreamRead(client, plan, report, settings)).run(saved);
}

/** A copy whose order has places to resume from. */
interface OrderedCopy {
  readonly orderBy?: string;
  readonly hidden?: readonly string[];
  /** @param at the index among the hidden columns from which on `hidden` comes. */
  readonly checkpointsAt?: (at: number) => Checkpoints;
}

class Increment {
  readonly #read: StreamRead;
  readonly #ids: DeliveredIds;
  /** Undefined when the stream follows transactions; then there are no values either. */
  readonly #cursor: Cursor | undefined;
  readonly #values: CursorValues | undefined;

  constructor(read: StreamRead) {
    const usesXmin = read.settings.method === "Xmin" && hasRowVersions(read.plan.relation);
    this.#read = read;
    this.#ids = new DeliveredIds(read);
    this.#cursor = usesXmin ? undefined : cursorOf(read.plan);
    this.#values = this.#cursor && new CursorValues(read, this.#ids, this.#cursor);
  }

  async run(saved: StreamPosition | undefined): Promise<void> {
    const position = usablePosition(this.#read, saved, this.#cursor);
    if (position !== undefined && position.ctid === undefined) await this.#follow(position);
    else await this.#load(position && interruptedLoad(this.#read, position));
  }

  /**
   * Reads everything, or what an interrupted load has left: the rows stored behind the last one it
   * read, and the others that it cannot have delivered.
   */
  async #load(from: InterruptedLoad | undefined): Promise<void> {
    const { plan, report, settings } = this.#read;
    const where =
      from === undefined
        ? undefined
        : `ctid > '${from.ctid}'::tid or ${notDelivered(from.rows, settings.snapshot)}`;
    const blob = (ctid: string) => ({
      ...this.#head(),
      ...(this.#cursor === undefined ? {} : { cursor_field: [this.#cursor.column.name] }),
      ctid,
      snapshot: this.#ids.printSoFar(from?.rows),
    });
    const isResumable = hasStoredOrder(plan.relation);
    await this.#copy(
      where,
      isResumable
        ? {
            hidden: ["ctid"],
            checkpointsAt: (at) => new StoredOrder(at, from?.ctid, blob),
          }
        : {},
    );
    await report.state(await this.#blob(undefined, from?.rows));
  }

  /** Reads what came since the saved position. */
  async #follow(position: StreamPosition): Promise<void> {
    const { plan, report, settings } = this.#read;
    const rows = await usableRows(this.#read, position);
    const isExact = hasRowVersions(plan.relation);
    const where = await this.#condition(position, rows);
    // Another source's state says nothing of ids: whatever is visible below its cursor counts as
    // delivered.
    if (rows === undefined) await this.#ids.rememberVisible();
    const records = await this.#copy(where, await this.#betweenValues(position, rows, where));
    const isStale = rows !== undefined && settings.snapshot.xmax - rows.xmin > REFRESH_AFTER_IDS;
    if (records === 0) await this.#values?.warnIfBehind(position.cursor!);
    const isUnchanged = records === 0 && (rows !== undefined || !isExact) && !isStale;
    if (isUnchanged && !(await this.#hasNewBound(position, rows)))
      await report.state(position.blob);
    else await report.state(await this.#blob(position, rows));
  }

  /** Whether time alone has brought a bound for late rows, or a higher one. */
  async #hasNewBound(position: StreamPosition, rows: DeliveredRows | undefined): Promise<boolean> {
    if (this.#cursor === undefined || this.#cursor.isDate || rows === undefined) return false;
    const bound = await lateBound(this.#read, this.#cursor, position.cursor!, position);
    return bound["late_from"] !== position.blob["late_from"];
  }

  async #copy(where: string | undefined, request: OrderedCopy): Promise<number> {
    await this.#ids.leaveTooMany(where);
    const { client, plan, report, settings } = this.#read;
    const { hidden = [], checkpointsAt, orderBy } = request;
    const checkpoints = checkpointsAt?.(this.#ids.hidden.length);
    const condition = this.#ids.within(where);
    return copyRecords(
      client,
      plan,
      {
        ...(condition === undefined ? {} : { where: condition }),
        ...(orderBy === undefined ? {} : { orderBy }),
        hidden: [...this.#ids.hidden, ...hidden],
        ...(this.#ids.isNeeded
          ? { onRow: (bytes: Buffer, at: Int32Array) => this.#ids.remember(bytes, at) }
          : {}),
        ...(checkpoints === undefined ? {} : { checkpoints }),
      },
      report,
      settings,
    );
  }

  /**
   * In the order of the cursor, with checkpoints between two of its values, each a state as the read's last one with a lower
   * cursor. None where equal values are not known to be equal texts, and none where rows without a
   * finite cursor are due: they come last, and no lower cursor leaves them to the next read.
   */
  async #betweenValues(
    position: StreamPosition,
    rows: DeliveredRows | undefined,
    where: string | undefined,
  ): Promise<OrderedCopy> {
    const cursor = this.#cursor;
    const values = this.#values;
    if (cursor === undefined || values === undefined) return {};
    const orderBy = values.inOrder;
    const { identity } = cursor;
    if (identity === undefined) return { orderBy };
    if (rows !== undefined && (await values.hasInfinite(where))) return { orderBy };
    const { late_from, former_cursors } = position.blob;
    const blob = (value: string, count: number) => ({
      ...this.#head(),
      cursor_field: [cursor.column.name],
      cursor: value,
      cursor_record_count: count,
      // Of the last read, so lower than need be: looking further back finds nothing twice.
      ...(late_from === undefined ? {} : { late_from }),
      ...(former_cursors === undefined ? {} : { former_cursors }),
      ...(hasRowVersions(this.#read.plan.relation) ? { snapshot: this.#ids.printSoFar(rows) } : {}),
    });
    return {
      orderBy,
      hidden: [identity, `${cursor.name} > ${cursor.literal(position.cursor!)}`],
      checkpointsAt: (at) => new CursorOrder(at, blob),
    };
  }

  /** Which rows to read; undefined for all. */
  async #condition(
    position: StreamPosition,
    rows: DeliveredRows | undefined,
  ): Promise<string | undefined> {
    const cursor = this.#cursor;
    const { snapshot } = this.#read.settings;
    const young = rows === undefined ? undefined : notDelivered(rows, snapshot);
    if (cursor === undefined) return young;
    const last = cursor.literal(position.cursor!);
    // Of a rewritten table, rows at the cursor may be new although their transaction only moved them.
    const isRewritten = rows !== undefined && rows.filenode !== this.#read.plan.relation.filenode;
    const isDoubtful = young === undefined || (isRewritten && rows.place !== undefined);
    const operator = isDoubtful && !(await this.#isTieUnchanged(position)) ? ">=" : ">";
    const beyond = `${cursor.name} ${operator} ${last} and ${cursor.isFinite}`;
    if (young === undefined) return beyond;
    // The range comes first and alone, so that an index on the cursor serves the whole condition.
    const range =
      position.lateFrom === undefined
        ? ""
        : `${cursor.name} >= ${cursor.literal(position.lateFrom)} and `;
    return `${range}((${beyond}) or ${young})`;
  }

  async #isTieUnchanged({ cursor, cursorRecordCount }: StreamPosition): Promise<boolean> {
    if (cursorRecordCount === undefined) return true;
    return (await this.#values!.count(cursor!)) === cursorRecordCount;
  }

  async #blob(
    position: StreamPosition | undefined,
    rows: DeliveredRows | undefined,
  ): Promise<JsonObject> {
    return {
      ...this.#head(),
      ...(await this.#cursorFields(position, rows)),
      ...(hasRowVersions(this.#read.plan.relation) ? { snapshot: this.#ids.printAll(rows) } : {}),
    };
  }

  #head(): JsonObject {
    const { relation } = this.#read.plan;
    return {
      state_type: this.#cursor === undefined ? "xmin" : "cursor_based",
      version: 2,
      stream_name: relation.name,
      stream_namespace: relation.schema,
    };
  }

  async #cursorFields(
    position: StreamPosition | undefined,
    rows: DeliveredRows | undefined,
  ): Promise<JsonObject> {
    const cursor = this.#cursor;
    const values = this.#values;
    if (cursor === undefined || values === undefined) return {};
    const last = (await values.last(position?.cursor)) ?? position?.cursor;
    if (last === undefined) return { cursor_field: [cursor.column.name] };
    return {
      cursor_field: [cursor.column.name],
      cursor: last,
      cursor_record_count: await values.count(last),
      // Times and cursors of another database say nothing of this one.
      ...(await lateBound(this.#read, cursor, last, rows === undefined ? undefined : position)),
    };
  }
}
