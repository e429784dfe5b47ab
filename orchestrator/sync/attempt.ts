import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/messages.ts";
import type { ConnectorProcess, Exit } from "../connector/process.ts";
import { Accounts } from "./relay/accounts.ts";
import { Acknowledgements } from "./relay/acknowledgements.ts";
import { configuredCatalog } from "./streams/catalogs.ts";
import { readDestination } from "./relay/destination-output.ts";
import { Failures } from "./failures.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { Judgement } from "./judgement.ts";
import { PacedWriter } from "./relay/paced-writer.ts";
import type { AttemptOutcome, AttemptSetup } from "./attempt-setup.ts";
import { SourceRelay } from "./relay/source-relay.ts";

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
  /** CONTROL messages of the source not taken care of yet. */
  readonly #updates: JsonObject[] = [];
  readonly #notes: string[] = [];
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
        onControl: (config) => this.#updates.push(config),
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
      notes: this.#notes,
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
        await this.#keepUpdates();
        onProgress(this.#accounts);
        if (this.#input.isBroken) break;
      }
      if (!this.#input.isBroken) await this.#input.write(this.#relay.end());
      await this.#keepUpdates();
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
    if (this.#relay.statuses === 0) this.#assumeComplete(exit);
    judgement.judgeSource(exit);
    if (judgement.sourceEndedWell(exit)) await this.#announceComplete();
    judgement.inputIsOver = true;
    this.#input.end();
  }

  /** Settings that the source wants kept, before more of its output is read. */
  async #keepUpdates(): Promise<void> {
    for (const config of this.#updates.splice(0)) await this.#setup.source.updateConfig?.(config);
  }

  /**
   * Sources older than stream statuses say nothing of their streams: what they mean by ending well is
   * that all of them are complete. One that speaks of any stream must speak of each.
   */
  #assumeComplete(exit: Exit): void {
    const { all } = this.#accounts;
    if (all.every(({ isFinished }) => isFinished) || !this.#judgement.endedCleanly(exit)) return;
    // A program that prints its usage and exits with 0 is not one that has read empty tables.
    if (all.every(({ emitted, states }) => emitted === 0 && states === 0)) return;
    for (const account of all) account.status = "COMPLETE";
    this.#notes.push(
      `${this.#setup.source.label} sends no stream statuses: its end with status 0 counts as COMPLETE of all its streams`,
    );
  }

  /** The destination's answers, to its end. */
  async #followDestination(): Promise<void> {
    const { destination, keeper, log, onProgress } = this.#setup;
    const noticeItsEnd = async () => {
      await this.#destination.exit;
      this.#destinationIsOver = true;
      this.#input.abandon();
      // A source with nothing to say would not notice, and be waited for.
      if (!this.#sourceIsOver) this.#source.stop();
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
          onControl: (config) => destination.updateConfig(config),
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
