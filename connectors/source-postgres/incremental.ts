import type { Client } from "pg";
import type { JsonObject } from "../../protocol/messages.ts";
import { streamLabel } from "../../protocol/catalog.ts";
import { postgresFailure } from "../postgres/errors.ts";
import { quoteTable } from "../postgres/sql.ts";
import { CursorOrder, StoredOrder } from "./checkpoints.ts";
import { type Checkpoints, copyRecords } from "./copy-records.ts";
import { type Cursor, cursorOf } from "./cursor.ts";
import { hasRowVersions, hasStoredOrder } from "./discover.ts";
import type { StreamPlan } from "./plan.ts";
import { findDefiners } from "./queries.ts";
import type { ReadSettings } from "./read-settings.ts";
import { idToRemember, notDelivered, rowId, whyForeign } from "./row-versions.ts";
import { type DeliveredRows, printDeliveredRows, rangesOf, type StreamPosition } from "./state.ts";
import type { StreamReport } from "./stream-report.ts";

/** Most transaction ids a state remembers; past that, a read leaves rows to the next one. */
const MAX_REMEMBERED_IDS = 10_000;
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
  const increment = new Increment(client, plan, report, settings);
  await increment.read(saved);
}

/** Where a first load stopped, and what it had delivered before that place. */
interface InterruptedLoad {
  readonly ctid: string;
  readonly rows: DeliveredRows;
}

/** A copy whose order has places to resume from. */
interface OrderedCopy {
  readonly orderBy?: string;
  readonly hidden?: readonly string[];
  /** @param at the index among the hidden columns from which on `hidden` comes. */
  readonly checkpointsAt?: (at: number) => Checkpoints;
}

class Increment {
  readonly #client: Client;
  readonly #plan: StreamPlan;
  readonly #report: StreamReport;
  readonly #settings: ReadSettings;
  readonly #cursor: Cursor | undefined;
  readonly #table: string;
  readonly #label: string;
  /** Whether writers were running, so that ids alone do not tell delivered rows from late ones. */
  readonly #remembers: boolean;
  readonly #ids = new Set<bigint>();
  /** Rows written by this transaction or a later one are left to the next read. */
  #leaveFrom: bigint | undefined;

  constructor(client: Client, plan: StreamPlan, report: StreamReport, settings: ReadSettings) {
    this.#client = client;
    this.#plan = plan;
    this.#report = report;
    this.#settings = settings;
    const usesXmin = settings.method === "Xmin" && hasRowVersions(plan.relation);
    this.#cursor = usesXmin ? undefined : cursorOf(plan);
    this.#table = quoteTable(plan.relation);
    this.#label = streamLabel(plan.descriptor);
    const { xmin, xmax } = settings.snapshot;
    this.#remembers = hasRowVersions(plan.relation) && xmin < xmax;
  }

  async read(saved: StreamPosition | undefined): Promise<void> {
    const position = this.#usable(saved);
    if (position !== undefined && position.ctid === undefined) await this.#follow(position);
    else await this.#load(position && (await this.#interrupted(position)));
  }

  /**
   * Reads everything, or what an interrupted load has left: the rows stored behind the last one it
   * read, and the others that it cannot have delivered.
   */
  async #load(from: InterruptedLoad | undefined): Promise<void> {
    const { snapshot } = this.#settings;
    const where =
      from === undefined
        ? undefined
        : `ctid > '${from.ctid}'::tid or ${notDelivered(from.rows, snapshot)}`;
    const blob = (ctid: string) => ({
      ...this.#head(),
      ...(this.#cursor === undefined ? {} : { cursor_field: [this.#cursor.column.name] }),
      ctid,
      snapshot: this.#delivered(from?.rows),
    });
    const isResumable = hasStoredOrder(this.#plan.relation);
    await this.#copy(
      where,
      isResumable
        ? {
            hidden: ["ctid"],
            checkpointsAt: (at) => new StoredOrder(at, from?.ctid, blob),
          }
        : {},
    );
    await this.#report.state(await this.#blob(undefined, from?.rows));
  }

  /** Reads what came since the saved position. */
  async #follow(position: StreamPosition): Promise<void> {
    const { snapshot } = this.#settings;
    const rows = await this.#usableRows(position);
    const isExact = hasRowVersions(this.#plan.relation);
    const where = await this.#condition(position, rows);
    // Another source's state says nothing of ids: whatever is visible below its cursor counts as
    // delivered.
    if (this.#remembers && rows === undefined) await this.#rememberVisible();
    const cursor = this.#cursor;
    const records = await this.#copy(
      where,
      cursor === undefined
        ? {}
        : {
            orderBy: this.#inOrderOf(cursor),
            ...(await this.#betweenValues(cursor, position, rows, where)),
          },
    );
    const isStale = rows !== undefined && snapshot.xmax - rows.xmin > REFRESH_AFTER_IDS;
    if (records === 0 && (rows !== undefined || !isExact) && !isStale) {
      await this.#warnIfBehind(position);
      await this.#report.state(position.blob);
      return;
    }
    await this.#report.state(await this.#blob(position, rows));
  }

  async #copy(where: string | undefined, request: OrderedCopy): Promise<number> {
    if (this.#remembers) await this.#limitIds(where);
    const { hidden = [], checkpointsAt, orderBy } = request;
    const ids = this.#remembers ? [idToRemember(this.#settings.snapshot)] : [];
    const checkpoints = checkpointsAt?.(ids.length);
    return copyRecords(
      this.#client,
      this.#plan,
      {
        ...this.#filter(where),
        ...(orderBy === undefined ? {} : { orderBy }),
        hidden: [...ids, ...hidden],
        ...(ids.length === 0
          ? {}
          : { onRow: (bytes: Buffer, at: Int32Array) => this.#remember(bytes, at) }),
        ...(checkpoints === undefined ? {} : { checkpoints }),
      },
      this.#report,
      this.#settings,
    );
  }

  /**
   * Checkpoints between two values of the cursor, each a state as the read's last one with a lower
   * cursor. None where equal values are not known to be equal texts, and none where rows without a
   * finite cursor are due: they come last, and no lower cursor leaves them to the next read.
   */
  async #betweenValues(
    cursor: Cursor,
    position: StreamPosition,
    rows: DeliveredRows | undefined,
    where: string | undefined,
  ): Promise<OrderedCopy> {
    const { identity, infinity } = cursor;
    if (identity === undefined) return {};
    if (infinity !== undefined && rows !== undefined) {
      const found = await this.#ask(
        `select 1 from ${this.#table} where ${cursor.name} >= ${infinity} and (${where ?? "true"}) limit 1`,
      );
      if (found.length > 0) return {};
    }
    const blob = (value: string, count: number) => ({
      ...this.#head(),
      cursor_field: [cursor.column.name],
      cursor: value,
      cursor_record_count: count,
      // Of the last read, so lower than it need be: looking further back finds nothing twice.
      ...(position.lateFrom === undefined ? {} : { late_from: position.lateFrom }),
      ...(hasRowVersions(this.#plan.relation) ? { snapshot: this.#delivered(rows) } : {}),
    });
    return {
      hidden: [identity, `${cursor.name} > ${cursor.literal(position.cursor!)}`],
      checkpointsAt: (at) => new CursorOrder(at, blob),
    };
  }

  /** Where the first load stopped; undefined where that means nothing any more. */
  async #interrupted(position: StreamPosition): Promise<InterruptedLoad | undefined> {
    const { relation } = this.#plan;
    const { rows, ctid } = position;
    const why =
      rows === undefined || ctid === undefined || !hasStoredOrder(relation)
        ? "the state of its first load cannot be used for it"
        : (whyForeign(rows, this.#settings.snapshot, relation) ??
          (rows.filenode === relation.filenode
            ? undefined
            : "the table was rewritten (VACUUM FULL, CLUSTER, ALTER TABLE) since its first load was interrupted"));
    if (why === undefined) return { rows: rows!, ctid: ctid! };
    this.#settings.log("WARN", `${this.#label}: ${why}; everything is read again`);
    return undefined;
  }

  /** The saved position, unless it belongs to another cursor or method. */
  #usable(saved: StreamPosition | undefined): StreamPosition | undefined {
    if (saved === undefined) return undefined;
    const { log } = this.#settings;
    const kind = this.#cursor === undefined ? "xmin" : "cursor";
    if (saved.kind !== kind) {
      log(
        "WARN",
        `${this.#label}: the state is of another update method; everything is read again`,
      );
      return undefined;
    }
    if (this.#cursor === undefined) return saved;
    if (saved.cursorField !== this.#cursor.column.name) {
      log(
        "WARN",
        `${this.#label}: the state follows the column ${saved.cursorField ?? "(none)"} and the cursor is ${this.#cursor.column.name} now; everything is read again`,
      );
      return undefined;
    }
    return saved.cursor === undefined && saved.ctid === undefined ? undefined : saved;
  }

  /** The saved transaction ids, where they still mean something. */
  async #usableRows(position: StreamPosition | undefined): Promise<DeliveredRows | undefined> {
    const rows = position?.rows;
    const { relation } = this.#plan;
    if (rows === undefined || !hasRowVersions(relation)) return undefined;
    const why = whyForeign(rows, this.#settings.snapshot, relation);
    if (why !== undefined) {
      this.#settings.log(
        "WARN",
        `${this.#label}: ${why}; ${this.#cursor === undefined ? "everything is read again" : "only rows beyond the cursor are read, and rows committed late may be missed"}`,
      );
      return undefined;
    }
    return rows.filenode === relation.filenode ? rows : this.#withoutRewrite(rows);
  }

  /**
   * A rewriting ALTER gives every row the id of its own transaction. Where no writer was running at
   * the last read, rows of the transactions that defined the table count as delivered; else there
   * may be late rows among them, and repeating rows is the lesser evil.
   */
  async #withoutRewrite(rows: DeliveredRows): Promise<DeliveredRows> {
    const { snapshot, log } = this.#settings;
    if (rows.xmin < rows.xmax) {
      log(
        "WARN",
        `${this.#label}: the table was rewritten while others wrote; recent rows may be repeated`,
      );
      return rows;
    }
    const query = findDefiners(this.#plan.relation.oid, rowId(snapshot));
    const found = await this.#ask(query.text, query.values);
    const definers = found.map(([id]) => BigInt(id!));
    log("INFO", `${this.#label}: the table was rewritten since the last read`);
    return { ...rows, delivered: rangesOf(definers, rows.delivered, rows.xmin) };
  }

  /** Which rows to read; undefined for all. */
  async #condition(
    position: StreamPosition | undefined,
    rows: DeliveredRows | undefined,
  ): Promise<string | undefined> {
    if (position === undefined) return undefined;
    const cursor = this.#cursor;
    const young = rows === undefined ? undefined : notDelivered(rows, this.#settings.snapshot);
    if (cursor === undefined) return young;
    const last = cursor.literal(position.cursor!);
    if (young === undefined) {
      const operator = (await this.#isTieUnchanged(position, last)) ? ">" : ">=";
      return `${cursor.name} ${operator} ${last} and ${cursor.isFinite}`;
    }
    // The range comes first and alone, so that an index on the cursor serves the whole condition.
    const range =
      position.lateFrom === undefined
        ? ""
        : `${cursor.name} >= ${cursor.literal(position.lateFrom)} and `;
    return `${range}((${cursor.name} > ${last} and ${cursor.isFinite}) or ${young})`;
  }

  async #isTieUnchanged(position: StreamPosition, last: string): Promise<boolean> {
    if (position.cursorRecordCount === undefined) return true;
    return (await this.#count(`${this.#cursor!.name} = ${last}`)) === position.cursorRecordCount;
  }

  /** Finds the id up to which rows can be delivered without having to remember too many ids. */
  async #limitIds(where: string | undefined): Promise<void> {
    const { snapshot, log } = this.#settings;
    if (snapshot.xmax - snapshot.xmin <= BigInt(MAX_REMEMBERED_IDS)) return;
    const id = rowId(snapshot);
    const [row] = await this.#ask(
      `select distinct ${id} from ${this.#table} where ${idToRemember(snapshot)} is not null${where === undefined ? "" : ` and (${where})`} order by 1 offset ${MAX_REMEMBERED_IDS} limit 1`,
    );
    if (row === undefined) return;
    this.#leaveFrom = BigInt(row[0]!);
    log(
      "WARN",
      `${this.#label}: a transaction has been running since ${snapshot.xmax - snapshot.xmin} transactions; the newest rows are left to the next read`,
    );
  }

  #filter(where: string | undefined): { where?: string } {
    const { snapshot } = this.#settings;
    const limit =
      this.#leaveFrom === undefined
        ? undefined
        : `not (xmin::text::int8 > 2 and ${rowId(snapshot)} >= ${this.#leaveFrom})`;
    const parts = [where, limit].filter((part) => part !== undefined);
    return parts.length === 0 ? {} : { where: parts.map((part) => `(${part})`).join(" and ") };
  }

  #remember(bytes: Buffer, at: Int32Array): void {
    // `\N`: the row is older than every running transaction.
    if (bytes[at[0]!] !== 0x5c) this.#ids.add(BigInt(bytes.toString("latin1", at[0], at[1])));
  }

  async #rememberVisible(): Promise<void> {
    const id = idToRemember(this.#settings.snapshot);
    const { where } = this.#filter(`${id} is not null`);
    for (const [found] of await this.#ask(
      `select distinct ${id} from ${this.#table} where ${where}`,
    ))
      this.#ids.add(BigInt(found!));
  }

  async #blob(
    position: StreamPosition | undefined,
    rows: DeliveredRows | undefined,
  ): Promise<JsonObject> {
    return {
      ...this.#head(),
      ...(this.#cursor === undefined ? {} : await this.#cursorFields(this.#cursor, position)),
      ...(hasRowVersions(this.#plan.relation) ? { snapshot: this.#delivered(rows) } : {}),
    };
  }

  #head(): JsonObject {
    const { relation } = this.#plan;
    return {
      state_type: this.#cursor === undefined ? "xmin" : "cursor_based",
      version: 2,
      stream_name: relation.name,
      stream_namespace: relation.schema,
    };
  }

  /** What is delivered now: by this read so far, and by the one before. */
  #delivered(rows: DeliveredRows | undefined): JsonObject {
    const { snapshot } = this.#settings;
    const { relation } = this.#plan;
    return printDeliveredRows({
      xmin: snapshot.xmin,
      xmax: snapshot.xmax,
      delivered: rangesOf(this.#ids, rows?.delivered ?? [], snapshot.xmin),
      systemIdentifier: snapshot.systemIdentifier,
      databaseOid: snapshot.databaseOid,
      tableOid: relation.oid,
      filenode: relation.filenode,
    });
  }

  /**
   * The cursor column for ORDER BY. A bare name there would mean the column of the result, which is
   * text: 9 would come after 40.
   */
  #inOrderOf(cursor: Cursor): string {
    return `${this.#table}.${cursor.name}`;
  }

  async #cursorFields(cursor: Cursor, position: StreamPosition | undefined): Promise<JsonObject> {
    const beyond =
      position?.cursor === undefined
        ? cursor.isFinite
        : `${cursor.name} > ${cursor.literal(position.cursor)} and ${cursor.isFinite}`;
    const { where } = this.#filter(beyond);
    const [row] = await this.#ask(
      `select ${cursor.name}::text from ${this.#table} where ${where} order by ${this.#inOrderOf(cursor)} desc limit 1`,
    );
    const last = row?.[0] ?? position?.cursor;
    if (last === undefined) return { cursor_field: [cursor.column.name] };
    const value = cursor.literal(last);
    const lateFrom = cursor.isDate ? await this.#lateFrom(value) : undefined;
    return {
      cursor_field: [cursor.column.name],
      cursor: last,
      cursor_record_count: await this.#count(`${cursor.name} = ${value}`),
      ...(lateFrom === undefined ? {} : { late_from: lateFrom }),
    };
  }

  /**
   * The lowest date that a transaction still open can give a row: the window below the cursor, or
   * more where one is open for longer. `now()` is the start of its transaction.
   */
  async #lateFrom(value: string): Promise<string> {
    const type = this.#cursor!.column.type;
    const isDay = type.name === "date" || type.base?.name === "date";
    const seconds = this.#settings.lateCommitSeconds;
    const [row] = await this.#ask(
      `select (${value} - greatest(interval '${seconds} seconds', (
  select now() - min(xact_start) + interval '1 minute' from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid())))${isDay ? "::date" : ""}::text,
  (${value} > now() + interval '1 day')::text`,
    );
    if (row![1] === "true")
      this.#settings.log(
        "WARN",
        `${this.#label}: the cursor ${this.#cursor!.column.name} has values in the future; rows with lower values written later than the late commit window are missed`,
      );
    return row![0]!;
  }

  /** Says so when a table has lost its newest rows: restored, or connected to the wrong place. */
  async #warnIfBehind(position: StreamPosition): Promise<void> {
    const cursor = this.#cursor;
    if (cursor === undefined) return;
    const found = await this.#ask(
      `select 1 from ${this.#table} where ${cursor.name} >= ${cursor.literal(position.cursor!)} limit 1`,
    );
    if (found.length === 0)
      this.#settings.log(
        "WARN",
        `${this.#label}: the source is behind the state: it has no row at or beyond the saved cursor, so rows were deleted or the database was restored`,
      );
  }

  async #count(condition: string): Promise<number> {
    const { where } = this.#filter(condition);
    const [row] = await this.#ask(`select count(*) from ${this.#table} where ${where}`);
    return Number(row![0]);
  }

  async #ask(text: string, values: readonly (string | null)[] = []): Promise<(string | null)[][]> {
    try {
      const result = await this.#client.query<(string | null)[]>({
        text,
        values: [...values],
        rowMode: "array",
      });
      return result.rows;
    } catch (error) {
      throw postgresFailure(`read ${this.#label}`, error);
    }
  }
}
