import { streamKey, streamLabel, type ConfiguredCatalog } from "../../protocol/catalog.ts";
import { asFailure, Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { StateType } from "../../protocol/state.ts";
import type { TimeLimits } from "../config/config.ts";
import type { ConnectorName } from "../connector/launch.ts";
import { readOutput } from "../connector/output.ts";
import type { ConnectorProcess, Exit } from "../connector/process.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import type { Evidence, SourceEvidence, StreamEvidence } from "./evidence.ts";
import { ReportedErrors, thrownFailure, type AttemptFailure } from "./failures.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { judge, judgeSource, type StreamVerdict, type Verdict } from "./judgement.ts";
import type { StateKeeper } from "./positions/state-keeper.ts";
import { Acknowledgements } from "./relay/acknowledgements.ts";
import { DestinationInput } from "./relay/destination-input.ts";
import { SourceRelay } from "./relay/source-relay.ts";
import { SyncStats, type StreamStats } from "./relay/stream-stats.ts";
import { configuredCatalog } from "./streams/catalogs.ts";
import type { PlannedStream } from "./streams/select-streams.ts";
import type { StopRequest } from "./work.ts";

/** What one attempt works with. */
export interface AttemptSetup {
  readonly source: SourceSide;
  readonly destination: DestinationSide;
  /** Whether it acknowledges only what is in its final place, so that an acknowledgement counts even
   * if it then ends badly because of another stream. */
  readonly destinationRemembers: boolean;
  readonly streams: readonly PlannedStream[];
  /** `streamKey`s of those an earlier attempt delivered whole: the source is not asked for them, the
   * destination only has to finish them. */
  readonly delivered: ReadonlySet<string>;
  readonly keeper: StateKeeper;
  /** The content of the source's state file. */
  readonly state: Buffer | undefined;
  /** The kind of STATE the source had in an earlier attempt of the job. */
  readonly stateType: StateType | undefined;
  readonly limits: TimeLimits;
  readonly log: AttemptLog;
  readonly stop: StopRequest;
  /** Called often; must be cheap. */
  readonly onProgress: (stats: SyncStats) => void;
}

/** Where the records come from. */
export interface SourceSide extends ConnectorName {
  /** Must have resolved before `read`. */
  prepare(): Promise<void>;
  read(catalog: ConfiguredCatalog, state: Buffer | undefined): ConnectorProcess;
  /** Keeps settings that it changed itself. */
  updateConfig?(config: JsonObject): Promise<void>;
}

/** Where they go. */
export interface DestinationSide extends ConnectorName {
  /** Must have resolved before `write`. */
  prepare(): Promise<void>;
  write(catalog: ConfiguredCatalog): ConnectorProcess;
  /** Keeps settings that it changed itself. */
  updateConfig(config: JsonObject): Promise<void>;
}

export interface AttemptOutcome extends Pick<Verdict, "failures" | "notes"> {
  readonly streams: readonly StreamOutcome[];
  /** The kind of STATE the source sent; undefined: none. */
  readonly stateType: StateType | undefined;
}

/** What is known of a stream, and what it came to. */
export interface StreamOutcome {
  readonly stats: StreamStats;
  readonly verdict: StreamVerdict;
}

/**
 * Runs both connectors once, from start to end. Never throws: what went wrong is in the outcome.
 * When it resolves, however it went, both processes are gone and every acknowledged state is on disk.
 */
export async function runAttempt(setup: AttemptSetup): Promise<AttemptOutcome> {
  return new Attempt(setup).run();
}

/** The two processes and what lies between them. */
interface Running {
  readonly source: ConnectorProcess;
  readonly destination: ConnectorProcess;
  readonly input: DestinationInput;
  readonly relay: SourceRelay;
}

/**
 * Gathers the evidence; `judgement.ts` draws the conclusions. Each fact is written down where it is
 * seen, and none is looked at again before both processes are gone, but for one question: whether
 * the COMPLETEs of a source that has ended may be passed on.
 */
class Attempt {
  readonly #setup: AttemptSetup;
  readonly #stats: SyncStats;
  readonly #states: Acknowledgements;
  /** What failed on our side: a bug, mostly. */
  readonly #own: Failure[] = [];

  readonly #sourceErrors: ReportedErrors;
  readonly #lateErrors: ReportedErrors;
  readonly #sourceFaults: Failure[] = [];
  #torn: Failure | undefined;
  #wasReadToEnd = false;
  readonly #destinationErrors: ReportedErrors;
  readonly #destinationFaults: Failure[] = [];
  readonly #announced = new Set<StreamStats>();

  /** CONTROL messages of the source not taken care of yet. */
  readonly #updates: JsonObject[] = [];
  #sourceBeats = 0;
  #destinationBeats = 0;
  #isSourceStopped = false;
  #sourceIsOver = false;
  #destinationIsOver = false;

  constructor(setup: AttemptSetup) {
    const { streams, keeper, delivered } = setup;
    this.#setup = setup;
    this.#stats = new SyncStats(streams, delivered);
    this.#states = new Acknowledgements(
      keeper.kindOf(streams.map(({ source }) => source)),
      (stream) => this.#stats.find(stream)?.plan.destination ?? stream,
    );
    const ours = new Set(streams.map(({ source }) => streamKey(source)));
    const theirs = new Set(streams.map(({ destination }) => streamKey(destination)));
    this.#sourceErrors = new ReportedErrors(ours);
    this.#lateErrors = new ReportedErrors(ours);
    this.#destinationErrors = new ReportedErrors(theirs);
  }

  async run(): Promise<AttemptOutcome> {
    try {
      return this.#outcome(await this.#both(await this.#start()));
    } catch (error) {
      return this.#outcome({ ...this.#nothing(), failures: [thrownFailure(error)] });
    }
  }

  /** What an attempt that did not begin came to. */
  #nothing(): Verdict {
    const stream = { isComplete: false, committed: 0, wasReadWhole: "no" } as const;
    return { streams: this.#stats.streams.map(() => stream), failures: [], notes: [] };
  }

  /** Starts both or, if that throws, none. They are to be read from in the same tick. */
  async #start(): Promise<Running> {
    const { streams, delivered, state } = this.#setup;
    const asked = streams.filter((stream) => !delivered.has(streamKey(stream.source)));
    await this.#setup.source.prepare();
    await this.#setup.destination.prepare();
    const destination = this.#setup.destination.write(configuredCatalog(streams, "destination"));
    let source: ConnectorProcess;
    try {
      source = this.#setup.source.read(configuredCatalog(asked, "source"), state);
    } catch (error) {
      destination.kill();
      destination.stdout.destroy();
      await destination.exit;
      throw error;
    }
    const input = new DestinationInput(destination.stdin, () => this.#stopSource(source));
    return { source, destination, input, relay: this.#relay(input) };
  }

  #relay(input: DestinationInput): SourceRelay {
    const { source, stateType, log } = this.#setup;
    return new SourceRelay({
      source,
      stats: this.#stats,
      states: this.#states,
      expected: stateType,
      input,
      log,
      events: {
        onError: (error) =>
          (this.#isSourceStopped ? this.#lateErrors : this.#sourceErrors).add(error),
        onStatus: ({ plan }, status) =>
          log.event({ event: "stream_status", stream: streamLabel(plan.source), status }),
        onControl: (config) => this.#updates.push(config),
      },
    });
  }

  /** Lets both run to their end. */
  async #both(running: Running): Promise<Verdict> {
    const { stop } = this.#setup;
    const { source, destination } = running;
    const gracefully = () => this.#stopSource(source);
    const now = () => this.#killBoth(running);
    stop.gracefully.addEventListener("abort", gracefully);
    stop.now.addEventListener("abort", now);
    if (stop.gracefully.aborted) gracefully();
    if (stop.now.aborted) now();
    const heartbeat = this.#watch(running);
    const side = async (work: Promise<void>) => {
      try {
        await work;
      } catch (error) {
        this.#own.push(asFailure(error)); // a bug of ours must not leave the other side waiting
        this.#killBoth(running);
      }
    };
    try {
      await Promise.all([
        side(this.#pumpSource(running)),
        side(this.#followDestination(running)),
        this.#noticeEnd(running),
      ]);
      return judge(this.#evidence(running, await source.exit, await destination.exit));
    } finally {
      heartbeat.stop();
      stop.gracefully.removeEventListener("abort", gracefully);
      stop.now.removeEventListener("abort", now);
    }
  }

  /** Puts the verdict into the state, and that on disk. */
  #outcome({ streams, failures, notes }: Verdict): AttemptOutcome {
    const { keeper } = this.#setup;
    const unsaved: AttemptFailure[] = [];
    const outcomes = this.#stats.streams.map((stats, index) => ({
      stats,
      verdict: streams[index]!,
    }));
    for (const { stats, verdict } of outcomes)
      if (verdict.isComplete) keeper.complete(stats.plan.source);
    try {
      keeper.flush();
    } catch (error) {
      unsaved.push(thrownFailure(error));
    }
    return {
      streams: outcomes,
      failures: [...failures, ...unsaved],
      notes,
      stateType: this.#states.type,
    };
  }

  /** Source to destination, to the source's end; then the destination learns what is complete. */
  async #pumpSource(running: Running): Promise<void> {
    const { source, input, relay } = running;
    try {
      await this.#readSource(running);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.code === "protocol.torn_line") this.#torn = error;
      else {
        this.#sourceFaults.push(error);
        this.#stopSource(source);
      }
    }
    const exit = await source.exit;
    this.#sourceIsOver = true;
    const streams = this.#streamEvidence();
    const { complete } = judgeSource(this.#sourceEvidence(relay, exit), streams);
    // Said once: the destination may now replace what it had.
    for (const [index, stats] of this.#stats.streams.entries()) {
      if (!complete.has(streams[index]!)) continue;
      relay.finish(stats);
      await input.flush();
      this.#announced.add(stats);
    }
    await input.flush();
    input.end();
  }

  async #readSource(running: Running): Promise<void> {
    const { source, input, relay } = running;
    const { onProgress } = this.#setup;
    for await (const chunk of source.stdout as AsyncIterable<Buffer>) {
      this.#sourceBeats++;
      relay.push(chunk);
      await input.flush();
      await this.#keepUpdates();
      onProgress(this.#stats);
      if (input.isBroken) return;
    }
    this.#wasReadToEnd = true;
    relay.end();
    await this.#keepUpdates();
  }

  /** Settings that the source wants kept, before more of its output is read. */
  async #keepUpdates(): Promise<void> {
    for (const config of this.#updates.splice(0)) await this.#setup.source.updateConfig?.(config);
  }

  /** The destination's answers, to its end. */
  async #followDestination(running: Running): Promise<void> {
    const { destination, keeper, log, onProgress } = this.#setup;
    const { stdout, exit } = running.destination;
    try {
      await readOutput(this.#beating(stdout as AsyncIterable<Buffer>), destination, log, {
        onState: (line) => {
          const sent = this.#states.take(line);
          if (sent === undefined) {
            log.own("WARN", `${destination.label} printed a STATE again; the newer one counts`);
            return;
          }
          keeper.accept(sent.line);
          onProgress(this.#stats);
        },
        onError: (error) => this.#destinationErrors.add(error),
        onControl: (config) => destination.updateConfig(config),
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Whatever it says from here on cannot be trusted.
      this.#destinationFaults.push(error);
      running.destination.kill();
    }
    await exit;
  }

  async #noticeEnd({ destination, input }: Running): Promise<void> {
    await destination.exit;
    this.#destinationIsOver = true;
    input.abandon();
  }

  async *#beating(stdout: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of stdout) {
      this.#destinationBeats++;
      yield chunk;
    }
  }

  #watch(running: Running): { stop(): void } {
    const { limits, source, destination } = this.#setup;
    const { input } = running;
    return startHeartbeat([
      {
        pulse: () => this.#sourceBeats,
        isDue: () => !this.#sourceIsOver && !input.isBlocked,
        limitMs: limits.sourceSilenceSeconds * 1000,
        onSilence: () => {
          this.#sourceFaults.push(silence(source, limits.sourceSilenceSeconds));
          // The destination gets the end of its input, and commits what it has.
          this.#isSourceStopped = true;
          running.source.kill();
        },
      },
      {
        pulse: () => `${this.#destinationBeats} ${input.waitingBytes}`,
        isDue: () => !this.#destinationIsOver && (input.isBlocked || input.isEnded),
        limitMs: limits.destinationSilenceSeconds * 1000,
        onSilence: () => {
          this.#destinationFaults.push(silence(destination, limits.destinationSilenceSeconds));
          running.destination.kill();
        },
      },
    ]);
  }

  #stopSource(source: ConnectorProcess): void {
    this.#isSourceStopped = true;
    source.stop();
  }

  #killBoth({ source, destination }: Running): void {
    this.#isSourceStopped = true;
    source.kill();
    destination.kill();
  }

  #evidence({ relay, input }: Running, sourceExit: Exit, destinationExit: Exit): Evidence {
    const { destination, destinationRemembers, stop } = this.#setup;
    return {
      source: this.#sourceEvidence(relay, sourceExit),
      destination: {
        name: destination,
        exit: destinationExit,
        reported: this.#destinationErrors.all,
        faults: this.#destinationFaults,
        tookAll: input.wasTaken,
        remembers: destinationRemembers,
      },
      streams: this.#streamEvidence(),
      own: this.#own,
      isInterrupted: stop.gracefully.aborted,
    };
  }

  #sourceEvidence({ sendsStatuses }: SourceRelay, exit: Exit): SourceEvidence {
    return {
      name: this.#setup.source,
      exit,
      reported: this.#sourceErrors.all,
      reportedLate: this.#lateErrors.all,
      faults: this.#sourceFaults,
      torn: this.#torn,
      wasReadToEnd: this.#wasReadToEnd,
      sendsStatuses,
    };
  }

  #streamEvidence(): StreamEvidence[] {
    const pending = this.#states.pending();
    return this.#stats.streams.map((stats) => {
      const { plan, isAsked, status, emitted, forwarded, committed, states, lastBlob } = stats;
      const waiting = pending.filter(({ covers }) => covers.some(({ stream }) => stream === stats));
      const earlier = waiting.slice(0, -1).map(({ line }) => line.streams[0]?.blob);
      if (waiting.length > 0) earlier.push(this.#setup.keeper.entry(plan.source)?.blob);
      return {
        source: plan.source,
        destination: plan.destination,
        isAsked,
        status,
        emitted,
        forwarded,
        committed,
        states,
        isAcknowledged: waiting.length === 0,
        isAnnounced: this.#announced.has(stats),
        endsWithState: lastBlob !== undefined && !stats.hasUncovered,
        isAmbiguous: lastBlob !== undefined && earlier.some((blob) => blob?.equals(lastBlob)),
      };
    });
  }
}

function silence({ role, label }: ConnectorName, seconds: number): Failure {
  return new Failure("connector.silent", `${label} showed no sign of life for ${seconds} s`, {
    hint: `limits.${role}_silence_seconds in the connection allows it more`,
    origin: role,
  });
}
