import type { Catalog } from "../../protocol/catalog.ts";
import type { LogLine } from "../store/attempt-log.ts";
import type { Asking } from "./asking.ts";
import { checkFacts, type CheckFacts } from "./check.ts";
import { discoveredCatalog } from "./discover.ts";
import { planFacts, plannedSync, type PlanFacts } from "./plan.ts";
import { Project, type ProjectOptions } from "./project.ts";
import { removalFacts, type Removal, type RemovalFacts } from "./removal.ts";

/** What connectors are asked with. Nothing is written but to what remembers their specifications. */
export interface AskOptions extends ProjectOptions {
  /** Ends it; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Gets what connectors say, redacted and escaped. */
  readonly onLog?: (line: LogLine) => void;
}

/** What a sync of a connection would do. Throws what would refuse all of it. */
export async function plan(connection: string, options: AskOptions = {}): Promise<PlanFacts> {
  const project = new Project(options);
  const [found] = await project.connections([connection]);
  return planFacts(await plannedSync(await askingOf(project, options), found!));
}

/**
 * Tries connectors, or those of connections, by name; default: all.
 * Throws `usage.invalid` for a name that is neither's.
 */
export async function check(
  names: readonly string[] = [],
  options: AskOptions = {},
): Promise<CheckFacts[]> {
  const project = new Project(options);
  return checkFacts(await askingOf(project, options), await project.config(), names);
}

/** The streams that a source offers. Throws what the source reports. */
export async function discover(source: string, options: AskOptions = {}): Promise<Catalog> {
  const project = new Project(options);
  return discoveredCatalog(await askingOf(project, options), await project.config(), source);
}

/** What a clear, or a refresh that removes, would take away. */
export async function removal(
  connection: string,
  wanted: Removal,
  options: AskOptions = {},
): Promise<RemovalFacts> {
  const project = new Project(options);
  const [found] = await project.connections([connection]);
  return removalFacts(await askingOf(project, options), found!, wanted);
}

async function askingOf(project: Project, { signal, onLog }: AskOptions): Promise<Asking> {
  const home = await project.home();
  return { home, signal: signal ?? new AbortController().signal, ...(onLog && { onLog }) };
}
