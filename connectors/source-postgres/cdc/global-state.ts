import { type StreamDescriptor, streamKey } from "../../../protocol/catalog.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { StateMessage } from "../../../protocol/messages.ts";
import type { StateScope } from "../../kit/source/stream-output.ts";
import { type LogLag, type LogPosition, printLogPosition } from "./cdc-state.ts";

/**
 * The one state of all streams: how far the log was delivered, and where each stream stands beside it.
 * Every STATE of a read is made here, and says all of it.
 */
export class GlobalState implements StateScope {
  /** Undefined as long as no log is read. */
  position: LogPosition | undefined;
  lag: LogLag = {};
  readonly #streams = new Map<string, { stream: StreamDescriptor; blob: JsonObject }>();
  /** Records printed since the last STATE. */
  #records = 0;

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
          shared_state:
            this.position === undefined ? null : printLogPosition(this.position, this.lag),
          stream_states: [...this.#streams.values()].map(({ stream, blob }) => ({
            stream_descriptor: stream,
            stream_state: blob,
          })),
        },
        sourceStats: { recordCount },
      },
    };
  }
}
