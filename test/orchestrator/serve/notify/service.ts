import type {
  ConnectionFacts,
  Service,
  ServiceEvent,
} from "../../../../orchestrator/serve/service.ts";
import type { FailureReport, JobReport } from "../../../../orchestrator/store/jobs.ts";

/** What hears of jobs: as much of a service as looks back and tells, with jobs that a test makes up. */
export class JobTeller implements Pick<
  Service,
  "subscribe" | "connections" | "connection" | "jobs" | "job"
> {
  readonly #jobs: JobReport[] = [];
  readonly #listeners = new Set<(event: ServiceEvent) => void>();
  readonly #schedule: ConnectionFacts["schedule"];

  constructor(schedule: ConnectionFacts["schedule"] = null) {
    this.#schedule = schedule;
  }

  connections(): readonly ConnectionFacts[] {
    return [...new Set(this.#jobs.map(({ connection }) => connection))].map((name) =>
      this.connection(name),
    );
  }

  connection(connection: string): ConnectionFacts {
    return {
      connection,
      source: "shop",
      destination: "warehouse",
      schedule: this.#schedule,
      schedule_text: null,
      state: "idle",
      is_paused: false,
      next_run: null,
      last_job: this.jobs({ connection, limit: 1 })[0] ?? null,
      to_acknowledge: [],
      log_position: null,
    };
  }

  jobs({ connection, limit }: { connection?: string; limit: number }): readonly JobReport[] {
    return this.#jobs
      .filter((job) => connection === undefined || job.connection === connection)
      .toReversed()
      .slice(0, limit);
  }

  job(id: number): JobReport | undefined {
    return this.#jobs[id - 1];
  }

  subscribe(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: ServiceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Has a job be over, and says so. */
  end(connection: string, change: Partial<JobReport> = {}): JobReport {
    const job = this.add(connection, change);
    const { id, status } = job;
    this.emit({ event: "job_ended", connection, job: id, status, failures: [] });
    return job;
  }

  /** The same, while nobody listens. */
  add(connection: string, change: Partial<JobReport> = {}): JobReport {
    const at = new Date().toISOString();
    const job: JobReport = {
      id: this.#jobs.length + 1,
      type: "sync",
      connection,
      status: "succeeded",
      created_at: at,
      ended_at: at,
      attempts: [{ attempt: 0, status: "succeeded", started_at: at, ended_at: at }],
      ...change,
    };
    this.#jobs.push(job);
    return job;
  }
}

/** A job that failed for one reason. */
export function failed(failure: Partial<FailureReport> = {}): Partial<JobReport> {
  const cause: FailureReport = {
    origin: "source",
    code: "postgres.unreachable",
    kind: "transient_error",
    message: "no server answers at shop.example:5432",
    hint: "is it running?",
    ...failure,
  };
  const stream = { emitted: 2, bytes: 9, seconds: 0.1 };
  return {
    status: "failed",
    attempts: [
      {
        attempt: 0,
        status: "failed",
        started_at: "2026-01-01T00:00:00.000Z",
        ended_at: "2026-01-01T00:00:01.000Z",
        streams: [
          { name: "a", status: "complete", committed: 2, ...stream },
          { name: "b", status: "incomplete", committed: 0, ...stream },
        ],
        failures: [cause],
      },
    ],
  };
}
