import type { StreamDescriptor } from "../../protocol/catalog.ts";
import type { Failure } from "../../protocol/errors.ts";
import type { StreamStatus } from "../../protocol/messages.ts";
import type { ReportedError } from "../connector/failures.ts";
import type { ConnectorName } from "../connector/launch.ts";
import type { Exit } from "../connector/process.ts";

/**
 * What is known of an attempt when both processes are gone. Facts only: nothing in it says, or
 * depends on, what was noticed first.
 */
export interface Evidence {
  readonly source: SourceEvidence;
  readonly destination: DestinationEvidence;
  readonly streams: readonly StreamEvidence[];
  /** What failed on our own side. */
  readonly own: readonly Failure[];
  /** Whether the run was asked to end early. */
  readonly isInterrupted: boolean;
}

export interface SourceEvidence {
  readonly name: ConnectorName;
  readonly exit: Exit;
  /** Its TRACE ERRORs until it was asked to end. */
  readonly reported: readonly ReportedError[];
  /** Those that came while it was being stopped. */
  readonly reportedLate: readonly ReportedError[];
  /** What was found wrong with it: a line against the protocol, silence. */
  readonly faults: readonly Failure[];
  /** Its last line was cut. */
  readonly torn: Failure | undefined;
  /** Whether its output was read to the end. */
  readonly wasReadToEnd: boolean;
  /** Whether it said something of a stream, of whatever stream. */
  readonly sendsStatuses: boolean;
}

export interface DestinationEvidence {
  readonly name: ConnectorName;
  readonly exit: Exit;
  readonly reported: readonly ReportedError[];
  /** What was found wrong with it: a STATE of its own invention, silence. */
  readonly faults: readonly Failure[];
  /** Whether its input was ended and it took all of it; if not, it stopped reading before. */
  readonly tookAll: boolean;
  /** Whether it acknowledges only what is in its final place, and tells later what that is. */
  readonly remembers: boolean;
}

export interface StreamEvidence {
  readonly source: StreamDescriptor;
  readonly destination: StreamDescriptor;
  /** Whether the source was asked for it; if not, an earlier attempt brought all of it. */
  readonly isAsked: boolean;
  /** What the source said of it last; INCOMPLETE stays. */
  readonly status: StreamStatus | undefined;
  /** Records read from the source. */
  readonly emitted: number;
  /** Records passed on to the destination. */
  readonly forwarded: number;
  /** Records under STATEs that the destination gave back. */
  readonly committed: number;
  /** STATEs passed on. */
  readonly states: number;
  /** Whether all of these came back. */
  readonly isAcknowledged: boolean;
  /** Whether the destination was told that it is complete. */
  readonly isAnnounced: boolean;
  /** Whether its last STATE has a content and came behind its last record. */
  readonly endsWithState: boolean;
  /** Whether a STATE that is not acknowledged has the content of an earlier one. */
  readonly isAmbiguous: boolean;
}
