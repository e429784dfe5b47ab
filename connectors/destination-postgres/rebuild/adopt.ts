import type { Context } from "../../kit/contract.ts";
import { Failure } from "../../../protocol/errors.ts";
import {
  dropOlderRows,
  hashStatement,
  historyStatements,
  keyStatement,
  lookAtHash,
  lookForOtherKey,
  lookForRows,
  lookForUnkeyed,
  noteNotKeptUp,
  NOT_KEPT_UP,
} from "./adopt-queries.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { type DedupPlan, OWN_SCHEMA, rebuildPlan, type StreamPlan } from "../plan/stream-plan.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { PreparedStream } from "../schema/prepare.ts";
import { rebuild } from "./rebuild.ts";
import type { Relations } from "../schema/relations.ts";
import { createSchemas } from "../schema/schemas.ts";
import type { Session } from "../../postgres/session.ts";
import { StreamTables } from "../lane/stream-tables.ts";

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
 * - No typed table, or one that was not kept up for a while, but a raw one: it is rebuilt from that.
 * - A table without keys that is deduplicated from now on: its rows are merged by key, the newest
 *   stays, and the history begins with all of them.
 * - No history, or one that was not kept up for a while: the rows that are there enter it.
 * - A hash column that is new: old rows get their hash.
 *
 * Each is one transaction. Throws `config.invalid` where a rebuild would lose rows.
 */
export async function adoptTables(stream: PreparedStream, work: Adoption): Promise<boolean> {
  const { plan } = stream;
  const { final } = plan;
  let isChanged = await noteUnkept(plan, work);
  if (stream.replaces || final === undefined) return isChanged;
  const existing = work.relations.of(final);
  if (existing === undefined || existing.comment === NOT_KEPT_UP)
    return (await rebuildFromRaw(stream, final, work)) || isChanged;
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
  final: Table,
  { session, relations, checkpoint, context }: Adoption,
): Promise<boolean> {
  const { raw } = stream.plan;
  const isThere = relations.of(final) !== undefined;
  if (raw === undefined || relations.of(raw) === undefined) {
    if (!isThere) return false;
    throw new Failure(
      "config.invalid",
      `${label(final)} lacks the rows that were synced while tables was "raw_only"`,
      { hint: 'set tables to "raw_and_final" to have it rebuilt, or refresh the stream' },
    );
  }
  const [row] = await session.query(`look into ${label(raw)}`, lookForRows(raw));
  if (row!["found"] !== "t") return false;
  context.log(
    "INFO",
    `${label(final)} ${isThere ? "was not kept up" : "does not exist"}: rebuilding it from ${label(raw)}`,
  );
  await createSchemas(session, [OWN_SCHEMA]);
  const plan = rebuildPlan(stream.plan);
  const tables = new Map([...stream.tables].filter(([table]) => table !== raw));
  const rebuilt = new StreamTables({ ...stream, plan, tables, replaces: true, continues: false });
  await rebuild({ session, stream: rebuilt, raw, relations, checkpoint, context });
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
    history !== undefined && (kept === undefined || kept.comment === NOT_KEPT_UP);
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

/** What this run does not keep up must not be taken for whole when a later one adds to it. */
async function noteUnkept(plan: StreamPlan, { session, relations }: Adoption): Promise<boolean> {
  let isChanged = false;
  for (const { table, sign } of plan.unkept) {
    const relation = relations.of(table);
    if (relation?.kind !== "r" || relation.comment !== null || !relation.isOurs) continue;
    if (!relation.columns.has(sign)) continue;
    await session.run(`note that ${label(table)} is not kept up`, noteNotKeptUp(table));
    isChanged = true;
  }
  return isChanged;
}
