import { streamKey, type StreamDescriptor } from "../../../protocol/catalog.ts";
import type { StreamStatus } from "../../../protocol/messages.ts";
import { RecordEditor } from "./record-editor.ts";
import type { PlannedStream } from "../streams/select-streams.ts";

/** What is known of one stream during an attempt. Counts are records, rising. */
export class StreamAccount {
  readonly plan: PlannedStream;
  /** Changes its records on the way; undefined when they pass as they are. */
  readonly editor: RecordEditor | undefined;
  /** Read from the source. */
  emitted = 0;
  /** Written to the destination: `emitted` without what a filter dropped. */
  forwarded = 0;
  /** Covered by a STATE that the destination gave back. */
  committed = 0;
  /** Size of the data objects read, in bytes. */
  bytes = 0;
  /** `emitted` when the source's last STATE for this stream came. */
  emittedAtState = 0;
  /** `forwarded` at that moment. */
  forwardedAtState = 0;
  /** STATEs of this stream forwarded. */
  states = 0;
  /** What the source said last; terminal once COMPLETE or INCOMPLETE. */
  status: StreamStatus | undefined;
  /** Milliseconds of the monotonic clock: the first and the last sign of the stream. */
  firstSeen: number | undefined;
  lastSeen: number | undefined;
  /** Whether everything of it is durable in the destination; set when the attempt is over. */
  isComplete = false;
  /** The blob of the last STATE forwarded, in memory of its own; undefined: none, or an erasing one. */
  lastBlob: Buffer | undefined;
  /** Whether the source read it whole, with a STATE behind the last record; set at the end. */
  wasReadWhole: "yes" | "no" | "doubtful" = "no";

  constructor(plan: PlannedStream) {
    this.plan = plan;
    const { mappers, fields } = plan;
    this.editor = mappers || fields ? new RecordEditor(mappers ?? [], fields) : undefined;
  }

  /** Whether the source has nothing more to say of it. */
  get isFinished(): boolean {
    return this.status === "COMPLETE" || this.status === "INCOMPLETE";
  }

  /** An earlier attempt brought all of it: nothing is to come but its end. */
  wasDelivered(): void {
    this.status = "COMPLETE";
    this.states = 1;
  }

  seen(): void {
    this.lastSeen = performance.now();
    this.firstSeen ??= this.lastSeen;
  }
}

/** The streams of an attempt, under both of their names. */
export class Accounts {
  readonly all: readonly StreamAccount[];
  readonly #bySource = new Map<string, StreamAccount>();

  constructor(streams: readonly PlannedStream[]) {
    this.all = streams.map((stream) => new StreamAccount(stream));
    for (const account of this.all) this.#bySource.set(streamKey(account.plan.source), account);
  }

  /** By the source's name for it. */
  find(stream: StreamDescriptor): StreamAccount | undefined {
    return this.#bySource.get(streamKey(stream));
  }
}
