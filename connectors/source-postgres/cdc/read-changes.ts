import {
  type ConfiguredCatalog,
  type ConfiguredStream,
  sameStream,
  type StreamDescriptor,
  streamLabel,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { SavedState } from "../../../protocol/state-file.ts";
import type { ReadContext } from "../../kit/contract.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import { type FailedStream, incomplete } from "../../kit/source/read-streams.ts";
import { savedBlob } from "../../kit/source/saved-blob.ts";
import { StreamOutput } from "../../kit/source/stream-output.ts";
import type { Session } from "../../postgres/session.ts";
import { tableOf } from "../catalog/read-plan.ts";
import { saysItsEncoding } from "../catalog/encoding.ts";
import type { ReadOptions } from "../read/read-tables.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import {
  printTablePosition,
  readStreamPart,
  type StreamPart,
  type TablePosition,
  wasFollowed,
} from "./cdc-state.ts";
import { ofTable } from "./change-columns.ts";
import { type FirstLoad, loadTables, type SlotStart } from "./first-loads.ts";
import { followLog, type FollowOptions } from "./follow-log.ts";
import { FollowedStream } from "./followed-stream.ts";
import type { OpenLog } from "./open-log.ts";
import { planStreams } from "./plan-streams.ts";
import { refreshTables } from "./refresh-tables.ts";
import type { CdcMethod } from "./slot/settings.ts";
import type { StreamStart } from "./stream-starts.ts";
import { untoldOf } from "./untold-values.ts";

/** How changes are read. */
export interface ChangeOptions extends ReadOptions, FollowOptions {
  readonly cdc: CdcMethod;
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
  read.keep(streams.filter(isFollowed).map(descriptorOf));
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
  readonly #followed: FollowedStream[] = [];

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

  /**
   * Takes over where streams stood: every STATE says so until they stand elsewhere. The log is read on
   * without those that are not `followed`.
   */
  keep(followed: readonly StreamDescriptor[]): void {
    for (const { stream, blob } of this.#state.streams.values()) {
      const isFollowed = followed.some((one) => sameStream(one, stream));
      if (!isFollowed && typeof readStreamPart(blob) !== "string") this.#misses(stream);
      else this.#log.global.set(stream, JSON.parse(blob.toString("utf8")) as JsonObject);
    }
  }

  /** Does the first loads that are due; resolves with the streams to follow. */
  async load(streams: readonly ConfiguredStream[]): Promise<readonly FollowedStream[]> {
    const { global, facts, isAnew, gap, start } = this.#log;
    const { lsn } = global.position!;
    const published = { facts, method: this.#options.cdc };
    const { planned, unplanned } = await planStreams(this.#session, streams, published, {
      lsn: start === undefined ? lsn : undefined,
      isAnew,
      gap,
      partOf: (stream) => this.#partOf(stream),
    });
    for (const { descriptor, failure } of unplanned) {
      await new StreamOutput(descriptor, this.#context).incomplete(failure);
      this.failed.push({ stream: descriptor, failure });
      if (wasFollowed(this.#partOf(descriptor))) this.#misses(descriptor);
    }
    const loads: FirstLoad[] = [];
    for (const { start: from, ...stream } of planned) {
      const { descriptor } = stream.plan;
      const output = new StreamOutput(descriptor, this.#context, global);
      const load = this.#loadOf({ ...stream, output }, from);
      if (load !== undefined) loads.push(load);
      else if (from.is === "followed") {
        const untold = untoldOf(from.position.columns, stream.table);
        if (untold !== undefined && untold.changes !== from.position.saidUntold)
          this.#context.log("WARN", `${streamLabel(descriptor)}: ${untold.words}`);
        await output.started(undefined);
        this.#follow({ ...stream, output }, { ...from.position, saidUntold: untold?.changes });
      }
    }
    // The log is read on without these.
    if (unplanned.length > 0) await this.#context.output.message(global.state());
    const isOld = ({ interrupted, repeated }: FirstLoad) =>
      interrupted !== undefined || repeated !== undefined;
    const old = loads.filter(isOld);
    const young = loads.filter((load) => !isOld(load));
    for (const turn of this.#turnsOf(old)) await this.#run(turn, undefined);
    for (const [at, turn] of this.#turnsOf(young).entries()) {
      if (this.#context.signal.aborted) break;
      await (start === undefined || at > 0
        ? this.#log.takeSnapshot((taken) => {
            // Nobody needs what the log has before it.
            if (at === 0 && loads.length === young.length && this.#followed.length === 0)
              global.position = { ...global.position!, lsn: taken.consistentPoint };
            return this.#run(turn, taken);
          })
        : this.#run(turn, start));
    }
    return this.#followed;
  }

  /** Tables that are read in one transaction, and locked as long as that takes. */
  #turnsOf(loads: readonly FirstLoad[]): (readonly FirstLoad[])[] {
    if (this.#options.lock === "per_stream") return loads.map((load) => [load]);
    return loads.length > 0 ? [loads] : [];
  }

  /** Reads whole tables, each of one moment. */
  async refresh(catalog: ConfiguredCatalog): Promise<void> {
    const { global } = this.#log;
    const options = { ...this.#options, lsn: global.position!.lsn, global };
    try {
      await refreshTables(this.#session, catalog, options, this.#state, this.#context);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "stream.incomplete") throw error;
      this.failed.push({ stream: descriptorOf(catalog.streams[0]!), failure: error });
    }
  }

  async #run(loads: readonly FirstLoad[], from: SlotStart | undefined): Promise<void> {
    const { encoding } = this.#options;
    const isSaid = await this.#session.whileReading(() => saysItsEncoding(this.#session));
    const options = { ...this.#options, foreignBytes: isSaid ? undefined : encoding };
    const loaded = await loadTables(this.#session, loads, from, options, this.#context);
    for (const { load, outcome } of loaded) {
      if (!(outcome instanceof Failure)) {
        this.#follow(load, outcome);
        continue;
      }
      // The others go on, and with them the log: what it has of this table is missed.
      const { descriptor } = load.plan;
      this.#misses(descriptor);
      this.failed.push({ stream: descriptor, failure: outcome });
    }
  }

  #follow({ plan, table, output }: LoadedStream, position: TablePosition): void {
    this.#log.global.set(plan.descriptor, printTablePosition(plan.relation, position));
    this.#followed.push(new FollowedStream(plan, table, output, position));
  }

  /** Says that the destination's rows of a stream are not those of any moment, until they are loaded anew. */
  #misses(descriptor: StreamDescriptor): void {
    const part = this.#partOf(descriptor);
    const { lsn } = this.#log.global.position!;
    const { tableOid, from, columns } =
      typeof part === "string" ? { tableOid: 0, from: lsn, columns: [] } : part;
    const position = { tableOid, from, columns, isMissing: true };
    this.#log.global.set(descriptor, printTablePosition(tableOf(descriptor), position));
  }

  #partOf(stream: StreamDescriptor): StreamPart {
    return readStreamPart(savedBlob(this.#state, stream));
  }

  /** What has to be loaded of a stream; undefined: nothing. */
  #loadOf(stream: LoadedStream, start: StreamStart): FirstLoad | undefined {
    if (start.is === "followed") return undefined;
    if (start.is === "interrupted") return { ...stream, interrupted: start.position };
    const { descriptor } = stream.plan;
    const say = (what: string) => this.#context.log("WARN", `${streamLabel(descriptor)}: ${what}`);
    if (start.is === "repeated") {
      say(`${start.why}; it is read again from its beginning`);
      return { ...stream, repeated: start.position };
    }
    if (!start.replaces) {
      this.#log.global.set(descriptor, undefined);
      return stream;
    }
    this.#misses(descriptor);
    const { supportsChangeRecords } = this.#options;
    say(
      `${start.why}; it is read anew${supportsChangeRecords ? "" : ", and rows that are no more stay in the destination"}`,
    );
    return { ...stream, replaces: supportsChangeRecords };
  }

  /** Reads the log. */
  follow(streams: readonly FollowedStream[]): Promise<void> {
    const acknowledgements = this.#acknowledgements;
    return followLog(
      this.#session,
      { ...this.#log, acknowledgements },
      streams,
      this.#options,
      this.#context,
    );
  }
}

type LoadedStream = Pick<FirstLoad, "plan" | "table" | "entry" | "output">;
