import type { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { StreamStatus } from "../../../protocol/messages.ts";
import type { StateType, StreamStatePart } from "../../../protocol/state.ts";
import type { ConnectorName } from "../../connector/launch.ts";
import type { AttemptLog } from "../../store/attempt-log.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import type { DestinationInput } from "./destination-input.ts";
import type { StreamStats, SyncStats } from "./stream-stats.ts";

/** What the relay works on. */
export interface RelaySetting {
  readonly source: ConnectorName;
  readonly stats: SyncStats;
  readonly states: Acknowledgements;
  /** The kind of STATE the source had in an earlier attempt of the job, if there was one. */
  readonly expected: StateType | undefined;
  readonly input: DestinationInput;
  readonly log: AttemptLog;
  readonly events: RelayEvents;
}

/** What the relay tells the attempt. */
export interface RelayEvents {
  /** A TRACE ERROR. */
  onError(error: Failure): void;
  /** A LOG of level ERROR or FATAL. */
  onErrorLog(text: string): void;
  onStatus(stream: StreamStats, status: StreamStatus): void;
  /** A STATE of a stream that is not of this sync, in memory of its own. */
  onUnaskedState(part: StreamStatePart): void;
  /** A CONTROL: the settings the source wants to have from now on. */
  onControl(config: JsonObject): void;
}
