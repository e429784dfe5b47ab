import type { LogLevel } from "../../../protocol/messages.ts";
import type { Canceller } from "../../postgres/cancel.ts";
import type { Snapshot } from "../position/row-versions.ts";

/** What all streams of one read share. */
export interface ReadSettings {
  readonly snapshot: Snapshot;
  readonly method: "Standard" | "Xmin";
  /** How far below the cursor to look for rows that were committed late. */
  readonly lateCommitSeconds: number;
  readonly maxRowBytes: number;
  /** Least time between two STATEs in the middle of a stream. */
  readonly checkpointMilliseconds: number;
  readonly now: () => number;
  /** Stops the running statement. */
  readonly canceller: Canceller;
  /** Aborts when the read is to end at the next safe place. */
  readonly signal: AbortSignal;
  readonly log: (level: LogLevel, message: string) => void;
}
