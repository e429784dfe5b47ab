import type { ConfiguredCatalog, ConfiguredStream } from "../../../protocol/catalog.ts";
import { asFailure, Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { SavedState } from "../../../protocol/state-file.ts";
import type { WriteContext } from "../../kit/contract.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import { readStreams } from "../../kit/source/read-streams.ts";
import type { RecordPrinter } from "../../kit/source/record-printer.ts";
import type { StateScope } from "../../kit/source/stream-output.ts";
import { savedBlob } from "../../kit/source/saved-blob.ts";
import type { StreamReader } from "../../kit/source/stream-reader.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { type DatabaseDescription, describeDatabase } from "../catalog/describe-database.ts";
import { saysItsEncoding } from "../catalog/encoding.ts";
import { planRead, type ReadPlan, tableOf } from "../catalog/read-plan.ts";
import { isRelationReadable, hasStoredOrder, type SourceRelation } from "../catalog/relation.ts";
import { checkCursors } from "../position/cursor.ts";
import { notDeliveredIds } from "../position/delivered-rows.ts";
import { type IdRange, rangesOf } from "../position/id-ranges.ts";
import { readOpenTransactions, readSnapshot } from "../position/snapshot.ts";
import { readPosition } from "../position/stream-position.ts";
import type { ForeignBytes } from "../rows/foreign-bytes.ts";
import { followsTransactions } from "./incremental.ts";
import { lockWaitTeller } from "./lock-wait.ts";
import { storedBytes } from "./queries.ts";
import { copiesBehind } from "./read-ahead.ts";
import { beginSnapshot } from "./snapshot.ts";
import { SET_BACK, TableReader, type TableReaderSettings } from "./table-reader.ts";

/** For how long tables are locked, and of which moment their rows are. */
export type LockMode = "one_moment" | "per_stream";

/** What the user chose for a read. */
export interface ReadOptions extends Omit<
  TableReaderSettings,
  "snapshot" | "storedBytes" | "log" | "rows"
> {
  readonly maxRowBytes: number;
  /** What becomes of texts that are not UTF-8. */
  readonly encoding: ForeignBytes;
  readonly lock: LockMode;
  /** What stands behind the columns of a row, told when its table was looked at (ms); absent: nothing. */
  readonly tailAt?: (takenAt: number) => Buffer;
}

/**
 * Reads all configured streams, one after the other: in one snapshot, or each in one of its own.
 *
 * A stream that fails does not keep the others from being read, as long as the connection lives (see
 * `readStreams`). One whose cursor cannot be followed fails before anything of it is read.
 *
 * @param scope what makes the STATEs, where these streams share one with others.
 */
export async function readTables(
  session: Session,
  options: ReadOptions,
  catalog: ConfiguredCatalog,
  state: SavedState,
  context: WriteContext,
  scope?: StateScope,
): Promise<void> {
  // The server may wait for a lock, or be at work, for hours before it says anything.
  context.signal.addEventListener("abort", () => void session.cancel(), { once: true });
  const limits = { ...context.limits, checkpointSeconds: options.checkpointSeconds };
  const openAll = (streams: readonly ConfiguredStream[]) =>
    openTables(session, options, streams, state, context);
  const isOneMoment = options.lock === "one_moment";
  const readers = isOneMoment ? await openAll(catalog.streams) : undefined;
  const open = (configured: ConfiguredStream) =>
    readers === undefined
      ? new SingleTableReader(session, async () => (await openAll([configured])).get(configured)!)
      : opened(readers.get(configured)!);
  try {
    await readStreams(catalog, state, { ...context, limits }, open, scope);
  } finally {
    // All that is to be read was read: a connection lost only now has cost nothing.
    await session.rollback().catch(() => {});
  }
}

type Opened = TableReader | Failure;

/** Begins the transaction that some streams are read in, all of them as of one moment. */
async function openTables(
  session: Session,
  options: ReadOptions,
  streams: readonly ConfiguredStream[],
  state: SavedState,
  context: WriteContext,
): Promise<Map<ConfiguredStream, Opened>> {
  const log = context.log;
  const doubtful = doubtfulIds(streams, state);
  const descriptors = streams.map(descriptorOf);
  const onWait = lockWaitTeller(descriptors, context);
  const tables = descriptors.map(tableOf);
  const [open, before] = await session.whileReading(() =>
    together([
      readOpenTransactions(session, options.lateCommitSeconds, doubtful),
      describeDatabase(session, { tables }),
    ]),
  );
  const look = ({ relations }: DatabaseDescription) =>
    together([
      saysItsEncoding(session),
      readSnapshot(session, open),
      storedBytesOf(session, relations),
    ]);
  const { description, looked } = await beginSnapshot(session, tables, before, onWait, look);
  const [saysEncoding, snapshot, stored] = looked;
  const plans = planReads(streams, description);
  const followed = [...plans.values()].filter(
    (plan): plan is ReadPlan =>
      !(plan instanceof Failure) &&
      plan.configured.sync_mode === "incremental" &&
      !followsTransactions(options.method, plan),
  );
  const [, invalid] = await together([
    session.run("set a savepoint", SET_BACK),
    checkCursors(session, followed),
  ]);
  for (const [plan, failure] of invalid) plans.set(plan.configured, failure);
  const sound = [...plans.values()].filter((plan) => !(plan instanceof Failure)) as ReadPlan[];
  const settings = {
    ...options,
    snapshot,
    storedBytes: stored,
    rows: {
      maxRowBytes: options.maxRowBytes,
      foreignBytes: saysEncoding ? undefined : options.encoding,
      copiesBehind: copiesBehind(sound, state, { ...options, storedBytes: stored }),
      tail: options.tailAt?.(snapshot.takenBy),
    },
    log,
  };
  return new Map(
    [...plans].map(([configured, plan]) => [
      configured,
      plan instanceof Failure ? plan : new TableReader(session, plan, settings),
    ]),
  );
}

/** How many bytes tables take on disk, by oid: those whose rows are stored in an order. */
export async function storedBytesOf(
  session: Session,
  relations: readonly SourceRelation[],
): Promise<ReadonlyMap<number, number>> {
  const oids = relations
    .filter((one) => isRelationReadable(one) && hasStoredOrder(one))
    .map(({ oid }) => oid);
  if (oids.length === 0) return new Map();
  const rows = await session.query("look how large the tables are", storedBytes(oids));
  return new Map(rows.map((row) => [Number(row["oid"]), Number(row["bytes"])]));
}

/** Reads a table in a transaction of its own, so that it is locked no longer than that takes. */
class SingleTableReader implements StreamReader {
  readonly #session: Session;
  readonly #open: () => Promise<Opened>;

  constructor(session: Session, open: () => Promise<Opened>) {
    this.#session = session;
    this.#open = open;
  }

  async read(position: Buffer | undefined, printer: RecordPrinter): Promise<JsonObject> {
    const state = await opened(await this.#open()).read(position, printer);
    await this.recover();
    return state;
  }

  recover(): Promise<void> {
    return this.#session.rollback();
  }
}

function opened(reader: Opened): TableReader {
  if (reader instanceof Failure) throw reader;
  return reader;
}

/** Ids that the states leave open: the reads that printed them knew them, and delivered no row. */
function doubtfulIds(streams: readonly ConfiguredStream[], state: SavedState): IdRange[] {
  const ranges = streams
    .filter(({ sync_mode: mode }) => mode === "incremental")
    .map((configured) => readPosition(savedBlob(state, descriptorOf(configured)))?.rows)
    .flatMap((rows) => (rows === undefined ? [] : notDeliveredIds(rows)));
  return rangesOf([], ranges, 0n);
}

/** What to read for each stream, or why it cannot be read. */
export function planReads(
  streams: readonly ConfiguredStream[],
  description: DatabaseDescription,
): Map<ConfiguredStream, ReadPlan | Failure> {
  const plans = new Map<ConfiguredStream, ReadPlan | Failure>();
  for (const configured of streams)
    try {
      plans.set(configured, planRead(configured, description));
    } catch (error) {
      plans.set(configured, asFailure(error));
    }
  return plans;
}
