import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { JsonObject } from "../../protocol/messages.ts";
import type { TimeLimits } from "../config/config.ts";
import type { Connector } from "../connector/connector.ts";
import type { ConnectorProcess } from "../connector/process.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import type { Accounts } from "./relay/accounts.ts";
import type { Failures } from "./failures.ts";
import type { PlannedStream } from "./streams/select-streams.ts";
import type { StateKeeper } from "./positions/state-keeper.ts";

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
  /** Keeps settings that it changed itself. */
  updateConfig?(config: JsonObject): Promise<void>;
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
  /** What else there is to say about how the attempt went. */
  readonly notes: readonly string[];
  readonly interrupted: boolean;
}
