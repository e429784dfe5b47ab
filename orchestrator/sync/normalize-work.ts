import { streamKey, streamLabel, type Catalog } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { TraceStreamStatus } from "../../protocol/messages.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Connector, type Surroundings } from "../connector/connector.ts";
import { exitFailure } from "../connector/failures.ts";
import type { ConnectorName } from "../connector/launch.ts";
import { readOutput } from "../connector/output.ts";
import type { Exit } from "../connector/process.ts";
import { SpecCache } from "../connector/spec-cache.ts";
import type { StreamReport } from "../store/jobs.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { readState, statePath, type ConnectionState } from "../store/state-file.ts";
import { ReportedErrors, thrownFailure, type AttemptFailure } from "./failures.ts";
import { entryOf, truncates } from "./positions/stream-states.ts";
import { makeReady } from "./ready.ts";
import type { Request } from "./request.ts";
import { destinationCatalog, withGeneration } from "./streams/catalogs.ts";
import { selectStreams, type PlannedStream } from "./streams/select-streams.ts";
import type { AttemptRun, JobContext, Work, WorkResult } from "./work.ts";

/**
 * Lets a destination rebuild its typed tables from its raw ones. Nothing is read from the source,
 * which need not even be there, and no state changes.
 *
 * A rebuild may take as long as the tables are big without a word, so there is no limit of silence.
 */
export class NormalizeWork implements Work {
  readonly #connection: ConnectionConfig;
  readonly #request: Request;
  readonly #context: JobContext;
  /** Read only: for the generations. */
  readonly #state: ConnectionState;

  /** Throws `state.invalid` for a state file that cannot be used. */
  constructor(connection: ConnectionConfig, request: Request, context: JobContext) {
    this.#connection = connection;
    this.#request = request;
    this.#context = context;
    this.#state = readState(statePath(context.home, connection.name), connection.name);
  }

  async attempt({ job, attempt, log, folder }: AttemptRun): Promise<WorkResult> {
    const { home, stop } = this.#context;
    const { limits, name } = this.#connection;
    const around: Surroundings = {
      folder,
      limits,
      log,
      specs: new SpecCache(home.path),
      signal: stop.gracefully,
      run: { project: home.project, connection: name, job, attempt },
    };
    const destination = await this.#openDestination(around);
    const catalog = await this.#catalog(around);
    const { streams, leftOut } = selectStreams(this.#connection, catalog);
    for (const { failure } of leftOut) log.own("WARN", `not rebuilt: ${failure.message}`);
    const chosen = this.#request
      .streamsOf(streams)
      .map((stream) => this.#inGeneration(stream, job));
    const rebuild = new Rebuild(chosen, destination);
    const child = destination.normalize(destinationCatalog(chosen));
    const stopIt = () => child.stop();
    const killIt = () => child.kill();
    stop.gracefully.addEventListener("abort", stopIt);
    stop.now.addEventListener("abort", killIt);
    if (stop.gracefully.aborted) stopIt();
    try {
      await readOutput(child.stdout as AsyncIterable<Buffer>, destination, log, {
        onState: () => log.own("WARN", `${destination.label} printed a STATE, which is ignored`),
        onError: (error) => rebuild.reported.add(error),
        onControl: (config) => destination.updateConfig(config),
        onStatus: (status) => rebuild.onStatus(status),
      });
    } catch (error) {
      rebuild.faults.push(thrownFailure(error).failure);
      child.kill();
    } finally {
      stop.gracefully.removeEventListener("abort", stopIt);
      stop.now.removeEventListener("abort", killIt);
    }
    return rebuild.judge(await child.exit);
  }

  async #openDestination(around: Surroundings): Promise<Connector> {
    const { destination: settings } = this.#connection;
    const destination = new Connector(settings, around);
    const spec = await destination.spec();
    await destination.hideSecrets();
    if (spec.supports_normalize_command !== true)
      throw new Failure(
        "usage.invalid",
        `${destination.label} cannot rebuild tables: its spec does not announce supports_normalize_command`,
        {
          hint: `\`syncline refresh ${this.#connection.name} --remove\` reads everything from the source instead`,
        },
      );
    await destination.prepare();
    return destination;
  }

  /** As the last sync had it: that is what the tables were made of. */
  async #catalog(around: Surroundings): Promise<Catalog> {
    const known = readKnownCatalog(this.#context.home.path, this.#connection.name);
    if (known) return { streams: [...known.streams] };
    return (await makeReady(this.#connection, around, undefined)).catalog;
  }

  #inGeneration(stream: PlannedStream, job: number): PlannedStream {
    const entry = entryOf(this.#state, stream);
    return withGeneration(stream, entry.generation, job, truncates(stream, entry));
  }
}

/** What is known of a rebuild, and what it came to. */
class Rebuild {
  readonly #streams: readonly PlannedStream[];
  readonly #destination: ConnectorName;
  readonly reported: ReportedErrors;
  /** What was found wrong with what it prints. */
  readonly faults: Failure[] = [];
  /** By the destination's name: what was said last, and when, on the monotonic clock. */
  readonly #statuses = new Map<string, TraceStreamStatus>();
  readonly #started = new Map<string, number>();
  readonly #ended = new Map<string, number>();

  constructor(streams: readonly PlannedStream[], destination: ConnectorName) {
    this.#streams = streams;
    this.#destination = destination;
    this.reported = new ReportedErrors(new Set(streams.map((one) => streamKey(one.destination))));
  }

  onStatus(said: TraceStreamStatus): void {
    const key = streamKey(said.stream_descriptor);
    this.#statuses.set(key, said);
    (said.status === "STARTED" ? this.#started : this.#ended).set(key, performance.now());
  }

  /**
   * A stream is rebuilt only if the destination said COMPLETE of it and ended by itself: with status
   * 0, or with an explanation.
   */
  judge(exit: Exit): WorkResult {
    const { faults } = this;
    const reported = this.reported.all;
    const wasAsked = exit.kind !== "not-started" && exit.weAsked;
    const isExplained = reported.length > 0;
    const causes = [...faults, ...reported];
    const endedByItself = exit.kind === "exited" && !exit.weAsked;
    if (!endedByItself && !wasAsked) causes.push(exitFailure(this.#destination, exit));
    else if (endedByItself && exit.code !== 0 && !isExplained)
      causes.push(exitFailure(this.#destination, exit));
    const isTrusted = endedByItself && faults.length === 0 && (exit.code === 0 || isExplained);
    const isRebuilt = (stream: PlannedStream) => isTrusted && this.#saidComplete(stream);
    const missing = this.#streams.filter((stream) => !isRebuilt(stream));
    const isStopped = wasAsked && causes.length === 0; // what is left undone was asked for
    const failures = [
      ...causes.map((failure) => ofDestination(failure, false)),
      ...(isStopped ? [] : missing).map((stream) =>
        ofDestination(this.#notRebuilt(stream), causes.length > 0),
      ),
    ];
    return {
      isComplete: missing.length === 0,
      streams: this.#streams.map((stream) => this.#report(stream, isRebuilt(stream))),
      failures,
      notes: [],
      madeProgress: false,
      isWorthRepeatingNow: false,
    };
  }

  #saidComplete({ destination }: PlannedStream): boolean {
    return this.#statuses.get(streamKey(destination))?.status === "COMPLETE";
  }

  #notRebuilt({ source }: PlannedStream): Failure {
    const { name, namespace } = source;
    return new Failure(
      "stream.incomplete",
      `stream ${streamLabel(source)}: ${this.#destination.label} did not rebuild it`,
      { stream: { name, namespace: namespace ?? undefined } },
    );
  }

  #report(stream: PlannedStream, isRebuilt: boolean): StreamReport {
    const { name, namespace } = stream.source;
    const key = streamKey(stream.destination);
    const stats = this.#statuses.get(key)?.stats;
    const ms = (this.#ended.get(key) ?? 0) - (this.#started.get(key) ?? 0);
    return {
      name,
      ...(namespace && { namespace }),
      status: isRebuilt ? "complete" : "incomplete",
      emitted: 0,
      committed: stats?.recordCount ?? 0,
      bytes: 0,
      seconds: Math.round(Math.max(0, ms)) / 1000,
      ...(stats?.nulledCount !== undefined && { nulled: stats.nulledCount }),
    };
  }
}

function ofDestination(failure: Failure, isConsequence: boolean): AttemptFailure {
  return { origin: "destination", failure, isConsequence };
}
