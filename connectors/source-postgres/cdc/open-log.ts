import type { SavedState } from "../../../protocol/state-file.ts";
import type { Session } from "../../postgres/session.ts";
import { ReplicationConnection } from "../../postgres/replication/replication-connection.ts";
import { readCommittedAt, readLogPosition } from "./cdc-state.ts";
import type { SlotStart } from "./first-loads.ts";
import { GlobalState } from "./global-state.ts";
import type { OpenLog } from "./read-changes.ts";

/** What is asked of a log. */
export interface LogRequest {
  readonly slot: string;
  readonly publication: string;
  readonly state: SavedState;
  readonly connect: () => Promise<ReplicationConnection>;
}

/** Opens the log of a slot, which is made where there is none, runs `work`, and closes it. */
export async function withLog<T>(
  session: Session,
  { slot, publication, state, connect }: LogRequest,
  work: (log: OpenLog) => Promise<T>,
): Promise<T> {
  const opened: ReplicationConnection[] = [];
  const open = async () => {
    const replication = await connect();
    opened.push(replication);
    return replication;
  };
  try {
    const saved = readLogPosition(state.shared, { slot, publication });
    const replication = await open();
    const { rows } = {
      rows: await session.query("look for the slot", {
        text: "select 1 from pg_replication_slots where slot_name = $1",
        values: [slot],
      }),
    };
    const global = new GlobalState();
    const takeSnapshot = async (from: ReplicationConnection): Promise<SlotStart> => {
      const name = `syncline_${session.processId}`;
      const made = await from.createSlot(name, { exportSnapshot: true, isTemporary: true });
      return { snapshotName: made.snapshotName!, consistentPoint: made.consistentPoint };
    };
    let start: SlotStart | undefined;
    if (rows.length === 0) {
      const made = await replication.createSlot(slot, { exportSnapshot: true });
      start = { snapshotName: made.snapshotName!, consistentPoint: made.consistentPoint };
    } else if (saved === undefined) start = await takeSnapshot(await open());
    global.position = {
      slot,
      publication,
      lsn: 0n,
      ...saved,
      ...(start && { lsn: start.consistentPoint }),
    };
    global.lag = { committedAt: readCommittedAt(state.shared) };
    return await work({
      replication,
      global,
      isAnew: start !== undefined && saved !== undefined,
      start,
      takeSnapshot: async (within) => {
        const other = await connect();
        try {
          return await within(await takeSnapshot(other));
        } finally {
          await other.close();
        }
      },
    });
  } finally {
    await Promise.all(opened.map((one) => one.close()));
  }
}
