import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../protocol/errors.ts";
import type { Invocation } from "../invocation.ts";
import { attemptFolder, jobIds, readJob } from "../store/jobs.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-status.ts";

interface Options {
  readonly attempt?: string;
  readonly events?: boolean;
}

export const logs: Command<Options> = {
  name: "logs",
  arguments: "[job]",
  description: "print the log of a job: the last one, or the one with this number",
  options: [
    { flags: "--attempt <number>", description: "one attempt only; the first one is 0" },
    { flags: "--events", description: "the events instead, as NDJSON; so does --json" },
  ],
  examples: [
    "syncline logs",
    "syncline logs 149 --attempt 0",
    "syncline logs --events | jq .event",
  ],
  run: printLogs,
};

/** Prints the log, or the events, of a job's attempts. */
async function printLogs(
  invocation: Invocation,
  [word]: readonly string[],
  options: Options,
): Promise<number> {
  const { jobs: folder } = await invocation.home();
  const id = word === undefined ? jobIds(folder).at(-1) : Number(word);
  const job = id === undefined ? undefined : readJob(folder, id);
  if (job === undefined)
    throw new Failure(
      "usage.invalid",
      word === undefined ? "no jobs yet" : `there is no job ${word}`,
    );
  const wanted = options.attempt === undefined ? undefined : Number(options.attempt);
  if (wanted !== undefined && job.attempts.every(({ attempt }) => attempt !== wanted))
    throw new Failure(
      "usage.invalid",
      `job ${job.id} has no attempt ${options.attempt}; its attempts are 0 to ${job.attempts.length - 1}`,
    );
  const file = options.events || invocation.console.json ? "events.ndjson" : "logs.log";
  for (const { attempt } of job.attempts) {
    if (wanted !== undefined && attempt !== wanted) continue;
    const path = join(attemptFolder(folder, job.id, attempt), file);
    if (existsSync(path))
      await pipeline(createReadStream(path), process.stdout, { end: false }).catch(closedByReader);
  }
  return EXIT.done;
}

function closedByReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
}
