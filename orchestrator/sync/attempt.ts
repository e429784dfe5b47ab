import { setTimeout as sleep } from "node:timers/promises";
import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { asFailure, Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { StateType, StreamStatePart } from "../../protocol/state.ts";
import type { TimeLimits } from "../config/config.ts";
import { readOutput } from "../connector/output.ts";
import type { ConnectorProcess } from "../connector/process.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { EvidenceLog } from "./evidence.ts";
import { thrownFailure, type AttemptFailure } from "./failures.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { judge, judgeSource, type StreamVerdict, type Verdict } from "./judgement.ts";
import type { StateKeeper } from "./positions/state-keeper.ts";
import { streamsThat, type Beginning } from "./positions/stream-states.ts";
import { Acknowledgements } from "./relay/acknowledgements.ts";
import { DestinationInput } from "./relay/destination-input.ts";
import { SourceInput } from "./relay/source-input.ts";
import { SourceRelay } from "./relay/source-relay.ts";
import { SyncStats, type StreamStats } from "./relay/stream-stats.ts";
import type { DestinationSide, SourceSide } from "./sides.ts";
import { destinationCatalog, sourceCatalog } from "./streams/catalogs.ts";
import type { LeftOut } from "./streams/left-out.ts";
import type { PlannedStream } from "./streams/select-streams.ts";
import type { Terms } from "./terms.ts";
import type { StopRequest } from "./work.ts";

/** What one attempt works with. */
export interface AttemptSetup {
  readonly source: SourceSide;
  readonly destination: DestinationSide;
  /** Whether it acknowledges only what is in its final place, so that an acknowledgement counts even
   * if it then ends badly because of another stream. */
  readonly destinationRemembers: boolean;
  readonly terms: Terms;
  readonly streams: readonly PlannedStream[];
  /** What it goes on without. */
  readonly leftOut: readonly LeftOut[];
  /**
   * How each begins, by `streamKey`. Those that an earlier attempt delivered whole the source is not
   * asked for, and the destination only has to finish them.
   */
  readonly beginnings: ReadonlyMap<string, Beginning>;
  /** `streamKey`s of those of which rows of earlier jobs may be at the destination. */
  readonly mayHaveRows: ReadonlySet<string>;
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

export interface AttemptOutcome extends Pick<Verdict, "failures" | "notes"> {
  readonly streams: readonly StreamOutcome[];
  /** When it was read from the source, and how long the destination took nothing meanwhile. */
  readonly stats: SyncStats;
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
  /** Undefined: it is told nothing. */
  readonly sourceInput: SourceInput | undefined;
}

/**
 * Runs both sides and writes down what is seen of them; `judgement.ts` draws the conclusions, when
 * both are gone. One question comes before that: whether the COMPLETEs of a source that has ended may
 * be passed on.
 */
class Attempt {
  readonly #setup: AttemptSetup;
  readonly #stats: SyncStats;
  readonly #states: Acknowledgements;
  readonly #seen: EvidenceLog;
  /** CONTROL messages of the source not taken care of yet. */
  readonly #updates: JsonObject[] = [];
  /** The last STATE of each stream that nobody asked for. */
  readonly #unasked = new Map<string, StreamStatePart>();
  #sourceBeats = 0;
  #destinationBeats = 0;
  #sourceIsOver = false;
  #destinationIsOver = false;

  constructor(setup: AttemptSetup) {
    const { source, streams, keeper, beginnings, mayHaveRows } = setup;
    this.#setup = setup;
    this.#stats = new SyncStats(streams, streamsThat("delivered", beginnings));
    this.#states = new Acknowledgements(
      keeper.kindOf(streams.map((stream) => stream.source)),
      (stream) => this.#stats.find(stream)?.plan.destination ?? stream,
    );
    this.#seen = new EvidenceLog({
      source,
      stats: this.#stats,
      states: this.#states,
      mayHaveRows,
      positionOf: (stream) => keeper.entry(stream)?.blob,
    });
  }

  async run(): Promise<AttemptOutcome> {
    try {
      return this.#outcome(await this.#both(await this.#start()));
    } catch (error) {
      const streams = this.#stats.streams.map(({ committed }): StreamVerdict => ({
        isComplete: false,
        committed,
        wasReadWhole: "no",
        isRefused: false,
      }));
      return this.#outcome({ streams, failures: [thrownFailure(error)], notes: [] });
    }
  }

  /** Starts both or, if that throws, none. They are to be read from in the same tick. */
  async #start(): Promise<Running> {
    const { streams, state, terms } = this.#setup;
    const asked = this.#stats.streams.filter(({ isAsked }) => isAsked).map(({ plan }) => plan);
    await this.#setup.source.prepare();
    await this.#setup.destination.prepare();
    const destination = this.#setup.destination.write(destinationCatalog(streams), terms);
    let source: ConnectorProcess;
    try {
      source = this.#setup.source.read(sourceCatalog(asked, terms), state, terms);
    } catch (error) {
      destination.kill();
      destination.stdout.destroy();
      await destination.exit;
      throw error;
    }
    const input = new DestinationInput(destination.stdin, () => this.#stopSource(source));
    const sourceInput = terms.acknowledges ? new SourceInput(source.stdin) : undefined;
    return { source, destination, input, relay: this.#relay(input), sourceInput };
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
        onError: (error) => this.#seen.sourceError(error),
        onErrorLog: (text) => this.#seen.sourceErrorLog(text),
        onStatus: ({ plan }, status) =>
          log.event({ event: "stream_status", stream: streamLabel(plan.source), status }),
        onUnaskedState: (part) => this.#unasked.set(streamKey(part.stream), part),
        onControl: (config) => this.#updates.push(config),
      },
    });
  }

  /** Lets both run to their end, and judges them. */
  async #both(running: Running): Promise<Verdict> {
    const { stop, keeper, terms } = this.#setup;
    const hasEnded = new AbortController();
    const gracefully = () => {
      if (terms.follows) void this.#askSource(running, hasEnded.signal);
      else this.#stopSource(running.source);
      void this.#stopDestination(running, hasEnded.signal);
    };
    keeper.onSaved = () => running.sourceInput?.saved();
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
        this.#seen.own.push(asFailure(error)); // a bug of ours must not leave the other side waiting
        this.#killBoth(running);
      }
    };
    try {
      await Promise.all([
        side(this.#pumpSource(running)),
        side(this.#listenToDestination(running)),
        this.#noticeEnd(running),
      ]);
      return await this.#judge(running);
    } finally {
      hasEnded.abort();
      heartbeat.stop();
      keeper.onSaved = () => {};
      stop.gracefully.removeEventListener("abort", gracefully);
      stop.now.removeEventListener("abort", now);
    }
  }

  async #judge({ source, destination, input, relay }: Running): Promise<Verdict> {
    const seen = this.#seen;
    return judge({
      source: seen.source(await source.exit, relay.sendsStatuses),
      destination: {
        name: this.#setup.destination,
        exit: await destination.exit,
        reported: seen.destinationErrors.all,
        faults: seen.destinationFaults,
        tookAll: input.wasTaken,
        remembers: this.#setup.destinationRemembers,
      },
      streams: seen.streams(),
      leftOut: this.#setup.leftOut,
      own: seen.own,
      isInterrupted: this.#setup.stop.gracefully.aborted,
    });
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
      if (verdict.isComplete) keeper.complete(stats.plan.source, this.#isEmptied(stats));
    if (outcomes.every(({ verdict }) => verdict.isComplete))
      for (const part of this.#unasked.values()) keeper.acceptUnasked(part);
    try {
      keeper.flush();
    } catch (error) {
      unsaved.push(thrownFailure(error));
    }
    return {
      streams: outcomes,
      failures: [...failures, ...unsaved],
      notes,
      stats: this.#stats,
      stateType: this.#states.type,
    };
  }

  /** Whether a stream that is complete had nothing to put in the place of what was there. */
  #isEmptied({ plan: { source, configured }, forwarded }: StreamStats): boolean {
    const beginning = this.#setup.beginnings.get(streamKey(source));
    const isAllOfIt = beginning !== "resumed" && beginning !== "delivered";
    return (configured.minimum_generation_id ?? 0) > 0 && isAllOfIt && forwarded === 0;
  }

  /** Source to destination, to the source's end; then the destination learns what is complete. */
  async #pumpSource(running: Running): Promise<void> {
    const { source, input, relay } = running;
    try {
      await this.#readSource(running);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.code === "protocol.torn_line") this.#seen.torn = error;
      else {
        this.#seen.sourceFaults.push(error);
        this.#stopSource(source);
      }
    }
    const exit = await source.exit;
    this.#sourceIsOver = true;
    if (input.isEnded) return;
    const streams = this.#seen.streams();
    const { complete } = judgeSource(this.#seen.source(exit, relay.sendsStatuses), streams);
    const isComplete = (_: StreamStats, index: number) => complete.has(streams[index]!);
    await this.#finish(running, this.#stats.streams.filter(isComplete));
  }

  /** Tells the destination what is complete, and that no more comes. */
  async #finish({ relay, input }: Running, complete: readonly StreamStats[]): Promise<void> {
    this.#stats.readTo = performance.now();
    for (const stats of complete) {
      relay.finish(stats);
      await input.flush();
      this.#seen.announced(stats);
    }
    await input.flush();
    input.end();
  }

  /**
   * Whether all is said although the source has not ended: one that is told what is committed waits for
   * its last STATE, and a STATE of all streams for what the destination puts in place at the end.
   */
  #isAllSaid({ input }: Running): boolean {
    const asked = this.#stats.streams.filter(({ isAsked }) => isAsked);
    return (
      this.#setup.terms.acknowledges &&
      this.#states.type === "GLOBAL" &&
      !input.isEnded &&
      asked.every(({ status }) => status === "COMPLETE") &&
      this.#seen.isSourceSound
    );
  }

  async #readSource(running: Running): Promise<void> {
    const { source, input, relay } = running;
    const { onProgress } = this.#setup;
    const stats = this.#stats;
    for await (const chunk of source.stdout as AsyncIterable<Buffer>) {
      this.#sourceBeats++;
      stats.readFrom ??= performance.now();
      relay.push(chunk);
      const flushed = input.flush();
      const begun = input.isBlocked ? performance.now() : undefined;
      stats.isWaiting = input.isBlocked;
      await flushed;
      stats.isWaiting = false;
      if (begun !== undefined && stats.current) stats.current.waitedMs += performance.now() - begun;
      await this.#keepUpdates();
      onProgress(stats);
      if (this.#isAllSaid(running)) await this.#finish(running, stats.streams);
      if (input.isBroken && !input.isEnded) return;
    }
    this.#seen.wasReadToEnd = true;
    relay.end();
    await this.#keepUpdates();
  }

  /** Settings that the source wants kept, before more of its output is read. */
  async #keepUpdates(): Promise<void> {
    for (const config of this.#updates.splice(0)) await this.#setup.source.updateConfig?.(config);
  }

  /** The destination's answers, to its end. */
  async #listenToDestination(running: Running): Promise<void> {
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
          keeper.accept(sent.line, sent.isLast);
          running.sourceInput?.acknowledge(sent);
          if (running.sourceInput && running.input.isEnded) this.#saveNow(); // the source waits
          onProgress(this.#stats);
        },
        onError: (error) => this.#seen.destinationErrors.add(error),
        onStatus: (said) => this.#seen.destinationStatus(said),
        onActivity: (activity) => this.#stats.onActivity(activity),
        onControl: (config) => destination.updateConfig(config),
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Whatever it says from here on cannot be trusted.
      this.#seen.destinationFaults.push(error);
      running.destination.kill();
    }
    await exit;
    // A source that waits for its last STATE gets it now, or waits for nobody.
    if (!running.sourceInput || !running.input.isEnded) return;
    this.#saveNow();
    running.sourceInput.end();
  }

  /** The end of the attempt tries again, and fails it if that fails, too. */
  #saveNow(): void {
    try {
      this.#setup.keeper.flush();
    } catch (error) {
      this.#setup.log.own("WARN", asFailure(error).message);
    }
  }

  async *#beating(stdout: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of stdout) {
      this.#destinationBeats++;
      yield chunk;
    }
  }

  async #noticeEnd({ destination, input }: Running): Promise<void> {
    await destination.exit;
    this.#destinationIsOver = true;
    input.abandon();
  }

  #watch(running: Running): { stop(): void } {
    const { limits, source, destination, terms } = this.#setup;
    const { input } = running;
    return startHeartbeat([
      {
        who: source,
        pulse: () => this.#sourceBeats,
        // Who follows has nothing to say for as long as nothing changes.
        isDue: () => !terms.follows && !this.#sourceIsOver && !input.isBlocked,
        limitSeconds: limits.sourceSilenceSeconds,
        onSilence: (failure) => {
          this.#seen.sourceFaults.push(failure);
          // The destination gets the end of its input, and commits what it has.
          this.#seen.isSourceStopped = true;
          running.source.kill();
        },
      },
      {
        who: destination,
        pulse: () => `${this.#destinationBeats} ${input.waitingBytes}`,
        isDue: () => !this.#destinationIsOver && (input.isBlocked || input.isEnded),
        limitSeconds: limits.destinationSilenceSeconds,
        onSilence: (failure) => {
          this.#seen.destinationFaults.push(failure);
          running.destination.kill();
        },
      },
    ]);
  }

  /** It ends in good order, with what it has read; but not for as long as it likes. */
  async #askSource({ source, sourceInput }: Running, hasEnded: AbortSignal): Promise<void> {
    sourceInput?.stop();
    const stopMs = this.#setup.limits.stopSeconds * 1000;
    await sleep(stopMs, undefined, { signal: hasEnded }).catch(() => {});
    if (!hasEnded.aborted) this.#stopSource(source);
  }

  #stopSource(source: ConnectorProcess): void {
    this.#seen.isSourceStopped = true;
    source.stop();
  }

  /** It commits what it has by itself, but not while it waits for somebody else's lock. */
  async #stopDestination({ source, destination }: Running, hasEnded: AbortSignal): Promise<void> {
    await source.exit;
    const stopMs = this.#setup.limits.stopSeconds * 1000;
    await sleep(stopMs, undefined, { signal: hasEnded }).catch(() => {});
    if (!hasEnded.aborted) destination.stop();
  }

  #killBoth({ source, destination }: Running): void {
    this.#seen.isSourceStopped = true;
    source.kill();
    destination.kill();
  }
}
