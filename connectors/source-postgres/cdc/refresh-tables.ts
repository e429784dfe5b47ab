import type { ConfiguredCatalog } from "../../../protocol/catalog.ts";
import type { SavedState, SavedStreamState } from "../../../protocol/state-file.ts";
import type { ReadContext } from "../../kit/contract.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import type { Session } from "../../postgres/session.ts";
import { type ReadOptions, readTables } from "../read/read-tables.ts";
import { readStreamPart, wasFollowed } from "./cdc-state.ts";
import { unchangedSince } from "./change-columns.ts";
import type { GlobalState } from "./global-state.ts";

/** How whole tables are read beside the log. */
export interface RefreshOptions extends ReadOptions {
  /** What the records say of their place in the log. */
  readonly lsn: Lsn;
  readonly global: GlobalState;
}

/** Reads whole tables; what their records say of the log is that they are older than what comes from it. */
export function refreshTables(
  session: Session,
  catalog: ConfiguredCatalog,
  options: RefreshOptions,
  state: SavedState,
  context: ReadContext,
): Promise<void> {
  const { lsn, global } = options;
  const tailAt = (takenAt: number) =>
    unchangedSince(lsn, new Date(takenAt).toISOString().replace("Z", "000Z"));
  // How far a table was followed says nothing of a refresh.
  const isRefresh = ({ blob }: SavedStreamState) => !wasFollowed(readStreamPart(blob));
  const entries = [...state.streams].filter(([, saved]) => isRefresh(saved));
  const refreshes = { ...state, streams: new Map(entries) };
  return readTables(session, { ...options, tailAt }, catalog, refreshes, context, global);
}
