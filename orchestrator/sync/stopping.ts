import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectorProcess } from "../connector/process.ts";
import type { EvidenceLog } from "./evidence.ts";
import type { SourceInput } from "./relay/source-input.ts";
import type { StopRequest } from "./work.ts";

/** Whom to stop, and how. */
export interface StoppingSetting {
  readonly source: ConnectorProcess;
  readonly destination: ConnectorProcess;
  /** Undefined: it is told nothing. */
  readonly sourceInput: SourceInput | undefined;
  /** Is told that the source did not end by itself. */
  readonly seen: EvidenceLog;
  /** Whether the source goes on until it is told to stop. */
  readonly follows: boolean;
  /** How long who was asked to end may take for it. */
  readonly stopSeconds: number;
}

/** Ends the two processes of an attempt before they end by themselves. */
export class Stopping {
  readonly #source: ConnectorProcess;
  readonly #destination: ConnectorProcess;
  readonly #sourceInput: SourceInput | undefined;
  readonly #seen: EvidenceLog;
  readonly #follows: boolean;
  readonly #stopMs: number;
  readonly #hasEnded = new AbortController();

  constructor(setting: StoppingSetting) {
    this.#source = setting.source;
    this.#destination = setting.destination;
    this.#sourceInput = setting.sourceInput;
    this.#seen = setting.seen;
    this.#follows = setting.follows;
    this.#stopMs = setting.stopSeconds * 1000;
  }

  /** Does what is asked for, now or later, until the attempt has ended. */
  obey(stop: StopRequest): void {
    const { signal } = this.#hasEnded;
    const gracefully = () => {
      if (this.#follows) void this.#askSource(signal);
      else this.stopSource();
      void this.#stopDestination(signal);
    };
    const now = () => this.killBoth();
    stop.gracefully.addEventListener("abort", gracefully, { signal });
    stop.now.addEventListener("abort", now, { signal });
    if (stop.gracefully.aborted) gracefully();
    if (stop.now.aborted) now();
  }

  /** Both are gone: nothing is asked of them any more. */
  end(): void {
    this.#hasEnded.abort();
  }

  stopSource(): void {
    this.#seen.isSourceStopped = true;
    this.#source.stop();
  }

  killSource(): void {
    this.#seen.isSourceStopped = true;
    this.#source.kill();
  }

  killBoth(): void {
    this.killSource();
    this.#destination.kill();
  }

  /** It ends in good order, with what it has read; but not for as long as it likes. */
  async #askSource(hasEnded: AbortSignal): Promise<void> {
    this.#sourceInput?.stop();
    await sleep(this.#stopMs, undefined, { signal: hasEnded }).catch(() => {});
    if (!hasEnded.aborted) this.stopSource();
  }

  /** It commits what it has by itself, but not while it waits for somebody else's lock. */
  async #stopDestination(hasEnded: AbortSignal): Promise<void> {
    await this.#source.exit;
    await sleep(this.#stopMs, undefined, { signal: hasEnded }).catch(() => {});
    if (!hasEnded.aborted) this.#destination.stop();
  }
}
