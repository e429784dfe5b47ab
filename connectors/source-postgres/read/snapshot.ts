import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import { LockNotice, type OnLockWait } from "../../postgres/lock-notice.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { quoteTable, type Table } from "../../postgres/sql.ts";
import { type DatabaseDescription, describeDatabase } from "../catalog/describe-database.ts";
import { isRelationReadable, type SourceRelation } from "../catalog/relation.ts";
import { findRewritten } from "./queries.ts";

/**
 * How often to start again because a table was dropped or rewritten in the moment between looking
 * it up and locking it.
 */
const MAX_ATTEMPTS = 5;

/**
 * Begins the one transaction that a sync reads in, and describes the tables as it sees them.
 *
 * Every table is locked (ACCESS SHARE: only DROP, TRUNCATE and rewriting ALTER wait) *before* the
 * snapshot is taken. A snapshot older than a TRUNCATE or a rewriting ALTER TABLE would see an empty
 * table (PostgreSQL manual, "MVCC caveats"), and an overwrite would empty the destination with it.
 * What LOCK TABLE does not take (materialized views, foreign tables, tables readable by column only)
 * is touched afterwards and compared with what is stored now; if it was rewritten in between,
 * everything starts again.
 *
 * Tables that do not exist are missing from the result. Throws `postgres.*`.
 *
 * @param before what is there before any table is locked.
 * @param look looks at more in the turn that takes the snapshot; it is told what was there before.
 */
export async function beginSnapshot<T>(
  session: Session,
  tables: readonly Table[],
  before: DatabaseDescription,
  onWait: OnLockWait,
  look: (before: DatabaseDescription) => Promise<T>,
): Promise<{ readonly description: DatabaseDescription; readonly looked: T }> {
  const notice = new LockNotice(session, onWait);
  let known = before;
  for (let attempt = 1; ; attempt++) {
    const readable = known.relations.filter(isRelationReadable);
    const begun = session.beginReading("repeatable read", PLAN_SETTINGS);
    // A view whose owner may not lock its tables fails the whole statement: leave views out then.
    const locked = notice.during(() => lock(session, readable, attempt === 1));
    const seen = together([describeDatabase(session, { tables }), look(known)]);
    seen.catch(() => {}); // where a table is gone, this fails for that alone
    if ((await together([begun, locked]))[1]) {
      const [description, looked] = await seen;
      const touchOthers = () => isUntouched(session, description.relations);
      if (await notice.during(touchOthers)) return { description, looked };
    }
    await Promise.allSettled([seen]);
    await session.rollback();
    if (attempt === MAX_ATTEMPTS)
      throw new Failure(
        "postgres.conflict",
        `tables were dropped or rewritten each of the ${MAX_ATTEMPTS} times they were about to be read`,
      );
    known = await session.whileReading(() => describeDatabase(session, { tables }));
  }
}

/**
 * Reads in table order are promised below, so nothing may start in the middle of a table or merge
 * several workers' rows. Neither statement takes a snapshot.
 */
export const PLAN_SETTINGS = `set local synchronize_seqscans = off;
set local max_parallel_workers_per_gather = 0`;

/** Locks what LOCK TABLE takes, in one statement. False when a table is gone meanwhile. */
async function lock(
  session: Session,
  relations: readonly SourceRelation[],
  withViews: boolean,
): Promise<boolean> {
  const tables = relations
    .filter((relation) => isLockable(relation) && (withViews || relation.kind !== "view"))
    .map(quoteTable);
  if (tables.length === 0) return true;
  const statement = `lock table ${tables.join(", ")} in access share mode`;
  try {
    await session.run("lock the tables to read", statement);
    return true;
  } catch (error) {
    const failure = error as Failure;
    const sqlState = sqlStateOf(failure.cause) ?? "";
    if (GONE.has(sqlState)) return false;
    if (sqlState !== NO_ROOM) throw failure;
    const { code, message, facts, cause } = failure;
    throw new Failure(code, `${message}, for ${tables.length} tables at once`, {
      facts,
      cause,
      hint: "set lock to per_stream, which locks one table at a time, or raise max_locks_per_transaction of the server",
    });
  }
}

/** The memory that sessions share, mostly for locks, is used up. */
const NO_ROOM = "53200";

/** Missing schema, missing table, no longer a table, privilege withdrawn: look again. */
const GONE: ReadonlySet<string> = new Set(["3F000", "42P01", "42809", "42501"]);

const isLockable = (relation: SourceRelation) =>
  relation.isReadable &&
  (relation.kind === "table" || relation.kind === "partitioned table" || relation.kind === "view");

/** Locks the rest by touching it. False when one of them was rewritten after the snapshot. */
async function isUntouched(
  session: Session,
  relations: readonly SourceRelation[],
): Promise<boolean> {
  const others = relations.filter(
    (relation) =>
      isRelationReadable(relation) && !isLockable(relation) && relation.kind !== "foreign table",
  );
  if (others.length === 0) return true;
  for (const relation of others) await touch(session, relation);
  const query = findRewritten(others.map((relation) => relation.oid));
  return (await session.query("look for rewritten tables", query)).length === 0;
}

async function touch(session: Session, relation: SourceRelation): Promise<void> {
  await session.run("touch a table", "savepoint touch");
  try {
    await session.run("touch a table", `select from ${quoteTable(relation)} limit 0`);
  } catch {
    // Whatever it is (not populated, dropped, row security), reading the stream will say it.
    await session.run("touch a table", "rollback to touch");
  }
}
