import { asFailure, Failure } from "../../protocol/errors.ts";
import type { StateLine } from "../../protocol/state.ts";
import { readOutput } from "../connector/output.ts";
import type { ConnectorProcess } from "../connector/process.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import type { EvidenceLog } from "./evidence.ts";
import type { StateKeeper } from "./positions/state-keeper.ts";
import type { Acknowledgements } from "./relay/acknowledgements.ts";
import type { DestinationInput } from "./relay/destination-input.ts";
import type { SourceInput } from "./relay/source-input.ts";
import type { SyncStats } from "./relay/stream-stats.ts";
import type { DestinationSide } from "./sides.ts";

/** Whose output it is, and whom it concerns. */
export interface DestinationOutputSetting {
  readonly destination: DestinationSide;
  readonly process: ConnectorProcess;
  readonly input: DestinationInput;
  /** Undefined: the source is told nothing. */
  readonly sourceInput: SourceInput | undefined;
  readonly stats: SyncStats;
  readonly states: Acknowledgements;
  readonly seen: EvidenceLog;
  readonly keeper: StateKeeper;
  readonly log: AttemptLog;
  /** Called with every STATE that came back. */
  readonly onProgress: (stats: SyncStats) => void;
}

/**
 * What a destination answers: the STATEs it gives back are kept, and the source is told of them; what
 * else it says is written down.
 */
export class DestinationOutput {
  readonly #setting: DestinationOutputSetting;
  #beats = 0;

  constructor(setting: DestinationOutputSetting) {
    this.#setting = setting;
  }

  /** Chunks it has printed. */
  get beats(): number {
    return this.#beats;
  }

  /**
   * Reads the answers, to the end of the process. One that breaks the protocol is killed, and that is
   * written down; what it throws is a fault of ours.
   */
  async read(): Promise<void> {
    const { destination, process, input, sourceInput, stats, seen, log } = this.#setting;
    const { stdout, exit } = process;
    try {
      await readOutput(this.#beating(stdout as AsyncIterable<Buffer>), destination, log, {
        onState: (line) => this.#acknowledged(line),
        onError: (error) => seen.destinationErrors.add(error),
        onStatus: (said) => seen.destinationStatus(said),
        onActivity: (activity) => stats.onActivity(activity),
        onControl: (config) => destination.updateConfig(config),
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Whatever it says from here on cannot be trusted.
      seen.destinationFaults.push(error);
      process.kill();
    }
    await exit;
    // A source that waits for its last STATE gets it now, or waits for nobody.
    if (!sourceInput || !input.isEnded) return;
    this.#saveNow();
    sourceInput.end();
  }

  #acknowledged(line: StateLine): void {
    const { destination, input, sourceInput, stats, states, keeper, log, onProgress } =
      this.#setting;
    const sent = states.take(line);
    if (sent === undefined) {
      log.own("WARN", `${destination.label} printed a STATE again; the newer one counts`);
      return;
    }
    keeper.accept(sent.line, sent.isLast);
    sourceInput?.acknowledge(sent);
    if (sourceInput && input.isEnded) this.#saveNow(); // the source waits
    onProgress(stats);
  }

  /** The end of the attempt tries again, and fails it if that fails, too. */
  #saveNow(): void {
    try {
      this.#setting.keeper.flush();
    } catch (error) {
      this.#setting.log.own("WARN", asFailure(error).message);
    }
  }

  async *#beating(stdout: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of stdout) {
      this.#beats++;
      yield chunk;
    }
  }
}
