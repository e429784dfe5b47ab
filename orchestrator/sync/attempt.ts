import { streamKey, streamLabel, type ConfiguredCatalog } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { TimeLimits } from "../config/config.ts";
import type { Connector } from "../connector/connector.ts";
import type { ConnectorProcess } from "../connector/process.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { Accounts } from "./accounts.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { configuredCatalog } from "./catalogs.ts";
import { readDestination } from "./destination-output.ts";
import { Failures } from "./failures.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { Judgement } from "./judgement.ts";
import { PacedWriter } from "./paced-writer.ts";
import type { PlannedStream } from "./select-streams.ts";
import { SourceRelay } from "./source-relay.ts";
import type { StateKeeper } from "./state-keeper.ts";

/** What one attempt works with. */
export interface AttemptSetup {
  readonly source: SourceSide;
  readonly destination: Connector;
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
  readonly limits: TimeLimits;
  readonly log: AttemptLog;
  readonly stop: StopRequest;
  /** Called often; must be cheap. */
  readonly onProgress: (accounts: Accounts) => void;
}

/** Where the records come from. */
export interface SourceSide {
  readonly label: string;
  prepare(): Promise<void>;
  read(catalog: ConfiguredCatalog, state: Buffer | undefined): ConnectorProcess;
}

/** How a run is asked to end early. */
export interface StopRequest {
  /** Stop the source, let the destination commit what it has, save the state. */
  readonly gracefully: AbortSignal;
  /** Kill everything now. */
  readonly now: AbortSignal;
}

export interface AttemptOutcome {
  readonly accounts: Accounts;
  readonly failures: Failures;
  readonly interrupted: boolean;
}

/**
 * Runs both connectors once, from start to end. Never throws: what went wrong is in the outcome.
 * When it resolves, both processes are gone and every acknowledged state is on disk.
 */
export async function runAttempt(setup: AttemptSetup): Promise<AttemptOutcome> {
  return new Attempt(setup).run();
}

class Attempt {
  readonly #setup: AttemptSetup;
  readonly #accounts: Accounts;
  readonly #states: Acknowledgements;
  readonly #failures = new Failures();
  readonly #judgement: Judgement;
  readonly #relay: SourceRelay;
  #source!: ConnectorProcess;
  #destination!: ConnectorProcess;
  #input!: PacedWriter;
  #sourceBeats = 0;
  #destinationBeats = 0;
  #sourceIsOver = false;
  #destinationIsOver = false;

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
    this.#accounts = new Accounts(setup.streams);
    const kind = setup.keeper.kindOf(setup.streams.map(({ source }) => source));
    this.#states = new Acknowledgements(kind);
    for (const account of this.#accounts.all)
      if (setup.delivered.has(streamKey(account.plan.source))) account.wasDelivered();
    this.#judgement = new Judgement(
      {
        accounts: this.#accounts,
        states: this.#states,
        keeper: setup.keeper,
        sourceLabel: setup.source.label,
        destinationLabel: setup.destination.label,
        destinationRemembers: setup.destinationRemembers,
        isInterrupted: () => setup.stop.gracefully.aborted,
        isInputBroken: () => this.#input.isBroken,
      },
      this.#failures,
    );
    this.#relay = new SourceRelay(
      this.#accounts,
      this.#states,
      {
        onError: (failure) => this.#judgement.sourceErrors.push(failure),
        onStatus: ({ plan }, status) =>
          setup.log.event({ event: "stream_status", stream: streamLabel(plan.source), status }),
        onEstimate: () => {},
      },
      setup.log,
      setup.source.label,
    );
  }

  async run(): Promise<AttemptOutcome> {
    const { source, destination, streams, delivered, state, stop } = this.#setup;
    const asked = streams.filter((stream) => !delivered.has(streamKey(stream.source)));
    try {
      await Promise.all([source.prepare(), destination.prepare()]);
      // Both are read from in the tick that starts them.
      this.#destination = destination.write(configuredCatalog(streams, "destination"));
      this.#source = source.read(configuredCatalog(asked, "source"), state);
    } catch (error) {
      this.#destination?.kill();
      this.#failures.add("syncline", error);
      return this.#outcome();
    }
    this.#input = new PacedWriter(this.#destination.stdin);
    const gracefully = () => this.#source.stop();
    const now = () => this.#killBoth();
    stop.gracefully.addEventListener("abort", gracefully);
    stop.now.addEventListener("abort", now);
    if (stop.gracefully.aborted) gracefully();
    if (stop.now.aborted) now();
    const heartbeat = this.#watch();
    try {
      await Promise.all([this.#pumpSource(), this.#followDestination()]);
    } finally {
      heartbeat.stop();
      stop.gracefully.removeEventListener("abort", gracefully);
      stop.now.removeEventListener("abort", now);
    }
    this.#judgement.judgeStreams(await this.#destination.exit);
    return this.#outcome();
  }

  #outcome(): AttemptOutcome {
    try {
      this.#setup.keeper.flush();
    } catch (error) {
      this.#failures.add("syncline", error);
    }
    return {
      accounts: this.#accounts,
      failures: this.#failures,
      interrupted: this.#setup.stop.gracefully.aborted,
    };
  }

  /** Source to destination, to the source's end; then the destination learns what is complete. */
  async #pumpSource(): Promise<void> {
    const { onProgress } = this.#setup;
    const judgement = this.#judgement;
    try {
      for await (const chunk of this.#source.stdout as AsyncIterable<Buffer>) {
        this.#sourceBeats++;
        await this.#input.write(this.#relay.push(chunk));
        onProgress(this.#accounts);
        if (this.#input.isBroken) break;
      }
      if (!this.#input.isBroken) await this.#input.write(this.#relay.end());
    } catch (error) {
      judgement.sourceBroke = true;
      if (error instanceof Failure && error.code === "protocol.torn_line") judgement.torn = error;
      else {
        this.#failures.add("source", error);
        this.#source.stop();
      }
    }
    if (this.#input.isBroken) this.#source.stop();
    const exit = await this.#source.exit;
    this.#sourceIsOver = true;
    judgement.judgeSource(exit);
    if (judgement.sourceEndedWell(exit)) await this.#announceComplete();
    judgement.inputIsOver = true;
    this.#input.end();
  }

  /** The destination's answers, to its end. */
  async #followDestination(): Promise<void> {
    const { destination, keeper, log, onProgress } = this.#setup;
    const noticeItsEnd = async () => {
      await this.#destination.exit;
      this.#destinationIsOver = true;
      this.#input.abandon();
    };
    void noticeItsEnd();
    try {
      await readDestination(
        this.#beating(this.#destination.stdout as AsyncIterable<Buffer>),
        destination.label,
        {
          onState: (line) => {
            const sent = this.#states.take(line);
            if (sent === undefined) {
              log.own("WARN", `${destination.label} printed a STATE again; the newer one counts`);
              return;
            }
            keeper.accept(sent.line);
            onProgress(this.#accounts);
          },
          onError: (failure) => this.#judgement.destinationErrors.push(failure),
        },
        log,
      );
    } catch (error) {
      // Whatever it says from here on cannot be trusted.
      this.#failures.add("destination", error);
      this.#killBoth();
    }
    this.#judgement.judgeDestination(await this.#destination.exit);
  }

  async *#beating(stdout: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of stdout) {
      this.#destinationBeats++;
      yield chunk;
    }
  }

  /** A stream is announced once: the destination may now replace what it had. */
  async #announceComplete(): Promise<void> {
    for (const account of this.#accounts.all) {
      if (account.status !== "COMPLETE") continue;
      await this.#input.write(this.#relay.finish(account));
      this.#judgement.announced.add(account);
    }
  }

  #watch(): { stop(): void } {
    const { limits, source, destination } = this.#setup;
    const silent = (origin: "source" | "destination", label: string, seconds: number) => () => {
      this.#failures.add(
        origin,
        new Failure("connector.silent", `${label} showed no sign of life for ${seconds} s`, {
          hint: `limits.${origin}_silence_seconds in the connection allows it more`,
        }),
      );
      this.#killBoth();
    };
    return startHeartbeat([
      {
        pulse: () => this.#sourceBeats,
        isDue: () => !this.#sourceIsOver && !this.#input.isBlocked,
        limitMs: limits.sourceSilenceSeconds * 1000,
        onSilence: silent("source", source.label, limits.sourceSilenceSeconds),
      },
      {
        pulse: () => `${this.#destinationBeats} ${this.#input.waitingBytes}`,
        isDue: () =>
          !this.#destinationIsOver && (this.#input.isBlocked || this.#judgement.inputIsOver),
        limitMs: limits.destinationSilenceSeconds * 1000,
        onSilence: silent("destination", destination.label, limits.destinationSilenceSeconds),
      },
    ]);
  }

  #killBoth(): void {
    this.#source.kill();
    this.#destination.kill();
  }
}
