import type { StreamDescriptor } from "./catalog.ts";
import type { TraceMessage } from "./messages.ts";

/** What a destination may be at with a stream's rows. */
export type StreamWork = "copy" | "merge" | "swap";

/** A destination begins work on a stream that takes a while; without `work` it is over. */
export interface WorkSign {
  readonly kind: "work";
  readonly stream: StreamDescriptor;
  readonly work?: StreamWork;
}

/** A connector waits for somebody's lock on a stream's table, or does not any more. */
export interface LockSign {
  readonly kind: "lock";
  readonly stream: StreamDescriptor;
  readonly waits: boolean;
}

/** What a stream came to at its destination. */
export interface StreamTally {
  readonly kind: "tally";
  readonly stream: StreamDescriptor;
  /** Seconds by what they went into; they do not overlap, with other streams' either. */
  readonly seconds: Readonly<Partial<Record<StreamWork, number>>>;
  /** Values that became NULL, those of rows that were taken back counted, too. */
  readonly nulled: number;
}

/**
 * What our connectors tell of their work, in TRACE ANALYTICS: a message that every runner of the
 * protocol knows, and may pass over. The value is JSON in a text, as the protocol wants a text.
 */
export type Activity = WorkSign | LockSign | StreamTally;

const TYPES = { work: "syncline.work", lock: "syncline.lock", tally: "syncline.tally" } as const;
const WORKS: readonly unknown[] = ["copy", "merge", "swap"];

/** @param now milliseconds since the Unix epoch. */
export function activityTrace({ kind, ...value }: Activity, now: number): TraceMessage {
  return {
    type: "TRACE",
    trace: {
      type: "ANALYTICS",
      emitted_at: now,
      analytics: { type: TYPES[kind], value: JSON.stringify(value) },
    },
  };
}

/** What the value may hold, if it is ours. */
interface Said {
  readonly stream?: StreamDescriptor;
  readonly work?: unknown;
  readonly waits?: unknown;
  readonly seconds?: object;
  readonly nulled?: unknown;
}

/** Reads what `activityTrace` wrote; undefined for what others measure, and for what is broken. */
export function readActivity({
  type,
  value = "",
}: NonNullable<TraceMessage["trace"]["analytics"]>): Activity | undefined {
  if (!Object.values<string>(TYPES).includes(type)) return undefined;
  let said: Said;
  try {
    said = JSON.parse(value) as Said;
  } catch {
    return undefined;
  }
  const stream = said?.stream;
  if (typeof stream?.name !== "string") return undefined;
  if (type === TYPES.work) {
    const { work } = said;
    return { kind: "work", stream, ...(WORKS.includes(work) && { work: work as StreamWork }) };
  }
  if (type === TYPES.lock) return { kind: "lock", stream, waits: said.waits === true };
  const seconds = Object.fromEntries(
    Object.entries(said.seconds ?? {}).filter(
      ([key, time]) => WORKS.includes(key) && isCount(time),
    ),
  );
  return { kind: "tally", stream, seconds, nulled: isCount(said.nulled) ? said.nulled : 0 };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}
