import { streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { TraceMessage, TraceStreamStatus } from "../../../protocol/messages.ts";
import type { StateLine, StateType } from "../../../protocol/state.ts";
import type { ConnectorName } from "../../connector/launch.ts";
import type { AttemptLog } from "../../store/attempt-log.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import type { DestinationInput } from "./destination-input.ts";
import type { RelaySetting } from "./relay-setting.ts";
import type { StreamStats } from "./stream-stats.ts";

/**
 * The streams that a source says INCOMPLETE of. That passes in its place, so that the destination can
 * take back what no STATE covers before rows of other streams follow; from there on nothing may
 * acknowledge these rows. Where a STATE of all streams is going to cover them, it waits for the end.
 */
export class GivenUp {
  readonly #source: ConnectorName;
  readonly #states: Acknowledgements;
  readonly #expected: StateType | undefined;
  readonly #input: DestinationInput;
  readonly #log: AttemptLog;
  /** Streams whose INCOMPLETE was passed on. */
  readonly #streams = new Set<StreamStats>();
  /** INCOMPLETEs that wait for the end of the output. */
  readonly #heldBack: [StreamStats, Buffer][] = [];

  constructor({
    source,
    states,
    expected,
    input,
    log,
  }: Pick<RelaySetting, "source" | "states" | "expected" | "input" | "log">) {
    this.#source = source;
    this.#states = states;
    this.#expected = expected;
    this.#input = input;
    this.#log = log;
  }

  /** Takes an INCOMPLETE and the message it came in. */
  take(stream: StreamStats, said: TraceStreamStatus, { trace }: TraceMessage): void {
    const status = { ...said, stream_descriptor: stream.plan.destination };
    const line = Buffer.from(
      `${JSON.stringify({ type: "TRACE", trace: { ...trace, stream_status: status } })}\n`,
    );
    const type = this.#states.type ?? this.#expected;
    if (type === undefined || type === "STREAM") this.#giveUp(stream, line);
    else this.#heldBack.push([stream, line]);
  }

  /** The end of the source's output: no STATE is going to cover anything any more. */
  end(): void {
    for (const [stream, line] of this.#heldBack) this.#giveUp(stream, line);
  }

  /**
   * Whether a STATE covers rows that the destination was told to take back: acknowledged, it would
   * lose them. Throws `protocol.bad_message` for one of all streams: it cannot be left out for one alone.
   */
  isOf(line: StateLine, streams: readonly StreamStats[]): boolean {
    const given = streams.filter((stream) => this.#streams.has(stream));
    if (line.type === "STREAM" && given.length > 0) {
      const label = streamLabel(line.streams[0]!.stream);
      this.#log.own(
        "WARN",
        `${this.#source.label} sent a STATE of stream ${label} after it had said INCOMPLETE; it is not passed on`,
      );
      return true;
    }
    const lost = given.filter((stream) => stream.hasUncovered);
    if (lost.length === 0) return false;
    throw new Failure(
      "protocol.bad_message",
      `${this.#source.label} sent a STATE of all streams after it had said INCOMPLETE of ${lost.map(({ plan }) => streamLabel(plan.source)).join(", ")}, whose last records no STATE had covered`,
    );
  }

  #giveUp(stream: StreamStats, line: Buffer): void {
    this.#streams.add(stream);
    this.#input.pieces(line);
  }
}
