import { Failure } from "../../protocol/errors.ts";
import { JobHistory, type KnownJob } from "../store/job-history.ts";
import { logPieces, type LogKind } from "./log.ts";
import { positionsOf, type StreamPosition } from "./positions.ts";
import { Project, type ProjectOptions } from "./project.ts";
import { statusFacts, type StatusFacts } from "./status.ts";
import { usualRuns, whyFacts, type WhyFacts } from "./why.ts";

export interface JobsOptions extends ProjectOptions {
  /** Only of this connection. */
  readonly connection?: string;
  /** Only those before the job of this number: the next page. */
  readonly before?: number;
  /** Default 20. */
  readonly limit?: number;
}

/** How connections stand: those with these names, or all. No variable of connectors need be set. */
export async function status(
  names: readonly string[] = [],
  options: ProjectOptions = {},
): Promise<StatusFacts[]> {
  const project = new Project(options);
  const connections = await project.connectionsAtRest(names);
  const home = await project.formerHome();
  const history = new JobHistory(home);
  return connections.map(({ name }) => statusFacts(home, history, name));
}

/** Where each stream of a connection stands. Throws `state.invalid`. */
export async function positions(
  connection: string,
  options: ProjectOptions = {},
): Promise<StreamPosition[]> {
  const project = new Project(options);
  await project.connectionsAtRest([connection]);
  return positionsOf(await project.formerHome(), connection);
}

/** Jobs, latest first. Reads no more of them than it gives. */
export async function jobs(options: JobsOptions = {}): Promise<KnownJob[]> {
  const { connection, before, limit = 20 } = options;
  const home = await new Project(options).formerHome();
  return new JobHistory(home).page({ connection, before, limit });
}

/** A job by its number; undefined: there is none, or none any more. */
export async function job(id: number, options: ProjectOptions = {}): Promise<KnownJob | undefined> {
  return new JobHistory(await new Project(options).formerHome()).job(id);
}

/**
 * What was logged in an attempt of a job so far, in pieces of whole lines; `events` are NDJSON.
 * Throws `usage.invalid` for a job or an attempt that is not there.
 *
 * @param attempt counts from 0.
 */
export async function* logs(
  id: number,
  attempt: number,
  { kind = "logs", ...options }: ProjectOptions & { readonly kind?: LogKind } = {},
): AsyncGenerator<string> {
  const home = await new Project(options).formerHome();
  const found = requireJob(id, new JobHistory(home).job(id));
  if (found.attempts.every((one) => one.attempt !== attempt))
    throw new Failure("usage.invalid", `job ${id} has no attempt ${attempt}`);
  yield* logPieces(home, found, attempt, kind);
}

/** Where the time of a job went. Throws `usage.invalid` for one that is not there. */
export async function why(id: number, options: ProjectOptions = {}): Promise<WhyFacts> {
  const history = new JobHistory(await new Project(options).formerHome());
  const found = requireJob(id, history.job(id));
  return whyFacts(found, usualRuns(history, found));
}

function requireJob(id: number, found: KnownJob | undefined): KnownJob {
  if (found) return found;
  throw new Failure("usage.invalid", `there is no job ${id}`);
}
