import { packageVersion } from "../../version.ts";
import type { Service } from "../service.ts";
import { openTracer } from "./tracer.ts";

export interface Telemetry {
  /** Takes no more jobs, and resolves when those that are over were sent, or tried to. */
  stop(): Promise<void>;
}

/**
 * Sends the spans of every job that a service ends, where the environment asks for them. Each job is a trace
 * of its own: a service is started once and runs for weeks, so what started it is not what its jobs are part of.
 */
export function startTelemetry(
  service: Pick<Service, "subscribe" | "job">,
  env: Readonly<Record<string, string | undefined>>,
  note: (line: string) => void,
): Telemetry {
  const tracer = openTracer({ ...env, TRACEPARENT: undefined }, packageVersion(), note);
  if (tracer === undefined) return { stop: async () => {} };
  const unsubscribe = service.subscribe((event) => {
    if (event.event !== "job_ended") return;
    const job = service.job(event.job);
    if (job) tracer.jobEnded(job);
  });
  return {
    async stop() {
      unsubscribe();
      await tracer.flush();
    },
  };
}
