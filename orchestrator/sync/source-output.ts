import { streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { ConnectorProcess, Exit } from "../connector/process.ts";
import type { EvidenceLog, SourceEvidence } from "./evidence.ts";
import { judgeSource } from "./judgement.ts";
import type { RelayEvents, RelaySetting } from "./relay/relay-setting.ts";
import { SourceRelay } from "./relay/source-relay.ts";
import type { StreamStats, SyncStats } from "./relay/stream-stats.ts";
import type { SourceSide } from "./sides.ts";
import type { Stopping } from "./stopping.ts";

/** Whose output it is, and whom it concerns. */
export interface SourceOutputSetting extends Omit<RelaySetting, "events"> {
  readonly source: SourceSide;
  readonly process: ConnectorProcess;
  /** Whether the source is told what is committed, and waits for the last of it. */
  readonly acknowledges: boolean;
  readonly seen: EvidenceLog;
  readonly stopping: Stopping;
  readonly onUnaskedState: RelayEvents["onUnaskedState"];
  /** Called with every chunk. */
  readonly onProgress: (stats: SyncStats) => void;
}

/**
 * What a source prints, on its way to the destination: at the pace the destination reads, to the
 * source's end. Then the destination learns what is complete, and that no more comes.
 */
export class SourceOutput {
  readonly #setting: SourceOutputSetting;
  readonly #relay: SourceRelay;
  /** CONTROL messages not taken care of yet. */
  readonly #updates: JsonObject[] = [];
  #beats = 0;
  #isOver = false;

  constructor(setting: SourceOutputSetting) {
    const { seen, log, onUnaskedState } = setting;
    this.#setting = setting;
    this.#relay = new SourceRelay({
      ...setting,
      events: {
        onError: (error) => seen.sourceError(error),
        onErrorLog: (text) => seen.sourceErrorLog(text),
        onStatus: ({ plan }, status) =>
          log.event({ event: "stream_status", stream: streamLabel(plan.source), status }),
        onUnaskedState,
        onControl: (config) => this.#updates.push(config),
      },
    });
  }

  /** Chunks it has printed. */
  get beats(): number {
    return this.#beats;
  }

  /** Whether all of it was read and the process is gone. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** @param exit of the source. */
  evidence(exit: Exit): SourceEvidence {
    return this.#setting.seen.source(exit, this.#relay.sendsStatuses);
  }

  /**
   * Passes it on, to the end of the process. A source that breaks the protocol is stopped, and that is
   * written down; what it throws is a fault of ours.
   */
  async passOn(): Promise<void> {
    const { process, input, stats, seen, stopping } = this.#setting;
    try {
      await this.#read();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.code === "protocol.torn_line") seen.torn = error;
      else {
        seen.sourceFaults.push(error);
        stopping.stopSource();
      }
    }
    const exit = await process.exit;
    this.#isOver = true;
    if (input.isEnded) return;
    const streams = seen.streams();
    const { complete } = judgeSource(this.evidence(exit), streams);
    const isComplete = (_: StreamStats, index: number) => complete.has(streams[index]!);
    await this.#finish(stats.streams.filter(isComplete));
  }

  async #read(): Promise<void> {
    const { process, input, stats, seen, onProgress } = this.#setting;
    const relay = this.#relay;
    for await (const chunk of process.stdout as AsyncIterable<Buffer>) {
      this.#beats++;
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
      if (this.#isAllSaid()) await this.#finish(stats.streams);
      if (input.isBroken && !input.isEnded) return;
    }
    seen.wasReadToEnd = true;
    relay.end();
    await this.#keepUpdates();
  }

  /** Settings that the source wants kept, before more of its output is read. */
  async #keepUpdates(): Promise<void> {
    for (const config of this.#updates.splice(0)) await this.#setting.source.updateConfig?.(config);
  }

  /**
   * Whether all is said although the source has not ended: one that is told what is committed waits for
   * its last STATE, and a STATE of all streams for what the destination puts in place at the end.
   */
  #isAllSaid(): boolean {
    const { acknowledges, input, stats, states, seen } = this.#setting;
    const asked = stats.streams.filter(({ isAsked }) => isAsked);
    return (
      acknowledges &&
      states.type === "GLOBAL" &&
      !input.isEnded &&
      asked.every(({ status }) => status === "COMPLETE") &&
      seen.isSourceSound
    );
  }

  /** Tells the destination what is complete, and that no more comes. */
  async #finish(complete: readonly StreamStats[]): Promise<void> {
    const { input, stats, seen } = this.#setting;
    stats.readTo = performance.now();
    for (const stream of complete) {
      this.#relay.finish(stream);
      await input.flush();
      seen.announced(stream);
    }
    await input.flush();
    input.end();
  }
}
