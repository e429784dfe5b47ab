import { Failure } from "../../../../protocol/errors.ts";
import type {
  ConnectionFacts,
  ConnectionProgressFacts,
  Service,
  ServiceEvent,
} from "../../../../orchestrator/serve/service.ts";
import type { KnownJob } from "../../../../orchestrator/store/job-history.ts";

/** What a connector may bring: markup, quotes, control characters, the end of a script. */
export const HOSTILE = `</script><img src=x onerror=alert(1)>"'\\ \u001b[31m\u202e\n\u2028`;

/** A service that holds what is written into it, and writes down what it is asked to change. */
export class WrittenService implements Service {
  /** Every change that was asked for, in words. */
  readonly changes: string[] = [];
  readonly listeners = new Set<(event: ServiceEvent) => void>();
  readonly facts = new Map<string, ConnectionFacts>();
  readonly known: KnownJob[] = [];
  readonly running = new Map<string, ConnectionProgressFacts>();
  /** Text of the logs, by `job.attempt`; open while it is in `openLogs`. */
  readonly logs = new Map<string, string>();
  readonly openLogs = new Set<string>();
  /** What the next question or change throws. */
  failure: Error | undefined;
  /** What a plan waits for. */
  planning: Promise<void> = Promise.resolve();

  constructor() {
    this.known.push(job(1, "orders", "failed"), job(2, "orders", "succeeded"));
    this.facts.set("orders", {
      connection: "orders",
      source: "shop",
      destination: "warehouse",
      schedule: { cron: "0 * * * *", time_zone: "Europe/Berlin" },
      schedule_text: "at minute 0, Europe/Berlin",
      state: "idle",
      is_paused: false,
      next_run: "2026-11-27T06:00:00.000Z",
      last_job: this.known[1]!,
      to_acknowledge: [`stream ${HOSTILE} is gone`],
      log_position: null,
    });
    this.facts.set("followed", {
      connection: "followed",
      source: "shop",
      destination: "warehouse",
      schedule: { follow: true },
      schedule_text: "follows what changes",
      state: "running",
      is_paused: false,
      next_run: null,
      last_job: null,
      to_acknowledge: [],
      log_position: {
        lsn: "0/16B3748",
        committed_at: "2026-11-27T05:00:00Z",
        lag_bytes: 512,
        lag_seconds: 2.5,
        slot: "syncline_followed",
        retained_bytes: 4096,
        looked_at: "2026-11-27T05:00:02Z",
      },
    });
    this.running.set("followed", progress("followed", 3));
    this.logs.set("2.0", `a line ${HOSTILE.replaceAll("\n", "\\n")}\nanother\n`);
  }

  tell(event: ServiceEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  connections() {
    return [...this.facts.values()];
  }

  connection(name: string) {
    return this.facts.get(name);
  }

  positions() {
    this.#fail();
    return [{ stream: `public.${HOSTILE}`, position: "after updated_at = 2026-11-27" }];
  }

  async plan(connection: string, signal: AbortSignal) {
    await Promise.race([
      this.planning,
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    ]);
    this.#fail();
    return { connection, lines: ["orders: shop → warehouse"], exit_status: 0, steps: [] };
  }

  jobs({ connection, before = Infinity, limit }: Parameters<Service["jobs"]>[0]) {
    return this.known
      .filter((one) => one.id < before && (connection ?? one.connection) === one.connection)
      .toReversed()
      .slice(0, limit);
  }

  job(id: number) {
    return this.known.find((one) => one.id === id);
  }

  log(id: number, attempt: number, _kind: "logs" | "events", from: number) {
    const text = this.logs.get(`${id}.${attempt}`);
    if (text === undefined) return undefined;
    const is_open = this.openLogs.has(`${id}.${attempt}`);
    return { text: text.slice(from), next: text.length, is_open };
  }

  async sync(name: string) {
    return this.#begin(`sync ${name}`);
  }

  cancel(name: string, how: "gracefully" | "now") {
    this.#change(`cancel ${name} ${how}`);
    return this.running.has(name);
  }

  async removal(connection: string, { type }: Parameters<Service["removal"]>[1]) {
    this.#fail();
    const streams = [
      { stream: "public.orders", table: "public.orders", rows: null, position: "nothing" },
    ];
    return { connection, type, streams };
  }

  async remove(name: string, { type, streams }: Parameters<Service["remove"]>[1]) {
    return this.#begin(`${type} ${name} ${streams.join()}`.trim());
  }

  async refreshKeeping(name: string, streams: readonly string[]) {
    return this.#begin(`refresh keeping ${name} ${streams.join()}`.trim());
  }

  acknowledge(name: string) {
    this.#change(`acknowledge ${name}`);
  }

  pause(name: string) {
    this.#change(`pause ${name}`);
  }

  resume(name: string) {
    this.#change(`resume ${name}`);
  }

  async inspect() {
    this.#fail();
    const name = "orders";
    return [
      { namespace: "public", name, columns: ["id"], cursors: [], primary_key: ["id"], rows: 3 },
    ];
  }

  async create(wanted: Parameters<Service["create"]>[0]) {
    this.#change(`create ${wanted.connection}`);
    return this.facts.get("orders")!;
  }

  progress(name: string) {
    return this.running.get(name);
  }

  subscribe(listener: (event: ServiceEvent) => void) {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  #begin(change: string) {
    this.#change(change);
    return { job: 3 };
  }

  #change(change: string) {
    this.#fail();
    this.changes.push(change);
  }

  #fail() {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }
}

/** A job of a second that brought three of four rows. */
export function job(id: number, connection: string, status: KnownJob["status"]): KnownJob {
  const { code, kind, message } = new Failure("postgres.unreachable", `no answer ${HOSTILE}`);
  const failures = [{ origin: "source" as const, code, kind, message }];
  const isGood = status === "succeeded";
  const times = { reading: 0.2, waiting: 0.1, copy: 0.1 };
  return {
    id,
    type: "sync",
    connection,
    status,
    created_at: "2026-11-27T05:00:00.000Z",
    ended_at: "2026-11-27T05:00:01.500Z",
    attempts: [
      {
        attempt: 0,
        status: isGood ? "succeeded" : "failed",
        started_at: "2026-11-27T05:00:00.100Z",
        ended_at: "2026-11-27T05:00:01.400Z",
        streams: [
          {
            name: HOSTILE,
            namespace: "public",
            status: isGood ? "complete" : "incomplete",
            emitted: 4,
            committed: 3,
            bytes: 120,
            seconds: 0.3,
            times,
          },
        ],
        warnings: [HOSTILE],
        ...(isGood ? {} : { failures }),
      },
    ],
  };
}

export function progress(connection: string, id: number): ConnectionProgressFacts {
  const stream = {
    stream: `public.${HOSTILE}`,
    phase: "reading" as const,
    rows: 10,
    rows_per_second: 5,
    bytes_per_second: 100.5,
    share: 0.5,
    seconds_left: 2,
  };
  const attempt = { connection, job: id, attempt: 0, seconds: 1.25, retry_in_seconds: null };
  return { ...attempt, streams: [stream, { ...stream, share: null, seconds_left: null }] };
}
