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
import { readCommittedAt, readLogPosition, readStreamPart } from "./cdc-state.ts";
import { ofTable } from "./change-columns.ts";
import { GlobalState } from "./global-state.ts";
import { withLog } from "./open-log.ts";
import { readChanges } from "./read-changes.ts";
import { refreshTables } from "./refresh-tables.ts";
import type { FullCdcMethod } from "./slot/settings.ts";
import { lookAtSlot } from "./slot/slot-facts.ts";

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

/** An update may have the old row, too. */
const ROWS_OF_A_CHANGE = 2;

/** What describes a table has the names of all its columns. */
const OTHER_MESSAGE_BYTES = 1024 * 1024;

/** Reads changes from the server's log, on the session and on connections of their own. */
export function readLog(
  session: Session,
  config: PostgresConfig,
  { method, connection, options, catalog, state, context }: LogRead,
): Promise<void> {
  const changeOptions = {
    ...options,
    cdc: method,
    waitSeconds: method.initial_waiting_seconds,
    supportsChangeRecords: catalog.supports_change_records === true,
  };
  if (method.lsn_commit_behaviour === "While reading Data")
    context.log(
      "WARN",
      "lsn_commit_behaviour is left aside: the slot moves when the destination has committed",
    );
  const isFollowed = ({ sync_mode: mode }: ConfiguredStream) => mode === "incremental";
  const maxMessageBytes = Math.max(ROWS_OF_A_CHANGE * options.maxRowBytes, OTHER_MESSAGE_BYTES);
  const followedOid = ({ stream }: ConfiguredStream) => {
    const part = readStreamPart(savedBlob(state, stream));
    return typeof part === "string" ? undefined : part.tableOid;
  };
  const request = {
    method,
    state,
    tables: catalog.streams
      .filter(isFollowed)
      .map((one) => ({ ...tableOf(descriptorOf(one)), followedOid: followedOid(one) })),
    openReplication: () => ReplicationConnection.open(config, { ...connection, maxMessageBytes }),
    openSession: () => openSession(config, connection),
    context,
  };
  if (!catalog.streams.some(isFollowed))
    return readWithoutLog(session, method, options, catalog, state, context);
  return withLog(session, request, (log) =>
    readChanges(session, log, changeOptions, catalog, state, context),
  );
}

/** Where no stream is followed, no slot is wanted: the server would keep its log for nobody. */
async function readWithoutLog(
  session: Session,
  method: FullCdcMethod,
  options: ReadOptions,
  catalog: ConfiguredCatalog,
  state: SavedState,
  context: ReadContext,
): Promise<void> {
  const facts = await session.whileReading(() => lookAtSlot(session, method));
  const global = new GlobalState({ facts });
  global.position = readLogPosition(state.shared, {
    slot: method.replication_slot,
    publication: method.publication,
  });
  global.committedAt = readCommittedAt(state.shared);
  const streams = catalog.streams.map(ofTable);
  return refreshTables(
    session,
    { streams },
    { ...options, lsn: facts.lsn, global },
    state,
    context,
  );
}
