import { join } from "node:path";
import { streamKey, streamLabel, type Catalog } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { TraceStreamStatus } from "../../protocol/messages.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Connector, type Surroundings } from "../connector/connector.ts";
import { exitFailure } from "../connector/exit-failure.ts";
import type { Exit } from "../connector/process.ts";
import { SpecCache } from "../connector/spec-cache.ts";
import type { StreamReport } from "../store/jobs.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { readState, type ConnectionState } from "../store/state-file.ts";
import { configuredCatalog, withGeneration } from "./streams/catalogs.ts";
import { readDestination } from "./relay/destination-output.ts";
import { Failures } from "./failures.ts";
import type { AttemptPlace, JobContext, Work, WorkOutcome } from "./job.ts";
import { makeReady } from "./ready.ts";
import type { Request } from "./request.ts";
import { selectStreams, type PlannedStream } from "./streams/select-streams.ts";
import { entryOf, truncates } from "./positions/stream-states.ts";

/**
 * Lets a destination make its typed tables anew from its raw ones. Nothing is read from the source,
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
    this.#state = readState(join(context.home.state, `${connection.name}.json`), connection.name);
  }

  async attempt({ job, attempt, log }: AttemptPlace): Promise<WorkOutcome> {
    const { folder, home, stop } = this.#context;
    const { limits, name } = this.#connection;
    const around: Surroundings = {
      folder,
      limits,
      log,
      specs: new SpecCache(home.path),
      signal: stop.gracefully,
      run: { connection: name, job, attempt },
    };
    const destination = await this.#openDestination(around);
    const catalog = await this.#catalog(around);
    const chosen = this.#request
      .streamsOf(selectStreams(this.#connection, catalog, () => true))
      .map((stream) => this.#inGeneration(stream, job));
    const run = new Rebuild(chosen, destination.label);
    const child = destination.normalize(configuredCatalog(chosen, "destination"));
    const stopIt = () => child.stop();
    const killIt = () => child.kill();
    stop.gracefully.addEventListener("abort", stopIt);
    stop.now.addEventListener("abort", killIt);
    if (stop.gracefully.aborted) stopIt();
    try {
      await readDestination(
        child.stdout as AsyncIterable<Buffer>,
        destination.label,
        {
          onState: () => log.own("WARN", `${destination.label} printed a STATE, which is ignored`),
          onError: (failure) => run.errors.push(failure),
          onControl: (config) => destination.updateConfig(config),
          onStatus: (status) => run.onStatus(status),
        },
        log,
      );
    } catch (error) {
      run.failures.add("destination", error);
      child.kill();
    } finally {
      stop.gracefully.removeEventListener("abort", stopIt);
      stop.now.removeEventListener("abort", killIt);
    }
    return run.judge(await child.exit, stop.gracefully.aborted);
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

/** What a rebuild came to. */
class Rebuild {
  readonly #streams: readonly PlannedStream[];
  readonly #label: string;
  readonly failures = new Failures();
  readonly errors: Failure[] = [];
  /** By the destination's name: what was said last, and when, on the monotonic clock. */
  readonly #statuses = new Map<string, TraceStreamStatus>();
  readonly #started = new Map<string, number>();
  readonly #ended = new Map<string, number>();

  constructor(streams: readonly PlannedStream[], label: string) {
    this.#streams = streams;
    this.#label = label;
  }

  onStatus(said: TraceStreamStatus): void {
    const key = streamKey(said.stream_descriptor);
    this.#statuses.set(key, said);
    (said.status === "STARTED" ? this.#started : this.#ended).set(key, performance.now());
  }

  judge(exit: Exit, isInterrupted: boolean): WorkOutcome {
    const { failures, errors } = this;
    for (const error of errors) failures.add("destination", error);
    if (!isInterrupted) {
      const endedWell = exit.kind === "exited" && exit.code === 0;
      if (!endedWell && errors.length === 0)
        failures.add("destination", exitFailure(this.#label, exit), failures.any);
      for (const stream of this.#streams)
        if (!this.#isComplete(stream))
          failures.add("destination", this.#notRebuilt(stream), failures.any);
    }
    const streams = this.#streams.map((stream) => this.#report(stream));
    return { streams, failures, notes: [], isWorthRepeatingNow: false };
  }

  #isComplete({ destination }: PlannedStream): boolean {
    return this.#statuses.get(streamKey(destination))?.status === "COMPLETE";
  }

  #notRebuilt({ source }: PlannedStream): Failure {
    const { name, namespace } = source;
    return new Failure(
      "stream.incomplete",
      `stream ${streamLabel(source)}: ${this.#label} did not rebuild it`,
      { stream: { name, namespace: namespace ?? undefined } },
    );
  }

  #report(stream: PlannedStream): StreamReport {
    const { name, namespace } = stream.source;
    const key = streamKey(stream.destination);
    const stats = this.#statuses.get(key)?.stats;
    const ms = (this.#ended.get(key) ?? 0) - (this.#started.get(key) ?? 0);
    return {
      name,
      ...(namespace && { namespace }),
      status: this.#isComplete(stream) ? "complete" : "incomplete",
      emitted: 0,
      committed: stats?.recordCount ?? 0,
      bytes: 0,
      seconds: Math.round(Math.max(0, ms)) / 1000,
      ...(stats?.nulledCount !== undefined && { nulled: stats.nulledCount }),
    };
  }
}
