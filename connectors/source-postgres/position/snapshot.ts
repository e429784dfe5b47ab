import type { Row, Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { type IdRange, within, without } from "./id-ranges.ts";
import { findRunning, lookUpOpenTransactions, lookUpSnapshot, lookUpTimeline } from "./queries.ts";

/** The snapshot of the running transaction, and where it was taken. */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  /** The first id not given out a moment after: those from `xmax` on may be running, too. */
  readonly next: bigint;
  /**
   * The id behind the last transaction that was committed, at most `xmax`. A server that crashes may give
   * those from here on out again: that they were begun, or aborted, is not on disk for sure.
   */
  readonly durable: bigint;
  /**
   * Milliseconds since the Unix epoch by the server's clock: a moment before the snapshot, one after
   * it, and the earliest start of a transaction that was open in between, as far as is known.
   */
  readonly lookedAt: number;
  readonly takenBy: number;
  readonly openSince: number;
  /** Of the ids that were asked about, those that had ended at `lookedAt`. */
  readonly ended: readonly IdRange[];
  readonly systemIdentifier: string;
  /** Undefined where the server does not tell. */
  readonly timeline: string | undefined;
  readonly databaseOid: string;
}

/** Which transactions were open a moment before a snapshot is taken. */
export type OpenTransactions = Pick<Snapshot, "lookedAt" | "openSince" | "ended">;

/**
 * Looks which transactions are open. Before the snapshot, since one that is open then may be gone
 * when the rows are read. Throws `postgres.*`.
 *
 * @param doubtful the ids of which a reader wants to know whether they have ended. All given out
 *   long before: between getting its id and being entered below its transaction, a savepoint is
 *   nowhere.
 */
export async function readOpenTransactions(
  session: Session,
  lateCommitSeconds: number,
  doubtful: readonly IdRange[],
): Promise<OpenTransactions> {
  const action = "look for open transactions";
  const row = await session.queryRow(action, lookUpOpenTransactions(lateCommitSeconds));
  const asked = within(doubtful, [BigInt(row["xmin"]!), BigInt(row["xmax"]!) - 1n]);
  const running = asked.length === 0 ? [] : await session.query(action, findRunning(asked));
  return {
    lookedAt: Number(row["looked_at"]),
    openSince: Number(row["open_since"]),
    ended: without(
      asked,
      running.map(({ id }) => BigInt(id!)),
    ),
  };
}

/** Takes note of the snapshot of the open transaction, in one turn. Throws `postgres.*`. */
export async function readSnapshot(session: Session, open: OpenTransactions): Promise<Snapshot> {
  const [row, [history]] = await together([
    session.queryRow("look at the snapshot", lookUpSnapshot()),
    // Servers that keep their log elsewhere, as some cloud providers' do, may refuse.
    session.queryInSavepoint("look at the timeline", lookUpTimeline()).catch((): Row[] => []),
  ]);
  return {
    ...open,
    takenBy: Number(row["taken_by"]),
    xmin: BigInt(row["xmin"]!),
    xmax: BigInt(row["xmax"]!),
    next: BigInt(row["next"]!),
    durable: BigInt(row["durable"] ?? row["xmax"]!),
    systemIdentifier: row["system_identifier"]!,
    timeline: history?.["timeline"] ?? undefined,
    databaseOid: row["database_oid"]!,
  };
}
