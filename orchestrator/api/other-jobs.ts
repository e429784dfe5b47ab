import type { JobReport } from "../store/jobs.ts";
import { runOnProject, type RunOptions } from "./run-options.ts";

export interface RefreshOptions extends RunOptions {
  /** Whether rows that are there stay beside those that are read again, or are replaced by them. */
  readonly rows: "keep" | "remove";
}

/** Reads everything again, as `syncline refresh` does; nobody is asked. Throws as `sync` does. */
export function refresh(connection: string, options: RefreshOptions): Promise<JobReport> {
  const wanted = { type: "refresh", keepsRows: options.rows === "keep" } as const;
  return runOnProject(connection, wanted, options);
}

/** Empties the tables and forgets the positions, as `syncline clear` does; nobody is asked. Throws as `sync` does. */
export function clear(connection: string, options: RunOptions = {}): Promise<JobReport> {
  return runOnProject(connection, { type: "clear", keepsRows: false }, options);
}

/** Rebuilds the typed tables from the raw ones, as `syncline normalize` does. Throws as `sync` does. */
export function normalize(connection: string, options: RunOptions = {}): Promise<JobReport> {
  return runOnProject(connection, { type: "normalize", keepsRows: true }, options);
}
