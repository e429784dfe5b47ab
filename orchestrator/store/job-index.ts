import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { jobIds, readJob } from "./jobs.ts";

/** Lines of removed jobs that may stay before the file is written anew. */
const MAX_STALE = 1_000;

/** Which jobs there are, and of which connection each is. */
export interface JobIndex {
  /** Rising. */
  readonly ids: readonly number[];
  /** By connection, rising. */
  readonly byConnection: ReadonlyMap<string, readonly number[]>;
  /** Folders without a readable `job.json`: of jobs being made, or cut short. */
  readonly nameless: readonly number[];
}

/**
 * Finds out of which connection each job is without opening all of them: `index` beside the jobs has a
 * line for each, `17 orders`, which never changes. It is a memory and no record: what it lacks is
 * looked up and added, so that losing it, or a line of it, costs time alone.
 */
export function indexJobs(folder: string): JobIndex {
  const known = readIndex(folder);
  const ids = jobIds(folder);
  const byConnection = new Map<string, number[]>();
  const nameless: number[] = [];
  const found: string[] = [];
  for (const id of ids) {
    let connection = known.get(id);
    if (connection === undefined) {
      connection = readJob(folder, id)?.connection;
      if (connection !== undefined) found.push(lineOf(id, connection));
    }
    if (connection === undefined) nameless.push(id);
    else if (byConnection.get(connection)?.push(id) === undefined)
      byConnection.set(connection, [id]);
  }
  if (known.size > ids.length + MAX_STALE) rmSync(join(folder, "index"), { force: true });
  else remember(folder, found);
  return { ids, byConnection, nameless };
}

function lineOf(id: number, connection: string): string {
  return `${id} ${connection}\n`;
}

function readIndex(folder: string): Map<number, string> {
  const known = new Map<number, string>();
  let text: string;
  try {
    text = readFileSync(join(folder, "index"), "utf8");
  } catch {
    return known;
  }
  // What follows the last line break was cut short.
  for (const line of text.split("\n").slice(0, -1)) {
    const space = line.indexOf(" ");
    const id = Number(line.slice(0, space));
    if (space > 0 && Number.isInteger(id)) known.set(id, line.slice(space + 1));
  }
  return known;
}

function remember(folder: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  try {
    // The first break ends a line that somebody else did not finish.
    appendFileSync(join(folder, "index"), `\n${lines.join("")}`, { mode: 0o600 });
  } catch {
    // Looked up again the next time.
  }
}
