import { streamLabel, type ConfiguredCatalog } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { TimeLimits } from "../config/config.ts";
import { describeExit, type Connector } from "../connector/connector.ts";
import type { ConnectorProcess, Exit } from "../connector/process.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { Accounts, type StreamAccount } from "./accounts.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { configuredCatalog } from "./catalogs.ts";
import { readDestination } from "./destination-output.ts";
import { Failures } from "./failures.ts";
import { startHeartbeat } from "./heartbeat.ts";
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
 *
 * A stream is complete only if the source said COMPLETE for it and ended well, and the destination
 * acknowledged its last STATE and ended well.
 */
export async function runAttempt(setup: AttemptSetup): Promise<AttemptOutcome> {
  return new Attempt(setup).run();
}

class Attempt {
  readonly #setup: AttemptSetup;
  readonly #accounts: Accounts;
  readonly #states = new Acknowledgements();
  readonly #failures = new Failures();
  readonly #relay: SourceRelay;
  #source!: ConnectorProcess;
  #destination!: ConnectorProcess;
  #input!: PacedWriter;
  /** The source's output could not be read to its end. */
  #sourceBroke = false;
  /** Its last line was cut: said only if the way it ended does not say more. */
  #torn: Failure | undefined;
  #sourceBeats = 0;
  #destinationBeats = 0;
  #sourceIsOver = false;
  #inputIsOver = false;
  #destinationIsOver = false;
  /** Streams whose COMPLETE was passed on. */
  readonly #announced = new Set<StreamAccount>();
  /** TRACE ERRORs of the source about one stream. */
  readonly #sourceErrors: Failure[] = [];
  readonly #destinationErrors: Failure[] = [];

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
    this.#accounts = new Accounts(setup.streams);
    this.#relay = new SourceRelay(
      this.#accounts,
      this.#states,
      {
        onError: (failure) => this.#sourceErrors.push(failure),
        onStatus: ({ plan }, status) =>
          setup.log.event({ event: "stream_status", stream: streamLabel(plan.source), status }),
        onEstimate: () => {},
      },
      setup.log,
      setup.source.label,
    );
  }

  async run(): Promise<AttemptOutcome> {
    const { source, destination, streams, state, stop } = this.#setup;
    try {
      await Promise.all([source.prepare(), destination.prepare()]);
      // Both are read from in the tick that starts them.
      this.#destination = destination.write(configuredCatalog(streams, "destination"));
      this.#source = source.read(configuredCatalog(streams, "source"), state);
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
    this.#judge(await this.#destination.exit);
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
      interrupted: this.#interrupted,
    };
  }

  get #interrupted(): boolean {
    return this.#setup.stop.gracefully.aborted;
  }

  /** Source to destination, to the source's end; then the destination learns what is complete. */
  async #pumpSource(): Promise<void> {
    const { onProgress } = this.#setup;
    try {
      for await (const chunk of this.#source.stdout as AsyncIterable<Buffer>) {
        this.#sourceBeats++;
        await this.#input.write(this.#relay.push(chunk));
        onProgress(this.#accounts);
        if (this.#input.isBroken) break;
      }
      if (!this.#input.isBroken) await this.#input.write(this.#relay.end());
    } catch (error) {
      this.#sourceBroke = true;
      if (error instanceof Failure && error.code === "protocol.torn_line") this.#torn = error;
      else {
        this.#failures.add("source", error);
        this.#source.stop();
      }
    }
    if (this.#input.isBroken) this.#source.stop();
    const exit = await this.#source.exit;
    this.#sourceIsOver = true;
    this.#judgeSource(exit);
    if (this.#sourceEndedWell(exit)) await this.#announceComplete();
    this.#inputIsOver = true;
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
          onError: (failure) => this.#destinationErrors.push(failure),
        },
        log,
      );
    } catch (error) {
      // Whatever it says from here on cannot be trusted.
      this.#failures.add("destination", error);
      this.#killBoth();
    }
    this.#judgeDestination(await this.#destination.exit);
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
      this.#announced.add(account);
    }
  }

  #sourceEndedWell(exit: Exit): boolean {
    if (this.#sourceBroke || this.#input.isBroken || this.#interrupted) return false;
    if (this.#sourceErrors.length > 0 && !this.#explainsItself) return false;
    if (exit.kind !== "exited") return false;
    // A source that failed in one stream, said so, and finished all others, ended in order.
    return exit.code === 0 || this.#explainsItself;
  }

  get #explainsItself(): boolean {
    const { all } = this.#accounts;
    return all.every((account) => account.isFinished) && all.some((a) => a.status === "INCOMPLETE");
  }

  #judgeSource(exit: Exit): void {
    const { source } = this.#setup;
    if (this.#interrupted) return; // however it ended, it was told to
    // What a source says or does after its reader is gone, or after we stopped it, follows from that.
    const isConsequence = this.#failures.any || this.#input.isBroken;
    for (const error of this.#sourceErrors) this.#failures.add("source", error, isConsequence);
    const isExplained = this.#sourceErrors.length > 0 || this.#explainsItself;
    if (exit.kind === "not-started") this.#failures.add("source", exit.failure);
    else if (exit.kind === "signaled" ? !exit.weAsked : exit.code !== 0 && !isExplained)
      this.#failures.add("source", exitFailure(source, exit), isConsequence);
    if (this.#torn) this.#failures.add("source", this.#torn, this.#failures.any);
    for (const account of this.#accounts.all)
      if (account.status !== "COMPLETE")
        this.#failures.add("source", incomplete(account, source.label), this.#failures.any);
  }

  #judgeDestination(exit: Exit): void {
    const { destination } = this.#setup;
    const endedEarly = !this.#inputIsOver;
    const wasTold = this.#announced.size === this.#accounts.all.length;
    if (this.#interrupted && !endedEarly && exit.kind === "exited") return; // it got half, and says so
    const isConsequence = this.#failures.any || (!endedEarly && !wasTold);
    for (const error of this.#destinationErrors)
      this.#failures.add("destination", error, isConsequence);
    if (exit.kind === "not-started") this.#failures.add("destination", exit.failure);
    else if (exit.kind === "signaled" ? !exit.weAsked : exit.code !== 0) {
      if (this.#destinationErrors.length === 0)
        this.#failures.add("destination", exitFailure(destination, exit), isConsequence);
    } else if (endedEarly && exit.kind === "exited")
      this.#failures.add(
        "destination",
        new Failure(
          "connector.closed_stdin",
          `${destination.label} ended with status 0 before its input did`,
        ),
        isConsequence,
      );
  }

  /** Decides which streams are complete, once both are gone. */
  #judge(exit: Exit): void {
    const { destination, keeper } = this.#setup;
    const waiting = this.#states.pending();
    // It complains about the streams that were not announced; the others are acknowledged or not.
    const isExcused =
      this.#setup.destinationRemembers &&
      this.#announced.size < this.#accounts.all.length &&
      exit.kind === "exited" &&
      !this.#failures.has("destination");
    const destinationFailed =
      this.#destinationErrors.length > 0 || this.#failures.has("destination");
    for (const account of this.#accounts.all) {
      const isAcknowledged = !waiting.some(({ covers }) =>
        covers.some((cover) => cover.account === account),
      );
      if (!this.#announced.has(account)) continue;
      if (!isAcknowledged && !destinationFailed)
        this.#failures.add(
          "destination",
          new Failure(
            "sync.counts_disagree",
            `${destination.label} ended without acknowledging ${account.forwarded - account.committed} records of stream ${streamLabel(account.plan.source)}`,
            { facts: { sent: account.forwarded, committed: account.committed } },
          ),
        );
      if (!isAcknowledged) continue;
      const isCovered = account.forwarded === account.committed;
      if (destinationFailed && !(isExcused && isCovered)) continue;
      account.isComplete = true;
      keeper.complete(account.plan.source);
      // Its end with status 0 vouches for what came after the last STATE.
      account.committed = account.forwarded;
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
        isDue: () => !this.#destinationIsOver && (this.#input.isBlocked || this.#inputIsOver),
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

function exitFailure(connector: { readonly label: string }, exit: Exit): Failure {
  if (exit.kind === "exited" && (exit.code === 126 || exit.code === 127))
    return new Failure(
      "connector.not_found",
      `${connector.label}: its command cannot be run (exit status ${exit.code})`,
    );
  return new Failure("connector.exited", `${connector.label} ${describeExit(exit)}`, {
    hint: "what it printed is in the log",
  });
}

function incomplete(account: StreamAccount, label: string): Failure {
  const { name, namespace } = account.plan.source;
  const said =
    account.status === "INCOMPLETE"
      ? "said that it is incomplete"
      : "never said that it is complete";
  return new Failure(
    "stream.incomplete",
    `stream ${streamLabel(account.plan.source)}: ${label} ${said}`,
    { stream: { name, namespace: namespace ?? undefined } },
  );
}
