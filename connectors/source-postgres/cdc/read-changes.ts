import type { ConfiguredCatalog, ConfiguredStream } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { SavedState } from "../../../protocol/state-file.ts";
import type { ReadContext } from "../../kit/contract.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import { type FailedStream, incomplete } from "../../kit/source/read-streams.ts";
import { savedBlob } from "../../kit/source/saved-blob.ts";
import { StreamOutput } from "../../kit/source/stream-output.ts";
import type { ReplicationConnection } from "../../postgres/replication/replication-connection.ts";
import type { Session } from "../../postgres/session.ts";
import { type ReadOptions, readTables } from "../read/read-tables.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { printTablePosition, readStreamPart, type TablePosition } from "./cdc-state.ts";
import { ofTable, unchangedSince } from "./change-columns.ts";
import { type FirstLoad, loadTables, type SlotStart } from "./first-loads.ts";
import { followLog, type FollowOptions } from "./follow-log.ts";
import { FollowedStream } from "./followed-stream.ts";
import { GlobalState } from "./global-state.ts";
import { type PlannedStream, planStreams } from "./plan-streams.ts";

/** How changes are read. */
export interface ChangeOptions extends ReadOptions, FollowOptions {}

/** The log that is read, made where there was none. */
export interface OpenLog {
  readonly replication: ReplicationConnection;
  /** Where it was delivered up to, or begins. */
  readonly global: GlobalState;
  /** The position of the state is lost, and nobody minds: every stream begins anew. */
  readonly isAnew: boolean;
  /** A snapshot where the log begins; undefined: the log is older than this read. */
  readonly start: SlotStart | undefined;
  /** Takes a snapshot at a place of the log, for streams that are new. */
  takeSnapshot<T>(work: (start: SlotStart) => Promise<T>): Promise<T>;
}

/**
 * Reads what is new of the streams under change data capture: tables that were never read, in a snapshot
 * at a place of the log; full refreshes; and then the changes since, from the log. Every STATE is one of
 * all streams.
 */
export async function readChanges(
  session: Session,
  log: OpenLog,
  options: ChangeOptions,
  catalog: ConfiguredCatalog,
  state: SavedState,
  context: ReadContext,
): Promise<void> {
  const read = new ChangeRead(session, log, options, state, context);
  const streams = catalog.streams.map(ofTable);
  const isFollowed = ({ sync_mode: mode }: ConfiguredStream) => mode === "incremental";
  const refreshed = streams.filter((stream) => !isFollowed(stream));
  const followed = await read.load(streams.filter(isFollowed));
  if (refreshed.length > 0 && !context.signal.aborted) await read.refresh({ streams: refreshed });
  if (followed.length > 0 && !context.signal.aborted) await read.follow(followed);
  if (read.failed.length > 0) throw incomplete(read.failed, catalog.streams.length);
}

class ChangeRead {
  readonly failed: FailedStream[] = [];
  readonly #session: Session;
  readonly #log: OpenLog;
  readonly #options: ChangeOptions;
  readonly #state: SavedState;
  readonly #context: ReadContext;
  readonly #acknowledgements: Acknowledgements;

  constructor(
    session: Session,
    log: OpenLog,
    options: ChangeOptions,
    state: SavedState,
    context: ReadContext,
  ) {
    const limits = { ...context.limits, checkpointSeconds: options.checkpointSeconds };
    this.#session = session;
    this.#log = log;
    this.#options = options;
    this.#state = state;
    this.#context = { ...context, limits };
    this.#acknowledgements = new Acknowledgements(context, (lsn) => log.replication.confirm(lsn));
    // Whoever reads on from a state has everything before it.
    if (log.start === undefined && log.global.position !== undefined)
      log.replication.confirm(log.global.position.lsn);
  }

  /** Does the first loads that are due; resolves with the streams to follow. */
  async load(streams: readonly ConfiguredStream[]): Promise<FollowedStream[]> {
    if (streams.length === 0) return [];
    const { global, isAnew, start } = this.#log;
    const { publication, lsn } = global.position!;
    const { planned, unplanned } = await planStreams(this.#session, streams, publication, {
      lsn: start === undefined ? lsn : undefined,
      isAnew,
      partOf: (stream) => readStreamPart(savedBlob(this.#state, stream)),
    });
    for (const { descriptor, failure } of unplanned) {
      await new StreamOutput(descriptor, this.#context).incomplete(failure);
      this.failed.push({ stream: descriptor, failure });
    }
    const all = planned.map((stream) => ({
      ...stream,
      output: new StreamOutput(stream.plan.descriptor, this.#context, global),
    }));
    const followed: FollowedStream[] = [];
    const follow = (
      { plan, table, output }: Omit<OutputStream, "start">,
      position: TablePosition,
    ) => {
      global.set(plan.descriptor, printTablePosition(plan.relation, position));
      followed.push(new FollowedStream(plan, table, output, position));
    };
    for (const stream of all)
      if (stream.start.is === "followed") {
        await stream.output.started(undefined);
        follow(stream, stream.start.position);
      } else if (stream.start.is === "interrupted")
        global.set(
          stream.plan.descriptor,
          printTablePosition(stream.plan.relation, stream.start.position),
        );
    const loads = all.flatMap((stream) => {
      const load = this.#loadOf(stream);
      return load === undefined ? [] : [load];
    });
    const run = async (some: readonly FirstLoad[], from: SlotStart | undefined) => {
      const options = { ...this.#options, foreignBytes: undefined };
      const loaded = await loadTables(this.#session, some, from, options, this.#context);
      for (const { load, outcome } of loaded) {
        const { descriptor } = load.plan;
        if (!(outcome instanceof Failure)) follow(load, outcome);
        else {
          // Without what it has so far the others can go on.
          global.set(descriptor, undefined);
          this.failed.push({ stream: descriptor, failure: outcome });
        }
      }
    };
    const isOld = ({ interrupted, from }: FirstLoad) =>
      interrupted !== undefined || from !== undefined;
    const old = loads.filter(isOld);
    const young = loads.filter((load) => !isOld(load));
    if (old.length > 0) await run(old, undefined);
    if (young.length > 0 && !this.#context.signal.aborted)
      await (start === undefined
        ? this.#log.takeSnapshot((taken) => run(young, taken))
        : run(young, start));
    return followed;
  }

  #loadOf({ start, ...stream }: OutputStream): FirstLoad | undefined {
    const why = "why" in start ? start.why : undefined;
    const label = stream.plan.descriptor.name;
    if (why !== undefined) this.#context.log("WARN", `${label}: ${why}; it is read again`);
    switch (start.is) {
      case "followed":
        return undefined;
      case "interrupted":
        return { ...stream, interrupted: start.position };
      case "repeated":
        return { ...stream, from: start.from };
      default:
        return { ...stream, replaces: start.replaces && this.#options.supportsChangeRecords };
    }
  }

  /** Reads whole tables, each of one moment. */
  async refresh(catalog: ConfiguredCatalog): Promise<void> {
    const { global } = this.#log;
    for (const configured of catalog.streams) {
      const stream = descriptorOf(configured);
      const blob = savedBlob(this.#state, stream);
      if (blob !== undefined) global.set(stream, JSON.parse(blob.toString("utf8")));
    }
    const lsn = global.position?.lsn ?? 0n;
    const tailAt = (takenAt: number) =>
      unchangedSince(lsn, new Date(takenAt).toISOString().replace("Z", "000Z"));
    const options = { ...this.#options, tailAt };
    try {
      await readTables(this.#session, options, catalog, this.#state, this.#context, global);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "stream.incomplete") throw error;
      this.failed.push({ stream: descriptorOf(catalog.streams[0]!), failure: error });
    }
  }

  /** Reads the log. */
  follow(streams: readonly FollowedStream[]): Promise<void> {
    const { replication, global } = this.#log;
    return followLog(
      this.#session,
      replication,
      streams,
      global,
      this.#acknowledgements,
      this.#options,
      this.#context,
    );
  }
}

interface OutputStream extends PlannedStream {
  readonly output: StreamOutput;
}
