import type { Session } from "../../postgres/session.ts";
import { lookUpOpenTransactions, lookUpSnapshot } from "./queries.ts";

/** The snapshot of the running transaction, and where it was taken. */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  /** The first id not given out a moment after: those from `xmax` on may be running, too. */
  readonly next: bigint;
  /**
   * Milliseconds since the Unix epoch by the server's clock: a moment before the snapshot, one after
   * it, and the earliest start of a transaction that was open in between, as far as is known.
   */
  readonly lookedAt: number;
  readonly takenBy: number;
  readonly openSince: number;
  /** The 32-bit ids of the transactions and savepoints that ran at `lookedAt`, where known. */
  readonly running: readonly bigint[] | undefined;
  readonly systemIdentifier: string;
  readonly databaseOid: string;
}

/** Which transactions were open a moment before a snapshot is taken. */
export type OpenTransactions = Pick<Snapshot, "lookedAt" | "openSince" | "running">;

/**
 * Looks which transactions are open. Before the snapshot, since one that is open then may be gone
 * when the rows are read. Throws `postgres.*`.
 */
export async function readOpenTransactions(
  session: Session,
  lateCommitSeconds: number,
): Promise<OpenTransactions> {
  const query = lookUpOpenTransactions(lateCommitSeconds);
  const [row] = await session.query("look for open transactions", query);
  const running = row!["running"];
  return {
    lookedAt: Number(row!["looked_at"]),
    openSince: Number(row!["open_since"]),
    running: running == null ? undefined : (JSON.parse(running) as string[]).map(BigInt),
  };
}

/** Takes note of the snapshot of the open transaction. Throws `postgres.*`. */
export async function readSnapshot(session: Session, open: OpenTransactions): Promise<Snapshot> {
  const rows = await session.query("look at the snapshot", lookUpSnapshot());
  const row = rows[0]!;
  return {
    ...open,
    takenBy: Number(row["taken_by"]),
    xmin: BigInt(row["xmin"]!),
    xmax: BigInt(row["xmax"]!),
    next: BigInt(row["next"]!),
    systemIdentifier: row["system_identifier"]!,
    databaseOid: row["database_oid"]!,
  };
}
