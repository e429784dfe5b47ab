import { Failure } from "../../protocol/errors.ts";
import { MALFORMED } from "../../protocol/json-scan.ts";
import type { StreamStatus } from "../../protocol/messages.ts";
import type { WriteContext } from "../kit/contract.ts";
import { streamStatus } from "../kit/trace.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { chooseFormats } from "./load-formats.ts";
import { countRows, countRowsWithoutRaw, keepChanges } from "./normalize-queries.ts";
import { rebuildPlan, type StreamPlan, type Table } from "./plan.ts";
import { prepareTables } from "./prepare.ts";
import { readRawRows, type RawRowSink } from "./raw-rows.ts";
import { findRelations, type Relations } from "./relations.ts";
import { label, type Session } from "./session.ts";
import type { FullConfig } from "./spec.ts";
import { stagingOf } from "./staging.ts";
import { StreamTarget } from "./stream-target.ts";

/** Bytes of COPY text after which a batch is sent. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** Refuses configs under which there are not both kinds of tables. */
export function checkRebuildable(config: FullConfig): void {
  if (config.tables === "raw_and_final") return;
  throw new Failure(
    "config.invalid",
    config.tables === "raw_only"
      ? 'tables is "raw_only": there are no typed tables to rebuild'
      : 'tables is "final_only": there are no raw tables to rebuild the typed ones from',
    { hint: 'set tables to "raw_and_final"' },
  );
}

/**
 * Makes the final and history tables of `plans` anew from their raw tables alone, with the encoder,
 * the types and the handling of misfits that records get.
 *
 * Each stream is one transaction: the new tables are filled beside the old ones and take their place
 * at the end, as a replacing sync's do, so a reader never sees less, and whatever ends this run
 * leaves everything as it was. Raw tables, states and generations are not touched.
 *
 * What a raw table cannot tell is kept from the old final table: entries of `_airbyte_meta` that the
 * records brought along, and those of values jsonb cannot hold. Rows are stamped with a new
 * `_airbyte_normalized_at`. Not kept: the spelling of JSON in columns of the type `json`.
 *
 * A stream that cannot be rebuilt is INCOMPLETE and the others go on; the first such failure is
 * thrown at the end.
 */
export async function normalize(
  session: Session,
  streams: readonly StreamPlan[],
  connection: string | undefined,
  context: WriteContext,
): Promise<void> {
  const plans = new Map(streams.map((stream) => [rebuildPlan(stream), stream]));
  const prepared = await prepareTables(
    session,
    [...plans.keys()],
    { connection, former: "wait for" },
    context,
  );
  const relations = await findRelations(session, streams.flatMap(tablesOf));
  const report = (plan: StreamPlan, status: StreamStatus, stats?: RebuildStats) => {
    const trace = streamStatus(plan.stream, status, context.now());
    if (stats !== undefined) trace.trace.stream_status!.stats = stats;
    return context.output.message(trace);
  };
  let first: Failure | undefined;
  for (const [plan, stream] of plans) {
    if (context.signal.aborted) break;
    await report(plan, "STARTED");
    try {
      const target = new StreamTarget(prepared.streams.get(plan)!, session, context);
      await chooseFormats(session, [target.loader]);
      const stats = await rebuild(
        session,
        target,
        stream.raw!,
        relations,
        prepared.checkpoint,
        context,
      );
      await report(plan, "COMPLETE", stats);
    } catch (error) {
      await report(plan, "INCOMPLETE");
      if (!(error instanceof Failure) || error.code === "postgres.connection_lost") throw error;
      await session.rollback();
      context.log("ERROR", `${plan.label}: ${error.message}`);
      first ??= error;
    }
  }
  if (first !== undefined) throw first;
}

/** What became of a stream: rows of its final table, and values in them that became NULL. */
interface RebuildStats {
  readonly recordCount: number;
  readonly nulledCount: number;
}

async function rebuild(
  session: Session,
  target: StreamTarget,
  raw: Table,
  relations: Relations,
  checkpoint: Checkpoint | undefined,
  context: WriteContext,
): Promise<RebuildStats> {
  const { plan, loader } = target;
  const final = plan.final!;
  if (!(await hasRows(session, plan, raw, relations))) {
    context.log("INFO", `${plan.label}: no raw table yet, nothing to rebuild`);
    return { recordCount: 0, nulledCount: 0 };
  }
  await session.begin();
  await target.create();
  const sink = new RebuildSink(target, context);
  const rows = await session.onOtherConnection((reader) => readRawRows(reader.client, raw, sink));
  await sink.end();
  await target.beforeCommit();
  if (relations.of(final)?.columns.get("_airbyte_meta")?.type === "jsonb")
    await session.run(
      `keep the changes noted in ${label(final)}`,
      keepChanges(stagingOf(plan, final), final, raw),
    );
  const recordCount = plan.dedup ? await countOf(session, stagingOf(plan, final)) : rows;
  await target.finish();
  await checkpoint?.save([]);
  await session.commit();
  let nulledCount = 0;
  for (const count of loader.changes.values()) nulledCount += count;
  loader.report(context);
  context.log(
    "INFO",
    `${plan.label}: rebuilt from ${rows} rows, ${nulledCount} values became NULL`,
  );
  return { recordCount, nulledCount };
}

async function countOf(session: Session, table: Table): Promise<number> {
  const [row] = await session.query(`count the rows of ${label(table)}`, countRows(table));
  return Number(row!["count"]);
}

/** Encodes raw rows into a stream's batch and sends it when it is full. */
class RebuildSink implements RawRowSink {
  readonly #target: StreamTarget;
  readonly #signal: AbortSignal;
  readonly #normalizedAt: string;
  #sending: Promise<void> = Promise.resolve();

  constructor(target: StreamTarget, context: WriteContext) {
    this.#target = target;
    this.#signal = context.signal;
    this.#normalizedAt = new Date(context.now()).toISOString();
  }

  row(id: string, emittedAt: string, bytes: Buffer, start: number, end: number): void {
    const { loader, plan } = this.#target;
    const after = loader.encoder.readData(bytes, start, end, loader.batch.final);
    if (after === MALFORMED)
      throw new Failure(
        "config.invalid",
        `the raw table of ${plan.label} has a row whose _airbyte_data is no object`,
        { hint: "delete it, or refresh the stream" },
      );
    loader.endRow(bytes, { id, emittedAt, normalizedAt: this.#normalizedAt }, []);
  }

  chunkDone(): Promise<void> | undefined {
    this.#signal.throwIfAborted();
    const { loader } = this.#target;
    if (loader.batch.bytes < BATCH_BYTES) return undefined;
    return this.#send();
  }

  /** Begins to send; resolves when the batch before this one has arrived. */
  async #send(): Promise<void> {
    await this.#sending;
    this.#sending = this.#target.loader.send("all");
    this.#sending.catch(() => {}); // thrown to whoever awaits it next
  }

  /** Sends what is left; resolves when the server has all rows. */
  async end(): Promise<void> {
    await this.#sending;
    await this.#target.loader.send("all");
  }
}

/**
 * Whether there is a raw table. Throws `config.invalid` when a rebuild would lose rows that only the
 * typed tables have.
 */
async function hasRows(
  session: Session,
  plan: StreamPlan,
  raw: Table,
  relations: Relations,
): Promise<boolean> {
  const typed = [plan.final, plan.history].filter(
    (table) => table !== undefined && relations.of(table) !== undefined,
  ) as Table[];
  if (relations.of(raw) === undefined) {
    if (typed.length === 0) return false;
    throw new Failure("config.invalid", `${label(raw)} does not exist, ${label(typed[0]!)} does`, {
      hint: "there is nothing to rebuild it from: refresh the stream",
    });
  }
  for (const table of typed) {
    const [row] = await session.query(
      `compare ${label(table)} with its raw table`,
      countRowsWithoutRaw(table, raw),
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

function tablesOf(plan: StreamPlan): Table[] {
  return [plan.raw, plan.final, plan.history].filter((table) => table !== undefined);
}
