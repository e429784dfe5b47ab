import { streamKey } from "../../protocol/catalog.ts";
import { asFailure } from "../../protocol/errors.ts";
import type { StateType, StreamStatePart } from "../../protocol/state.ts";
import type { TimeLimits } from "../config/config.ts";
import type { ConnectorProcess } from "../connector/process.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { DestinationOutput } from "./destination-output.ts";
import { EvidenceLog } from "./evidence.ts";
import { thrownFailure, type AttemptFailure } from "./failures.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { judge, type StreamVerdict, type Verdict } from "./judgement.ts";
import type { StateKeeper } from "./positions/state-keeper.ts";
import { streamsThat, type Beginning } from "./positions/stream-states.ts";
import { Acknowledgements } from "./relay/acknowledgements.ts";
import { DestinationInput } from "./relay/destination-input.ts";
import { SourceInput } from "./relay/source-input.ts";
import { SyncStats, type StreamStats } from "./relay/stream-stats.ts";
import type { DestinationSide, SourceSide } from "./sides.ts";
import { SourceOutput } from "./source-output.ts";
import { Stopping } from "./stopping.ts";
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
  /** Undefined: it is told nothing. */
  readonly sourceInput: SourceInput | undefined;
  readonly sourceOutput: SourceOutput;
  readonly destinationOutput: DestinationOutput;
  readonly stopping: Stopping;
}

/**
 * Runs both sides and writes down what is seen of them; `judgement.ts` draws the conclusions, when
 * both are gone. One question comes before that, in `source-output.ts`: whether the COMPLETEs of a
 * source that has ended may be passed on.
 */
class Attempt {
  readonly #setup: AttemptSetup;
  readonly #stats: SyncStats;
  readonly #states: Acknowledgements;
  readonly #seen: EvidenceLog;
  /** The last STATE of each stream that nobody asked for. */
  readonly #unasked = new Map<string, StreamStatePart>();
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
    return this.#connect(source, destination);
  }

  /** What lies between the two. */
  #connect(source: ConnectorProcess, destination: ConnectorProcess): Running {
    const { stateType, keeper, log, terms, limits, onProgress } = this.#setup;
    const [stats, states, seen] = [this.#stats, this.#states, this.#seen];
    const sourceInput = terms.acknowledges ? new SourceInput(source.stdin) : undefined;
    const stopping = new Stopping({
      source,
      destination,
      sourceInput,
      seen,
      follows: terms.follows,
      stopSeconds: limits.stopSeconds,
    });
    const input = new DestinationInput(destination.stdin, () => stopping.stopSource());
    const sourceOutput = new SourceOutput({
      source: this.#setup.source,
      process: source,
      acknowledges: terms.acknowledges,
      stats,
      states,
      expected: stateType,
      input,
      log,
      seen,
      stopping,
      onUnaskedState: (part) => this.#unasked.set(streamKey(part.stream), part),
      onProgress,
    });
    const destinationOutput = new DestinationOutput({
      destination: this.#setup.destination,
      process: destination,
      input,
      sourceInput,
      stats,
      states,
      seen,
      keeper,
      log,
      onProgress,
    });
    return { source, destination, input, sourceInput, sourceOutput, destinationOutput, stopping };
  }

  /** Lets both run to their end, and judges them. */
  async #both(running: Running): Promise<Verdict> {
    const { stop, keeper } = this.#setup;
    const { sourceInput, sourceOutput, destinationOutput, stopping } = running;
    keeper.onSaved = () => sourceInput?.saved();
    stopping.obey(stop);
    const heartbeat = this.#watch(running);
    const side = async (work: Promise<void>) => {
      try {
        await work;
      } catch (error) {
        this.#seen.own.push(asFailure(error)); // a bug of ours must not leave the other side waiting
        stopping.killBoth();
      }
    };
    try {
      await Promise.all([
        side(sourceOutput.passOn()),
        side(destinationOutput.read()),
        this.#noticeEnd(running),
      ]);
      return await this.#judge(running);
    } finally {
      stopping.end();
      heartbeat.stop();
      keeper.onSaved = () => {};
    }
  }

  async #judge({ source, destination, input, sourceOutput }: Running): Promise<Verdict> {
    const seen = this.#seen;
    return judge({
      source: sourceOutput.evidence(await source.exit),
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

  async #noticeEnd({ destination, input }: Running): Promise<void> {
    await destination.exit;
    this.#destinationIsOver = true;
    input.abandon();
  }

  #watch(running: Running): { stop(): void } {
    const { limits, source, destination, terms } = this.#setup;
    const { input, sourceOutput, destinationOutput, stopping } = running;
    return startHeartbeat([
      {
        who: source,
        pulse: () => sourceOutput.beats,
        // Who follows has nothing to say for as long as nothing changes.
        isDue: () => !terms.follows && !sourceOutput.isOver && !input.isBlocked,
        limitSeconds: limits.sourceSilenceSeconds,
        onSilence: (failure) => {
          this.#seen.sourceFaults.push(failure);
          // The destination gets the end of its input, and commits what it has.
          stopping.killSource();
        },
      },
      {
        who: destination,
        pulse: () => `${destinationOutput.beats} ${input.waitingBytes}`,
        isDue: () => !this.#destinationIsOver && (input.isBlocked || input.isEnded),
        limitSeconds: limits.destinationSilenceSeconds,
        onSilence: (failure) => {
          this.#seen.destinationFaults.push(failure);
          running.destination.kill();
        },
      },
    ]);
  }
}
