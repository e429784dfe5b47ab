import { streamKey, type StreamDescriptor } from "../../../protocol/catalog.ts";
import type { StateType } from "../../../protocol/state.ts";
import type { LeftOut } from "../streams/left-out.ts";

/** What an attempt came to, for the attempts that follow. */
export interface AttemptTrace {
  readonly streams: readonly StreamTrace[];
  /** Streams whose state the source could not go on from. */
  readonly superseded: readonly StreamDescriptor[];
  /** The kind of STATE the source sent; undefined: none. */
  readonly stateType: StateType | undefined;
}

/** What it came to for one stream. */
export interface StreamTrace {
  readonly source: StreamDescriptor;
  readonly isFullRefresh: boolean;
  /** Whether everything of it is durable in the destination. */
  readonly isComplete: boolean;
  /** Whether the source read it whole, with a STATE behind the last record. */
  readonly wasReadWhole: "yes" | "no" | "doubtful";
  /** The blob of its last STATE. */
  readonly lastBlob: Buffer | undefined;
}

/** What the attempts of a job have come to so far, by `streamKey` of the source's names. */
export class JobProgress {
  /** Whether what the job is about (a refresh, a clear) is noted in the state. */
  isRequested = false;
  /** Whether it takes every stream along, since they have one state. */
  isOfAll = false;
  /** Streams that an attempt of this job has begun. */
  readonly begun = new Set<string>();
  /** Streams of which rows of earlier jobs may be at the destination. */
  readonly mayHaveRows = new Set<string>();
  /** Streams that a connector refused: the others go on without them. */
  readonly refused = new Map<string, LeftOut>();
  /** Streams that are done; later attempts leave them alone. */
  readonly done = new Set<string>();
  /**
   * Full refreshes that were read whole and are not done, by the state that says so. It is never
   * given back to a source, which would have nothing to go on with: either the stream only has to
   * be finished, or, when its end is doubtful, it starts again.
   */
  readonly readWhole = new Map<string, { readonly blob: Buffer; readonly isCertain: boolean }>();
  /** Streams whose state the source could not go on from, in the last attempt. */
  readonly superseded = new Set<string>();
  /** The kind of STATE the source sends; undefined: none was seen. */
  stateType: StateType | undefined;

  /** Takes in how an attempt ended. */
  learn({ streams, superseded, stateType }: AttemptTrace): void {
    for (const { source, isFullRefresh, isComplete, wasReadWhole, lastBlob } of streams) {
      const key = streamKey(source);
      if (isComplete) this.done.add(key);
      else if (isFullRefresh && lastBlob && wasReadWhole !== "no")
        this.readWhole.set(key, { blob: lastBlob, isCertain: wasReadWhole === "yes" });
    }
    this.superseded.clear();
    for (const stream of superseded) this.superseded.add(streamKey(stream));
    this.stateType = stateType ?? this.stateType;
  }
}
