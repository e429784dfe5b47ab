import type { Context } from "../kit/contract.ts";
import { Failure } from "../../protocol/errors.ts";
import {
  dropOlderRows,
  hashStatement,
  historyStatements,
  keyStatement,
  lookAtHash,
  lookForOtherKey,
  lookForRows,
  lookForUnkeyed,
  markStale,
  STALE_HISTORY,
} from "./adopt-queries.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { OWN_SCHEMA, rebuildPlan, type DedupPlan, type StreamPlan, type Table } from "./plan.ts";
import type { PreparedStream } from "./prepare.ts";
import { rebuild } from "./rebuild.ts";
import type { Relations } from "./relations.ts";
import { createSchemas } from "./schemas.ts";
import { label, type Session } from "./session.ts";
import { StreamTarget } from "./stream-target.ts";

/** What `adoptTables` works with. */
export interface Adoption {
  readonly session: Session;
  readonly relations: Relations;
  readonly checkpoint: Checkpoint | undefined;
  readonly context: Context;
}

/**
 * Makes tables that were filled under other settings what a stream's settings of today would have
 * made them, before it adds to them. Returns whether anything was changed.
 *
 * - No typed table, but a raw one: it is rebuilt from that.
 * - A table without keys that is deduplicated from now on: its rows are merged by key, the newest
 *   stays, and the history begins with all of them.
 * - No history, or one that was not kept up for a while: the rows that are there enter it.
 * - A hash column that is new: old rows get their hash.
 *
 * Each is one transaction. Throws `config.invalid` for a raw table that a rebuild would lose rows by.
 */
export async function adoptTables(stream: PreparedStream, work: Adoption): Promise<boolean> {
  const { plan } = stream;
  const { final } = plan;
  if (stream.replaces || final === undefined) return noteStaleHistory(plan, work);
  const { relations } = work;
  if (relations.of(final) === undefined)
    return plan.raw !== undefined && relations.of(plan.raw) !== undefined
      ? rebuildFromRaw(stream, plan.raw, work)
      : false;
  let isChanged = await noteStaleHistory(plan, work);
  if (plan.dedup && (await adoptKeys(plan, plan.dedup, final, work))) isChanged = true;
  if (plan.hashesFinal && (await adoptHashes(plan, final, work))) isChanged = true;
  return isChanged;
}

/**
 * Throws `config.invalid` for a table that was deduplicated by another key than the plan's: what that
 * merged away is not in it any more.
 */
export async function refuseOtherKey(
  { plan, replaces }: PreparedStream,
  relations: Relations,
  session: Session,
): Promise<void> {
  const { final, dedup } = plan;
  const existing = final && relations.of(final)?.columns;
  if (replaces || !dedup || !final || !existing?.has("_airbyte_unique_key")) return;
  const names = dedup.key.map((column) => column.name);
  const query = names.every((name) => existing.has(name))
    ? lookForOtherKey(final, dedup)
    : lookForRows(final);
  const [row] = await session.query(`look at the keys of ${label(final)}`, query);
  if (row!["found"] !== "t") return;
  throw new Failure(
    "config.invalid",
    `the rows of ${label(final)} were merged by another key than ${names.join(", ")}`,
    { hint: "refresh the stream once to merge them by the new one" },
  );
}

async function rebuildFromRaw(
  stream: PreparedStream,
  raw: Table,
  { session, relations, checkpoint, context }: Adoption,
): Promise<boolean> {
  const [row] = await session.query(`look into ${label(raw)}`, lookForRows(raw));
  if (row!["found"] !== "t") return false;
  context.log(
    "INFO",
    `${label(stream.plan.final!)} does not exist: rebuilding it from ${label(raw)}`,
  );
  await createSchemas(session, [OWN_SCHEMA]);
  const plan = rebuildPlan(stream.plan);
  const tables = new Map([...stream.tables].filter(([table]) => table !== raw));
  const target = new StreamTarget(
    { ...stream, plan, tables, replaces: true, continues: false },
    session,
    context,
  );
  await rebuild({ session, target, raw, relations, checkpoint, context });
  return true;
}

async function adoptKeys(
  plan: StreamPlan,
  dedup: DedupPlan,
  final: Table,
  { session, relations, checkpoint, context }: Adoption,
): Promise<boolean> {
  const { history } = plan;
  const kept = history && relations.of(history);
  const lacksHistory =
    history !== undefined && (kept === undefined || kept.comment === STALE_HISTORY);
  const [unkeyed] = await session.query(`look for keys in ${label(final)}`, lookForUnkeyed(final));
  const isUnkeyed = unkeyed!["found"] === "t";
  if (!lacksHistory && !isUnkeyed) return false;
  await session.begin();
  if (history && (lacksHistory || isUnkeyed))
    await session.run(
      `begin the history of ${label(final)}`,
      ...historyStatements(plan, dedup, final, { table: history, exists: kept !== undefined }),
    );
  if (history && lacksHistory)
    context.log(
      "INFO",
      `${label(history)} begins with the rows that ${label(final)} has now; normalize makes it whole where the raw table is`,
    );
  if (isUnkeyed) {
    await session.run(`give the rows of ${label(final)} their keys`, keyStatement(final, dedup));
    const [dropped] = await session.query(
      `merge the rows of ${label(final)}`,
      dropOlderRows(final, dedup),
    );
    context.log(
      "INFO",
      `${label(final)} is deduplicated from now on: ${dropped!["count"]} older versions of its rows were removed`,
    );
  }
  await checkpoint?.save([]);
  await session.commit();
  return true;
}

async function adoptHashes(
  plan: StreamPlan,
  final: Table,
  { session, context }: Adoption,
): Promise<boolean> {
  const [row] = await session.query(
    `look at the hashes of ${label(final)}`,
    lookAtHash(plan, final),
  );
  if (row?.["unhashed"] !== "t") return false;
  context.log("INFO", `filling ${label(final)}.${plan.hashColumn}`);
  await session.run(`fill ${label(final)}.${plan.hashColumn}`, hashStatement(plan, final));
  return true;
}

/** A history that this run does not keep up must not be taken for whole when a later one does. */
async function noteStaleHistory(
  plan: StreamPlan,
  { session, relations }: Adoption,
): Promise<boolean> {
  const table = plan.formerHistory;
  const relation = table && relations.of(table);
  if (!table || relation?.kind !== "r" || relation.comment !== null || !relation.isOurs)
    return false;
  if (!relation.columns.has("_airbyte_unique_key_scd")) return false;
  await session.run(`note that ${label(table)} is not kept up`, markStale(table));
  return true;
}
