import { Failure } from "../../../../protocol/errors.ts";
import type { LogLevel } from "../../../../protocol/messages.ts";
import type { Session } from "../../../postgres/session.ts";
import type { FullCdcMethod } from "./settings.ts";
import { lookAtSlot, type SlotFacts } from "./slot-facts.ts";
import { dropReplicationSlot, EMIT_HEARTBEAT } from "./slot-queries.ts";

const BEAT_MS = 10_000;

/** Time for a heartbeat that is under way when the read is over. */
const LAST_BEAT_MS = 1_000;

const UNITS: Readonly<Record<string, number>> = {
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

/** How many bytes a size such as `10GB` is, as PostgreSQL counts them. */
export function bytesOf(size: string): number {
  const [, number, unit] = /^(\d+)(\D+)$/.exec(size) ?? [];
  return Number(number) * (UNITS[unit ?? ""] ?? 1);
}

/** What a read of a slot's log does beside it. */
export interface WatchOptions {
  readonly method: FullCdcMethod;
  readonly log: (level: LogLevel, message: string) => void;
  /** Called when the slot keeps more than it may and is to be dropped. */
  readonly onTooLarge: (failure: Failure) => void;
  /** Called when the publication is not what it was. */
  readonly onAltered?: (failure: Failure) => void;
  readonly beatMs?: number;
}

/**
 * Looks at a slot while its log is read, and keeps the log from standing still: a database where nothing
 * happens beside a busy one has the server keep what the busy one writes, until something is in the log to
 * be confirmed.
 */
export class SlotWatch {
  /** What it found last. */
  facts: SlotFacts;
  readonly #session: Session;
  readonly #options: WatchOptions;
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> = Promise.resolve();
  readonly #publication: string;
  #said = new Set<string>();
  #saidBytes = 0;
  #isStopped = false;

  /**
   * @param session of its own: it must not wait for what a read does.
   * @param facts before the read.
   */
  constructor(session: Session, facts: SlotFacts, options: WatchOptions) {
    this.#session = session;
    this.#options = options;
    this.facts = facts;
    this.#publication = JSON.stringify(facts.publication);
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#beat());
    }, options.beatMs ?? BEAT_MS);
    this.#compare();
  }

  /** Ends it, and closes its session. A heartbeat that waits, as for somebody's lock, is cut off soon. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopped = true;
    const late = setTimeout(() => void this.#session.cancel(), LAST_BEAT_MS);
    await this.#beating;
    clearTimeout(late);
    await this.#session.close();
  }

  async #beat(): Promise<void> {
    const { method } = this.#options;
    await this.#try(async () => {
      this.facts = await lookAtSlot(this.#session, method);
      this.#compare();
      if (JSON.stringify(this.facts.publication) !== this.#publication)
        this.#options.onAltered?.(altered(method));
    });
    if (!this.facts.isStandby)
      await this.#try(() => this.#session.run("write a heartbeat", EMIT_HEARTBEAT));
    const { heartbeat_action_query: query } = method;
    if (query !== "") await this.#try(() => this.#session.run("run heartbeat_action_query", query));
  }

  /** A heart that stops is no reason for a read to fail: it says so, once for each reason. */
  async #try(work: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return;
    try {
      await work();
    } catch (error) {
      if (this.#isStopped) return;
      const message = `beside the read: ${(error as Error).message}`;
      if (!this.#said.has(message)) this.#options.log("WARN", message);
      this.#said.add(message);
    }
  }

  #compare(): void {
    const { method, log, onTooLarge } = this.#options;
    const failure = tooLarge(this.facts, method);
    const bytes = this.facts.slot?.retainedBytes ?? 0;
    if (failure === undefined || bytes < this.#saidBytes * 2) return;
    this.#saidBytes = bytes;
    log("WARN", failure.message);
    if (method.max_slot_wal_behavior === "Drop slot") onTooLarge(failure);
  }
}

function altered({ publication }: FullCdcMethod): Failure {
  return new Failure("source.schema_changed", `the publication ${publication} was altered`, {
    hint: "discover again and read on from the last state",
  });
}

/** What to say of a slot that keeps more than it may. */
export function tooLarge(
  { slot }: SlotFacts,
  { max_slot_wal: limit, replication_slot: name }: FullCdcMethod,
): Failure | undefined {
  if (slot === undefined || limit === undefined || slot.retainedBytes <= bytesOf(limit))
    return undefined;
  return new Failure(
    "cdc.slot_too_large",
    `the replication slot ${name} makes the server keep ${slot.retainedBytes} bytes of its log, more than max_slot_wal (${limit})`,
    {
      hint: "run the connection more often, look for what keeps its destination from committing, or raise max_slot_wal",
      facts: { retained_bytes: slot.retainedBytes, limit_bytes: bytesOf(limit) },
    },
  );
}

/**
 * Drops a slot that keeps more than it may, so that the server's disk is safe, and throws
 * `cdc.slot_too_large`. Does nothing where that is not wanted.
 */
export async function dropIfTooLarge(
  session: Session,
  facts: SlotFacts,
  method: FullCdcMethod,
): Promise<void> {
  if (method.max_slot_wal_behavior !== "Drop slot") return;
  const failure = tooLarge(facts, method);
  if (failure === undefined) return;
  const { replication_slot: name } = method;
  await session.query(`drop the replication slot ${name}`, dropReplicationSlot(name));
  throw new Failure(failure.code, `${failure.message}: it was dropped`, {
    hint: "read the tables anew (clear the connection): what changed meanwhile is in no log any more",
    facts: failure.facts,
  });
}
