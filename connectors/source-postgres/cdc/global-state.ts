import { type StreamDescriptor, streamKey } from "../../../protocol/catalog.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { StateMessage } from "../../../protocol/messages.ts";
import type { StateScope } from "../../kit/source/stream-output.ts";
import { type LogPosition, printLogPosition } from "./cdc-state.ts";
import type { SlotFacts } from "./slot/slot-facts.ts";

/**
 * The one state of all streams: how far the log was delivered, and where each stream stands beside it.
 * Every STATE of a read is made here, and says all of it.
 */
export class GlobalState implements StateScope {
  /** Undefined as long as no log is read. */
  position: LogPosition | undefined;
  /** When the last transaction delivered was committed, as ISO 8601. */
  committedAt: string | undefined;
  readonly #watch: { readonly facts: SlotFacts };
  readonly #streams = new Map<string, { stream: StreamDescriptor; blob: JsonObject }>();
  /** Records printed since the last STATE. */
  #records = 0;

  /** @param watch what the server said last of the slot and its log. */
  constructor(watch: { readonly facts: SlotFacts }) {
    this.#watch = watch;
  }

  /** Says where a stream stands; undefined: nothing of it was read. */
  set(stream: StreamDescriptor, blob: JsonObject | undefined): void {
    if (blob === undefined) this.#streams.delete(streamKey(stream));
    else this.#streams.set(streamKey(stream), { stream, blob });
  }

  count(records: number): void {
    this.#records += records;
  }

  stateOf(stream: StreamDescriptor, blob: JsonObject): StateMessage {
    this.set(stream, blob);
    return this.state();
  }

  /** The STATE that says what is known now. */
  state(): StateMessage {
    const recordCount = this.#records;
    this.#records = 0;
    return {
      type: "STATE",
      state: {
        type: "GLOBAL",
        global: {
          shared_state: this.#shared,
          stream_states: [...this.#streams.values()].map(({ stream, blob }) => ({
            stream_descriptor: stream,
            stream_state: blob,
          })),
        },
        sourceStats: { recordCount },
      },
    };
  }

  get #shared(): JsonObject | null {
    const { position, committedAt } = this;
    if (position === undefined) return null;
    const { lsn, slot, lookedAt } = this.#watch.facts;
    return printLogPosition(position, {
      committedAt,
      serverLsn: lsn > position.lsn ? lsn : position.lsn,
      retainedBytes: slot?.retainedBytes ?? 0,
      lookedAt,
    });
  }
}
