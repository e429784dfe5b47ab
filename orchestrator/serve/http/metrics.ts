import { finalStreams } from "../../output/job-report.ts";
import { isOpen, type KnownJob } from "../../store/job-history.ts";
import type { JobStatus } from "../../store/jobs.ts";
import type { ConnectionFacts, Service, ServiceEvent } from "../service.ts";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** How a job can end. */
const ENDS: readonly JobStatus[] = ["succeeded", "failed", "cancelled", "interrupted"];

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** What came of a connection's jobs since the start. */
interface Totals {
  readonly jobs: Map<JobStatus, number>;
  emitted: number;
  committed: number;
  bytes: number;
}

/** What Prometheus is told, in its text format. Counters count from the start of the process. */
export class Metrics {
  readonly #service: Service;
  readonly #version: string;
  readonly #totals = new Map<string, Totals>();
  readonly #unsubscribe: () => void;

  /** @param version of the package. */
  constructor(service: Service, version: string) {
    this.#service = service;
    this.#version = version;
    this.#unsubscribe = service.subscribe((event) => this.#count(event));
  }

  close(): void {
    this.#unsubscribe();
  }

  text(): string {
    const connections = this.#service.connections();
    const lasts = connections.flatMap((one): [string, KnownJob][] => {
      const job = lastEnded(one, this.#service);
      return job ? [[one.connection, job]] : [];
    });
    const each = (value: (one: ConnectionFacts) => number | null | undefined) =>
      connections.flatMap((one) => sampleOf(one.connection, value(one)));
    const last = (value: (job: KnownJob) => number | null | undefined) =>
      lasts.flatMap(([connection, job]) => sampleOf(connection, value(job)));
    const total = (value: (totals: Totals) => number) =>
      connections.flatMap((one) => sampleOf(one.connection, value(this.#totalsOf(one.connection))));
    return [
      ...gauge("syncline_build_info", "The version that runs.", [
        [{ version: this.#version, node: process.versions.node }, 1],
      ]),
      ...gauge("process_start_time_seconds", "When the process started.", [
        [{}, round(Date.now() / 1000 - process.uptime())],
      ]),
      ...gauge("process_resident_memory_bytes", "Memory of this process, without its connectors.", [
        [{}, process.memoryUsage.rss()],
      ]),
      ...counter(
        "syncline_jobs_total",
        "Jobs that ended.",
        connections.flatMap(({ connection }) =>
          ENDS.map((status): Sample => [
            { connection, status },
            this.#totalsOf(connection).jobs.get(status) ?? 0,
          ]),
        ),
      ),
      ...counter(
        "syncline_rows_emitted_total",
        "Rows that jobs that ended read.",
        total(({ emitted }) => emitted),
      ),
      ...counter(
        "syncline_rows_committed_total",
        "Rows that they committed.",
        total(({ committed }) => committed),
      ),
      ...counter(
        "syncline_bytes_total",
        "Bytes of the rows they read.",
        total(({ bytes }) => bytes),
      ),
      ...gauge(
        "syncline_running",
        "Whether a job runs.",
        each(({ state }) => Number(state === "running" || state === "stopping")),
      ),
      ...gauge(
        "syncline_paused",
        "Whether it is paused.",
        each(({ is_paused }) => Number(is_paused)),
      ),
      ...gauge(
        "syncline_next_run_time_seconds",
        "When it runs next.",
        each(({ next_run }) => secondsOf(next_run)),
      ),
      ...gauge(
        "syncline_last_run_status",
        "How the last job ended.",
        lasts.map(([connection, { status }]): Sample => [{ connection, status }, 1]),
      ),
      ...gauge(
        "syncline_last_run_succeeded",
        "Whether the last job succeeded.",
        last(({ status }) => Number(status === "succeeded")),
      ),
      ...gauge(
        "syncline_last_run_end_time_seconds",
        "When the last job ended.",
        last(({ ended_at }) => secondsOf(ended_at)),
      ),
      ...gauge(
        "syncline_last_run_seconds",
        "How long the last job took.",
        last((job) => (secondsOf(job.ended_at) ?? NaN) - secondsOf(job.created_at)!),
      ),
      ...gauge(
        "syncline_last_run_rows_emitted",
        "Rows that the last job read.",
        last((job) => sumsOf(job).emitted),
      ),
      ...gauge(
        "syncline_last_run_rows_committed",
        "Rows that it committed.",
        last((job) => sumsOf(job).committed),
      ),
      ...gauge(
        "syncline_last_run_bytes",
        "Bytes of the rows it read.",
        last((job) => sumsOf(job).bytes),
      ),
      ...gauge(
        "syncline_log_lag_bytes",
        "What the source's log holds beyond what is delivered.",
        each(({ log_position }) => log_position?.lag_bytes),
      ),
      ...gauge(
        "syncline_log_retained_bytes",
        "WAL that the slot keeps the server from removing.",
        each(({ log_position }) => log_position?.retained_bytes),
      ),
      "",
    ].join("\n");
  }

  #count(event: ServiceEvent): void {
    if (event.event !== "job_ended") return;
    const totals = this.#totalsOf(event.connection);
    totals.jobs.set(event.status, (totals.jobs.get(event.status) ?? 0) + 1);
    const job = this.#service.job(event.job);
    if (job === undefined) return;
    const { emitted, committed, bytes } = sumsOf(job);
    totals.emitted += emitted;
    totals.committed += committed;
    totals.bytes += bytes;
  }

  #totalsOf(connection: string): Totals {
    let totals = this.#totals.get(connection);
    if (totals === undefined)
      this.#totals.set(
        connection,
        (totals = { jobs: new Map(), emitted: 0, committed: 0, bytes: 0 }),
      );
    return totals;
  }
}

/** The last job that is over. */
function lastEnded(
  { connection, last_job: job }: ConnectionFacts,
  service: Service,
): KnownJob | undefined {
  if (job === null || !isOpen(job)) return job ?? undefined;
  return service.jobs({ connection, before: job.id, limit: 1 })[0];
}

function sumsOf(job: KnownJob): { emitted: number; committed: number; bytes: number } {
  const sums = { emitted: 0, committed: 0, bytes: 0 };
  for (const { emitted, committed, bytes } of finalStreams(job)) {
    sums.emitted += emitted;
    sums.committed += committed;
    sums.bytes += bytes;
  }
  return sums;
}

function sampleOf(connection: string, value: number | null | undefined): Sample[] {
  return typeof value === "number" && Number.isFinite(value)
    ? [[{ connection }, round(value)]]
    : [];
}

function secondsOf(time: string | null | undefined): number | undefined {
  return time ? Date.parse(time) / 1000 : undefined;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function gauge(name: string, help: string, samples: readonly Sample[]): string[] {
  return metric(name, "gauge", help, samples);
}

function counter(name: string, help: string, samples: readonly Sample[]): string[] {
  return metric(name, "counter", help, samples);
}

function metric(name: string, type: string, help: string, samples: readonly Sample[]): string[] {
  if (samples.length === 0) return [];
  const lines = samples.map(([labels, value]) => {
    const text = Object.entries(labels).map(([key, label]) => `${key}="${escaped(label)}"`);
    return `${name}${text.length > 0 ? `{${text.join(",")}}` : ""} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

/** A label's text, which ends with a quotation mark and is one line. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
