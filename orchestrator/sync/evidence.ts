import { streamKey, streamLabel, type StreamDescriptor } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { StreamStatus, TraceStreamStatus } from "../../protocol/messages.ts";
import type { ConnectorName } from "../connector/launch.ts";
import type { Exit } from "../connector/process.ts";
import { ReportedErrors } from "./failures.ts";
import type { Acknowledgements } from "./relay/acknowledgements.ts";
import type { StreamStats, SyncStats } from "./relay/stream-stats.ts";
import type { LeftOut } from "./streams/left-out.ts";

/**
 * What is known of an attempt when both processes are gone. Facts only: nothing in it says, or
 * depends on, what was noticed first.
 */
export interface Evidence {
  readonly source: SourceEvidence;
  readonly destination: DestinationEvidence;
  readonly streams: readonly StreamEvidence[];
  /** Streams that were asked for and could not be begun. */
  readonly leftOut: readonly LeftOut[];
  /** What failed on our own side. */
  readonly own: readonly Failure[];
  /** Whether the run was asked to end early. */
  readonly isInterrupted: boolean;
}

export interface SourceEvidence {
  readonly name: ConnectorName;
  readonly exit: Exit;
  /** Its TRACE ERRORs until it was asked to end. */
  readonly reported: readonly Failure[];
  /** Those that came while it was being stopped. */
  readonly reportedLate: readonly Failure[];
  /** What was found wrong with it: a line against the protocol, silence. */
  readonly faults: readonly Failure[];
  /** Its last line was cut. */
  readonly torn: Failure | undefined;
  /** Whether its output was read to the end. */
  readonly wasReadToEnd: boolean;
  /** Whether it said something of a stream, of whatever stream. */
  readonly sendsStatuses: boolean;
  /** The first of its LOGs of level ERROR or FATAL. */
  readonly errorLogs: readonly string[];
}

export interface DestinationEvidence {
  readonly name: ConnectorName;
  readonly exit: Exit;
  readonly reported: readonly Failure[];
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
  /** Whether its COMPLETE replaces rows that earlier jobs brought, as far as is known. */
  readonly replacesRows: boolean;
  /** Records read from the source. */
  readonly emitted: number;
  /** Records passed on to the destination. */
  readonly forwarded: number;
  /** Records under STATEs that the destination gave back. */
  readonly committed: number;
  /** STATEs read from the source. */
  readonly states: number;
  /** Whether all that were passed on came back. */
  readonly isAcknowledged: boolean;
  /** Whether the destination was told that it is complete. */
  readonly isAnnounced: boolean;
  /** Whether its last STATE has a content and came behind its last record. */
  readonly endsWithState: boolean;
  /** Whether a STATE that is not acknowledged has the content of an earlier one. */
  readonly isAmbiguous: boolean;
}

/** What the evidence is taken from, beside what `EvidenceLog` was told. */
export interface Observed {
  readonly source: ConnectorName;
  readonly stats: SyncStats;
  readonly states: Acknowledgements;
  /** `streamKey`s of streams of which rows of earlier jobs may be there. */
  readonly mayHaveRows: ReadonlySet<string>;
  /** The blob of the position that is kept of a stream. */
  readonly positionOf: (stream: StreamDescriptor) => Buffer | undefined;
}

/** Error logs kept of a source, and characters of each; the log has all. */
const MAX_ERROR_LOGS = 5;
const ERROR_LOG_CHARS = 500;

/**
 * Writes down what is seen while an attempt runs, each thing where it is seen, without a look at
 * the others.
 */
export class EvidenceLog {
  readonly #observed: Observed;
  readonly #sourceErrors: ReportedErrors;
  readonly #lateErrors: ReportedErrors;
  readonly #errorLogs: string[] = [];
  readonly #announced = new Set<StreamStats>();
  readonly destinationErrors: ReportedErrors;
  /** What was found wrong with each side. */
  readonly sourceFaults: Failure[] = [];
  readonly destinationFaults: Failure[] = [];
  /** What failed on our own side. */
  readonly own: Failure[] = [];
  /** The source's last line was cut. */
  torn: Failure | undefined;
  /** Whether the source was asked to end. */
  isSourceStopped = false;
  /** Whether its output was read to the end. */
  wasReadToEnd = false;

  constructor(observed: Observed) {
    const plans = observed.stats.streams.map(({ plan }) => plan);
    const ours = new Set(plans.map(({ source }) => streamKey(source)));
    const theirs = new Set(plans.map(({ destination }) => streamKey(destination)));
    this.#observed = observed;
    this.#sourceErrors = new ReportedErrors(ours);
    this.#lateErrors = new ReportedErrors(ours);
    this.destinationErrors = new ReportedErrors(theirs);
  }

  /** Whether nothing is known to be wrong with the source. */
  get isSourceSound(): boolean {
    const errors = [...this.#sourceErrors.all, ...this.#lateErrors.all, ...this.sourceFaults];
    return errors.length === 0 && this.torn === undefined;
  }

  /** A TRACE ERROR of the source. That it stopped as it was asked to is no news. */
  sourceError(error: Failure): void {
    if (this.isSourceStopped && error.code === "sync.interrupted") return;
    (this.isSourceStopped ? this.#lateErrors : this.#sourceErrors).add(error);
  }

  /** A LOG of the source of level ERROR or FATAL. */
  sourceErrorLog(text: string): void {
    if (this.#errorLogs.length < MAX_ERROR_LOGS)
      this.#errorLogs.push(text.slice(0, ERROR_LOG_CHARS));
  }

  /** A STREAM_STATUS of the destination, in its names: INCOMPLETE is an error of the stream. */
  destinationStatus({ stream_descriptor: descriptor, status }: TraceStreamStatus): void {
    if (status !== "INCOMPLETE") return;
    const { name, namespace } = descriptor;
    const message = `the destination says that stream ${streamLabel(descriptor)} is incomplete`;
    const stream = { name, namespace: namespace || undefined };
    this.destinationErrors.add(
      new Failure("stream.incomplete", message, { stream, origin: "destination" }),
    );
  }

  /** The destination was told that a stream is complete. */
  announced(stream: StreamStats): void {
    this.#announced.add(stream);
  }

  /** @param sendsStatuses whether it said something of any stream. */
  source(exit: Exit, sendsStatuses: boolean): SourceEvidence {
    return {
      name: this.#observed.source,
      exit,
      reported: this.#sourceErrors.all,
      reportedLate: this.#lateErrors.all,
      faults: this.sourceFaults,
      torn: this.torn,
      wasReadToEnd: this.wasReadToEnd,
      sendsStatuses,
      errorLogs: this.#errorLogs,
    };
  }

  /** In the order of the attempt's streams. */
  streams(): StreamEvidence[] {
    const { stats, states, mayHaveRows, positionOf } = this.#observed;
    const pending = states.pending();
    return stats.streams.map((stream) => {
      const { plan, isAsked, status, emitted, forwarded, committed, lastBlob } = stream;
      const waiting = pending.filter(({ covers }) => covers.some((one) => one.stream === stream));
      const earlier = waiting.slice(0, -1).map(({ line }) => line.streams[0]?.blob);
      if (waiting.length > 0) earlier.push(positionOf(plan.source));
      return {
        source: plan.source,
        destination: plan.destination,
        isAsked,
        status,
        replacesRows:
          (plan.configured.minimum_generation_id ?? 0) > 0 &&
          mayHaveRows.has(streamKey(plan.source)),
        emitted,
        forwarded,
        committed,
        states: stream.states,
        isAcknowledged: waiting.length === 0,
        isAnnounced: this.#announced.has(stream),
        endsWithState: lastBlob !== undefined && !stream.hasUncovered,
        isAmbiguous: lastBlob !== undefined && earlier.some((blob) => blob?.equals(lastBlob)),
      };
    });
  }
}
