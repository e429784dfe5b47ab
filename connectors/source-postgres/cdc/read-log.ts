import type { ConfiguredCatalog } from "../../../protocol/catalog.ts";
import type { SavedState } from "../../../protocol/state-file.ts";
import type { ReadContext } from "../../kit/contract.ts";
import type { ConnectOptions } from "../../postgres/connection.ts";
import { ReplicationConnection } from "../../postgres/replication/replication-connection.ts";
import type { PostgresConfig } from "../../postgres/settings.ts";
import type { Session } from "../../postgres/session.ts";
import type { ReadOptions } from "../read/read-tables.ts";
import { withLog } from "./open-log.ts";
import { readChanges } from "./read-changes.ts";
import type { FullCdcMethod } from "./settings.ts";

/** A read of changes. */
export interface LogRead {
  readonly method: FullCdcMethod;
  /** How connections are opened. */
  readonly connection: ConnectOptions;
  readonly options: ReadOptions;
  readonly catalog: ConfiguredCatalog;
  readonly state: SavedState;
  readonly context: ReadContext;
}

/** Reads changes from the server's log, on the session and on connections of their own. */
export function readLog(
  session: Session,
  config: PostgresConfig,
  { method, connection, options, catalog, state, context }: LogRead,
): Promise<void> {
  const { replication_slot: slot, publication, initial_waiting_seconds: waitSeconds } = method;
  const connect = () => ReplicationConnection.open(config, connection);
  const changeOptions = {
    ...options,
    waitSeconds,
    supportsChangeRecords: catalog.supports_change_records === true,
  };
  return withLog(session, { slot, publication, state, connect }, (log) =>
    readChanges(session, log, changeOptions, catalog, state, context),
  );
}
