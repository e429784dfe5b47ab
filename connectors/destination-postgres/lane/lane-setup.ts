import type { StreamWork } from "../../../protocol/activity.ts";
import type { Context, Output } from "../../kit/contract.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Shares, StreamClock } from "./stream-clock.ts";
import type { StreamTables } from "./stream-tables.ts";

/** What a lane works with. */
export interface LaneSetup {
  readonly streams: readonly StreamTables[];
  /** Those of whose values the server can be asked beforehand. */
  readonly judged: ReadonlySet<StreamTables>;
  /** Undefined when no connection is known: then nothing is kept beside the data. */
  readonly checkpoint: Checkpoint | undefined;
  /** With an output where somebody is to hear what the server is at. */
  readonly context: Context & { readonly output?: Output };
  readonly clock: StreamClock;
}

/** Runs work on streams: how long it takes is theirs, and what it waits for is said. */
export type Measure = <T>(work: StreamWork, shares: Shares, run: () => Promise<T>) => Promise<T>;
