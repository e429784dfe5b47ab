import { Failure } from "../../../protocol/errors.ts";
import { MALFORMED } from "../../../protocol/json-scan.ts";
import type { RecordMeta } from "../../../protocol/messages.ts";
import type { Context } from "../../kit/contract.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Column } from "../plan/columns.ts";
import { chooseFormats } from "../lane/load-formats.ts";
import {
  countRows,
  countRowsWithoutRaw,
  keepChanges,
  keepSpelling,
  lookForChanges,
  type FormerTable,
  type RawRows,
} from "./rebuild-queries.ts";
import type { ChangesPlan, StreamPlan } from "../plan/stream-plan.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { readRawRows, type RawRowSink } from "./raw-rows.ts";
import type { Relation, Relations } from "../schema/relations.ts";
import type { Session } from "../../postgres/session.ts";
import type { WrittenTables } from "../bookkeeping/written-tables.ts";
import { stagingOf } from "../plan/stand-ins.ts";
import { PostgresLane } from "../lane/postgres-lane.ts";
import { StreamClock } from "../lane/stream-clock.ts";
import type { StreamTables } from "../lane/stream-tables.ts";
import { VALUE_KIND } from "../../postgres/types/kinds.ts";

/** What became of a stream: rows of its final table, and values in them that became NULL. */
export interface RebuildStats {
  readonly recordCount: number;
  readonly nulledCount: number;
}

/** What a rebuild works with. */
export interface RebuildSetup {
  readonly session: Session;
  /** What exists of all tables of the stream, the raw one included. */
  readonly relations: Relations;
  readonly written: WrittenTables;
  readonly checkpoint: Checkpoint | undefined;
  readonly serverVersion: number;
  readonly context: Context;
}

/**
 * Rebuilds the final and history tables of one stream from its raw table, in one transaction: they
 * are filled beside the old ones and take their place at the end. Throws `config.invalid`, before
 * anything is done, when rows would be lost that only the typed tables have. After a failure the
 * transaction is still open.
 *
 * @param stream of a `rebuildPlan`.
 */
export async function rebuild(
  stream: StreamTables,
  raw: Table,
  setup: RebuildSetup,
): Promise<RebuildStats> {
  const { session, relations, checkpoint, context } = setup;
  const { plan, batches } = stream;
  const final = plan.final!;
  if (!(await hasRows(plan, raw, setup))) {
    context.log(
      "INFO",
      `${plan.label}: no raw table yet, or one that was emptied: nothing to rebuild`,
    );
    return { recordCount: 0, nulledCount: 0 };
  }
  const judged = chooseFormats([stream], setup);
  const clock = new StreamClock([stream.stream], context);
  const lane = new PostgresLane(session, { streams: [stream], judged, checkpoint, context, clock });
  await lane.createTables(0);
  const sink = new RebuildSink(stream, lane, context);
  const rows = await session.onOtherConnection((reader) =>
    readRawRows(reader, rawRowsOf(plan, raw, relations), sink),
  );
  await sink.end();
  if (sink.taken !== rows)
    throw new Failure(
      "internal.bug",
      `${sink.taken} of ${rows} rows of ${label(raw)} were loaded into ${label(final)}`,
    );
  await lane.mergeRows(0);
  for (const statement of await keepStatements(session, plan, raw, relations))
    await session.run(`keep what only ${label(final)} tells`, statement);
  const recordCount = plan.dedup ? await countOf(session, stagingOf(plan, final)) : rows;
  await lane.putInPlace(0);
  await session.commit(...(checkpoint?.statements() ?? []));
  const nulledCount = batches.nulled;
  batches.report(context);
  context.log(
    "INFO",
    `${plan.label}: rebuilt from ${rows} rows, ${nulledCount} values became NULL`,
  );
  return { recordCount, nulledCount };
}

/** Whether a raw table has what was said of the records of a stream beside their data. */
function hasMeta(changes: ChangesPlan | undefined, raw: Relation | undefined): boolean {
  return changes !== undefined && raw?.columns.get("_airbyte_meta")?.type === "jsonb";
}

function rawRowsOf(
  { dedup, final, changes }: StreamPlan,
  raw: Table,
  relations: Relations,
): RawRows {
  const former = (table: Table): FormerTable | undefined => {
    const existing = relations.of(table);
    return existing && { table, kind: existing.kind };
  };
  const isMerged = dedup !== undefined;
  return {
    raw: former(raw)!,
    isMerged,
    // Of changes with one place in the log the order is that in which they came, for all keys together.
    final: isMerged && !changes ? former(final!) : undefined,
    hasMeta: hasMeta(changes, relations.of(raw)),
  };
}

/** What the raw table does not tell, and the old tables do. */
async function keepStatements(
  session: Session,
  plan: StreamPlan,
  raw: Table,
  relations: Relations,
): Promise<string[]> {
  const statements: string[] = [];
  for (const former of [plan.final, plan.history]) {
    const existing = former && relations.of(former);
    if (!former || !existing) continue;
    const { kind, columns } = existing;
    const rebuilt = stagingOf(plan, former);
    const old = { table: former, kind };
    if (columns.get("_airbyte_meta")?.type === "jsonb") {
      const [row] = await session.query(`look into ${label(former)}`, lookForChanges(old));
      if (row!["found"] === "t") statements.push(keepChanges(rebuilt, old, raw));
    }
    for (const column of plan.columns)
      if (isJson(column) && columns.get(column.name)?.type === column.type)
        statements.push(keepSpelling(rebuilt, old, raw, column));
  }
  return statements;
}

/** Whether a column holds JSON as text: the type `json`, or a domain over it. */
function isJson({ kind }: Column): boolean {
  return kind === VALUE_KIND.jsonOrNull;
}

async function countOf(session: Session, table: Table): Promise<number> {
  const [row] = await session.query(`count the rows of ${label(table)}`, countRows(table));
  return Number(row!["count"]);
}

const NO_META: RecordMeta = {};

/** Encodes raw rows into a stream's batch and loads it when it is full. */
class RebuildSink implements RawRowSink {
  readonly #stream: StreamTables;
  readonly #lane: PostgresLane;
  readonly #context: Context;
  readonly #normalizedAt: string;
  #loading: Promise<void> = Promise.resolve();
  /** How many rows the server says it has taken. */
  taken = 0;

  constructor(stream: StreamTables, lane: PostgresLane, context: Context) {
    this.#stream = stream;
    this.#lane = lane;
    this.#context = context;
    this.#normalizedAt = new Date(context.now()).toISOString();
  }

  row(
    { id, emittedAt, meta }: Parameters<RawRowSink["row"]>[0],
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const { batches, plan } = this.#stream;
    const after = batches.readData(bytes, start, end);
    if (after === MALFORMED)
      throw new Failure(
        "config.invalid",
        `the raw table of ${plan.label} has a row whose _airbyte_data is no object`,
        { hint: "delete it, or refresh the stream" },
      );
    const times = { id, emittedAt, normalizedAt: this.#normalizedAt };
    batches.endRecord(
      bytes,
      times,
      meta === undefined ? NO_META : (JSON.parse(meta) as RecordMeta),
    );
  }

  chunkDone(): Promise<void> | undefined {
    this.#context.signal.throwIfAborted();
    const { batchBytes, batchRows } = this.#context.limits;
    const { bytes, rows } = this.#stream.batches;
    return bytes < batchBytes && rows < batchRows ? undefined : this.#load();
  }

  /** Begins to load the batch; resolves when the one before it was taken. */
  async #load(): Promise<void> {
    await this.#loading;
    const { batches } = this.#stream;
    const batch = batches.take("all");
    const load = async () => {
      this.taken += await this.#lane.load(0, batch);
      batches.release(batch);
    };
    this.#loading = load();
    this.#loading.catch(() => {}); // thrown to whoever awaits it next
  }

  /** Loads what is left; resolves when the server has all rows. */
  async end(): Promise<void> {
    await this.#load();
    await this.#loading;
  }
}

/**
 * Whether there is a raw table that has what was put into it. Throws `config.invalid` when a rebuild would
 * lose rows that only the typed tables have, or had.
 */
async function hasRows(
  { final, history }: StreamPlan,
  raw: Table,
  { session, relations, written }: RebuildSetup,
): Promise<boolean> {
  const typed = [final, history].filter(
    (table) => table !== undefined && relations.of(table) !== undefined,
  ) as Table[];
  if (relations.of(raw) === undefined) {
    if (typed.length === 0) return false;
    throw new Failure("config.invalid", `${label(raw)} does not exist, ${label(typed[0]!)} does`, {
      hint: "there is nothing to rebuild it from: refresh the stream",
    });
  }
  if (written.of(raw).isEmptied) return false; // a sync reads again what was in it
  refuseGaps(final!, raw, written);
  for (const table of typed) {
    const [row] = await session.query(
      `compare ${label(table)} with its raw table`,
      countRowsWithoutRaw({ table, kind: relations.of(table)!.kind }, raw),
    );
    const count = row!["count"]!;
    if (count !== "0")
      throw new Failure(
        "config.invalid",
        `${count} rows of ${label(table)} have no row in ${label(raw)} and would be lost`,
        { hint: "refresh the stream, or drop the table to rebuild it without them" },
      );
  }
  return true;
}

/**
 * Refuses to rebuild a table that is gone from a raw table that never had all of its rows. Throws
 * `config.invalid`.
 */
export function refuseGaps(final: Table, raw: Table, written: WrittenTables): void {
  if (written.of(final).exists || !written.of(raw).lacksRows) return;
  throw new Failure(
    "config.invalid",
    `${label(final)} does not exist, and ${label(raw)} lacks the rows that were synced while tables was "final_only"`,
    { hint: "there is nothing to rebuild it from: refresh the stream" },
  );
}
