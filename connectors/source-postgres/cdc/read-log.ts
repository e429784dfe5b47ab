import type { ConfiguredCatalog, ConfiguredStream } from "../../../protocol/catalog.ts";
import type { SavedState } from "../../../protocol/state-file.ts";
import type { ReadContext } from "../../kit/contract.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import { savedBlob } from "../../kit/source/saved-blob.ts";
import type { ConnectOptions } from "../../postgres/connection.ts";
import { ReplicationConnection } from "../../postgres/replication/replication-connection.ts";
import type { PostgresConfig } from "../../postgres/settings.ts";
import { openSession, type Session } from "../../postgres/session.ts";
import { tableOf } from "../catalog/read-plan.ts";
import type { ReadOptions } from "../read/read-tables.ts";
import { readStreamPart } from "./cdc-state.ts";
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
  const changeOptions = {
    ...options,
    waitSeconds: method.initial_waiting_seconds,
    supportsChangeRecords: catalog.supports_change_records === true,
  };
  if (method.lsn_commit_behaviour === "While reading Data")
    context.log(
      "WARN",
      "lsn_commit_behaviour is left aside: the slot moves when the destination has committed",
    );
  const isNew = ({ sync_mode: mode, stream }: ConfiguredStream) =>
    mode === "incremental" && typeof readStreamPart(savedBlob(state, stream)) === "string";
  const newTables = catalog.streams.filter(isNew).map((one) => tableOf(descriptorOf(one)));
  const request = {
    method,
    state,
    newTables,
    openReplication: () => ReplicationConnection.open(config, connection),
    openSession: () => openSession(config, connection),
    context,
  };
  return withLog(session, request, (log) =>
    readChanges(session, log, changeOptions, catalog, state, context),
  );
}
