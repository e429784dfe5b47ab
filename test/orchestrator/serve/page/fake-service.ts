import { Failure } from "../../../../protocol/errors.ts";
import type {
  ConnectionFacts,
  ConnectionProgressFacts,
  NewConnection,
  OfferedTable,
  Service,
  ServiceEvent,
} from "../../../../orchestrator/serve/service.ts";
import type { KnownJob } from "../../../../orchestrator/store/job-history.ts";

/** What a fake service is to know at its beginning. */
export interface FakeFacts {
  readonly connections?: readonly (Partial<ConnectionFacts> & { readonly connection: string })[];
  readonly jobs?: readonly KnownJob[];
  readonly logs?: Readonly<Record<string, string>>;
  readonly positions?: Readonly<Record<string, string>>;
  readonly offered?: readonly OfferedTable[];
  /** What `inspect` and `create` throw. */
  readonly failure?: Failure;
}

/** A service of facts that a test makes up. Notes what it was asked to do, in order. */
export class FakeService implements Service {
  readonly asked: unknown[][] = [];
  created: NewConnection | undefined;
  running: ConnectionProgressFacts | undefined;
  failure: Failure | undefined;
  readonly #facts: FakeFacts;
  #connections: ConnectionFacts[];
  readonly #jobs: KnownJob[];
  readonly #logs: Record<string, string>;
  readonly #listeners = new Set<(event: ServiceEvent) => void>();

  constructor(facts: FakeFacts) {
    this.#facts = facts;
    this.failure = facts.failure;
    this.#jobs = [...(facts.jobs ?? [])];
    this.#logs = { ...facts.logs };
    this.#connections = (facts.connections ?? []).map((one) => ({
      source: "shop",
      destination: "warehouse",
      schedule: null,
      schedule_text: null,
      is_paused: false,
      state: "idle",
      next_run: null,
      last_job: this.#jobs.findLast(({ connection }) => connection === one.connection) ?? null,
      to_acknowledge: [],
      log_position: null,
      ...one,
    }));
  }

  /** Changes a connection's facts, and tells whoever listens. */
  change(connection: string, facts: Partial<ConnectionFacts>): void {
    this.#connections = this.#connections.map((one) =>
      one.connection === connection ? { ...one, ...facts } : one,
    );
    this.tell({ event: "connection", connection });
  }

  setLog(job: number, attempt: number, text: string): void {
    this.#logs[`${job}.${attempt}`] = text;
  }

  tell(event: ServiceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  connections(): readonly ConnectionFacts[] {
    return this.#connections;
  }

  connection(name: string): ConnectionFacts | undefined {
    return this.#connections.find(({ connection }) => connection === name);
  }

  positions(): { stream: string; position: string }[] {
    return Object.entries(this.#facts.positions ?? {}).map(([stream, position]) => ({
      stream,
      position,
    }));
  }

  async plan(connection: string) {
    this.asked.push(["plan", connection]);
    if (this.failure) throw this.failure;
    return { connection, lines: ["stream  mode", "users   overwrite"], exit_status: 0 };
  }

  jobs({
    connection,
    before = Infinity,
    limit,
  }: {
    connection?: string;
    before?: number;
    limit: number;
  }): KnownJob[] {
    const found: KnownJob[] = [];
    for (let at = this.#jobs.length - 1; at >= 0 && found.length < limit; at--) {
      const job = this.#jobs[at]!;
      const isOfIt = connection === undefined || job.connection === connection;
      if (isOfIt && job.id < before) found.push(job);
    }
    return found;
  }

  job(id: number): KnownJob | undefined {
    return this.#jobs.find((job) => job.id === id);
  }

  log(job: number, attempt: number, _kind: string, from: number) {
    const text = this.#logs[`${job}.${attempt}`];
    if (text === undefined) return undefined;
    return {
      text: text.slice(from),
      next: Math.max(from, text.length),
      is_open: this.job(job)?.ended_at === undefined,
    };
  }

  async sync(connection: string) {
    this.asked.push(["sync", connection]);
    if (this.failure) throw this.failure;
    return { job: this.#begin(connection, "sync") };
  }

  cancel(connection: string, how: "gracefully" | "now"): boolean {
    this.asked.push(["cancel", connection, how]);
    return this.connection(connection)?.state === "running";
  }

  async removal(connection: string, { type }: { type: "clear" | "refresh" }) {
    const streams = Object.entries(this.#facts.positions ?? {}).map(([stream, position]) => ({
      stream,
      table: `copy_of_${stream}`,
      rows: 1234,
      position,
    }));
    return { connection, type, streams };
  }

  async remove(
    connection: string,
    wanted: { type: "clear" | "refresh"; streams: readonly string[] },
  ) {
    this.asked.push(["remove", connection, wanted.type, wanted.streams]);
    return { job: this.#begin(connection, wanted.type) };
  }

  async refreshKeeping(connection: string, streams: readonly string[]) {
    this.asked.push(["refreshKeeping", connection, streams]);
    return { job: this.#begin(connection, "refresh") };
  }

  acknowledge(connection: string): void {
    this.asked.push(["acknowledge", connection]);
    this.change(connection, { to_acknowledge: [] });
  }

  pause(connection: string): void {
    this.asked.push(["pause", connection]);
    this.change(connection, { state: "paused", is_paused: true });
  }

  resume(connection: string): void {
    this.asked.push(["resume", connection]);
    this.change(connection, { state: "idle", is_paused: false });
  }

  async inspect(): Promise<OfferedTable[]> {
    if (this.failure) throw this.failure;
    return [...(this.#facts.offered ?? [])];
  }

  async create(wanted: NewConnection): Promise<ConnectionFacts> {
    if (this.failure) throw this.failure;
    this.created = wanted;
    const facts: ConnectionFacts = {
      connection: wanted.connection,
      source: "shop",
      destination: "warehouse",
      schedule: null,
      schedule_text: null,
      is_paused: false,
      state: "idle",
      next_run: null,
      last_job: null,
      to_acknowledge: [],
      log_position: null,
    };
    this.#connections = [...this.#connections, facts];
    return facts;
  }

  progress(connection: string): ConnectionProgressFacts | undefined {
    return this.running?.connection === connection ? this.running : undefined;
  }

  subscribe(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #begin(connection: string, type: KnownJob["type"]): number {
    const id = (this.#jobs.at(-1)?.id ?? 0) + 1;
    const created_at = new Date().toISOString();
    const attempts = [{ attempt: 0, status: "running" as const, started_at: created_at }];
    const job = { id, type, connection, status: "running" as const, created_at, attempts };
    this.#jobs.push(job);
    this.#logs[`${id}.0`] = `${created_at} INFO  syncline: job ${id}, attempt 0\n`;
    this.change(connection, { state: "running", last_job: job });
    return id;
  }

  /** Ends a job that runs. */
  end(id: number, report: Partial<KnownJob>): void {
    const at = this.#jobs.findIndex((job) => job.id === id);
    const ended = { ...this.#jobs[at]!, ended_at: new Date().toISOString(), ...report };
    this.#jobs[at] = ended;
    this.running = undefined;
    this.change(ended.connection, { state: "idle", last_job: ended });
  }
}
