import type { Activity, StreamTally, StreamWork } from "../../../protocol/activity.ts";
import { streamKey, type StreamDescriptor } from "../../../protocol/catalog.ts";
import type { StreamStatus } from "../../../protocol/messages.ts";
import type { PlannedStream } from "../streams/select-streams.ts";
import { RecordEditor } from "./record-editor.ts";

/** What is known of one stream during an attempt. Counts are records, rising. */
export class StreamStats {
  readonly plan: PlannedStream;
  /** Whether the source was asked for it; if not, an earlier attempt brought all of it. */
  readonly isAsked: boolean;
  /** Changes its records on the way; undefined when they pass as they are. */
  readonly editor: RecordEditor | undefined;
  /** Read from the source. */
  emitted = 0;
  /** Passed on to the destination: `emitted` without what a filter dropped. */
  forwarded = 0;
  /** Covered by a STATE that the destination gave back. */
  committed = 0;
  /** Size of the data objects read, in bytes. */
  bytes = 0;
  /** `emitted` when the source's last STATE for this stream came. */
  emittedAtState = 0;
  /** `forwarded` at that moment. */
  forwardedAtState = 0;
  /** STATEs of this stream read from the source. */
  states = 0;
  /** What the source said last; INCOMPLETE stays. */
  status: StreamStatus | undefined;
  /** Milliseconds of the monotonic clock: the first and the last sign of the stream. */
  firstSeen: number | undefined;
  lastSeen: number | undefined;
  /** How many records the source expects to send. */
  expected: number | undefined;
  /** When the destination last gave a STATE of it back, by the monotonic clock. */
  committedAt: number | undefined;
  /** Milliseconds in which the destination took nothing while it was read. */
  waitedMs = 0;
  /** What the destination says it is at. */
  work: StreamWork | undefined;
  /** Whether a connector says that it waits for a lock on its table. */
  waitsForLock = false;
  /** What the destination says at the end. */
  tally: Pick<StreamTally, "seconds" | "nulled"> | undefined;
  /** The blob of the last STATE passed on, in memory of its own; undefined: none, or an erasing one. */
  lastBlob: Buffer | undefined;

  constructor(plan: PlannedStream, isAsked: boolean) {
    this.plan = plan;
    this.isAsked = isAsked;
    const { mappers, fields } = plan;
    this.editor = mappers || fields ? new RecordEditor(mappers ?? [], fields) : undefined;
  }

  /** Whether nothing more is to come from the source. */
  get isFinished(): boolean {
    return !this.isAsked || this.status === "COMPLETE" || this.status === "INCOMPLETE";
  }

  get isFullRefresh(): boolean {
    return this.plan.configured.sync_mode === "full_refresh";
  }

  /** Whether it is a full refresh whose rows are added to what is there. */
  get isAdded(): boolean {
    return this.isFullRefresh && (this.plan.configured.minimum_generation_id ?? 0) === 0;
  }

  /** Whether records were passed on that no STATE covers yet. */
  get hasUncovered(): boolean {
    return this.forwarded !== this.forwardedAtState;
  }

  /** Records that a filter dropped. */
  get filtered(): number {
    return this.emitted - this.forwarded;
  }

  seen(): void {
    this.lastSeen = performance.now();
    this.firstSeen ??= this.lastSeen;
  }
}

/** The streams of an attempt. */
export class SyncStats {
  readonly streams: readonly StreamStats[];
  /** The one whose records came last. */
  current: StreamStats | undefined;
  /** Whether the destination takes nothing right now. */
  isWaiting = false;
  /** When the source said its first word, and when it was gone, by the monotonic clock. */
  readFrom: number | undefined;
  readTo: number | undefined;
  readonly #byDestination = new Map<string, StreamStats>();
  readonly #bySource = new Map<string, StreamStats>();
  /** By name alone; undefined where streams of different namespaces share it. */
  readonly #byName = new Map<string, StreamStats | undefined>();

  /** @param delivered `streamKey`s of the streams the source is not asked for. */
  constructor(streams: readonly PlannedStream[], delivered: ReadonlySet<string>) {
    this.streams = streams.map(
      (stream) => new StreamStats(stream, !delivered.has(streamKey(stream.source))),
    );
    for (const stats of this.streams) {
      const { source } = stats.plan;
      this.#bySource.set(streamKey(source), stats);
      this.#byDestination.set(streamKey(stats.plan.destination), stats);
      this.#byName.set(source.name, this.#byName.has(source.name) ? undefined : stats);
    }
  }

  /** Takes in what the destination says of its work. */
  onActivity(activity: Activity): void {
    const stats = this.#byDestination.get(streamKey(activity.stream));
    if (stats === undefined) return;
    if (activity.kind === "work") stats.work = activity.work;
    else if (activity.kind === "tally") stats.tally = activity;
    else stats.waitsForLock = activity.waits;
  }

  /** Takes in what the source says of its work. */
  onSourceActivity(activity: Activity): void {
    const stats = this.find(activity.stream);
    if (stats && activity.kind === "lock") stats.waitsForLock = activity.waits;
  }

  /** By the source's name for it. Some sources leave the namespace out; then the name is enough. */
  find(stream: StreamDescriptor): StreamStats | undefined {
    const found = this.#bySource.get(streamKey(stream));
    return found ?? (stream.namespace ? undefined : this.#byName.get(stream.name));
  }
}
