import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../protocol/errors.ts";
import type { Session } from "../cli.ts";
import { attemptFolder, jobIds, readJob } from "../store/jobs.ts";
import { EXIT } from "./exit-status.ts";

/** Prints the log, or the events, of a job's attempts. */
export async function logsCommand(
  session: Session,
  [word]: readonly string[],
  options: Record<string, unknown>,
): Promise<number> {
  const { jobs: folder } = await session.home();
  const id = word === undefined ? jobIds(folder).at(-1) : Number(word);
  const job = id === undefined ? undefined : readJob(folder, id);
  if (job === undefined)
    throw new Failure(
      "usage.invalid",
      word === undefined ? "no jobs yet" : `there is no job ${word}`,
    );
  const wanted = options["attempt"] === undefined ? undefined : Number(options["attempt"]);
  if (wanted !== undefined && job.attempts.every(({ attempt }) => attempt !== wanted))
    throw new Failure(
      "usage.invalid",
      `job ${job.id} has no attempt ${String(options["attempt"])}; its attempts are 0 to ${job.attempts.length - 1}`,
    );
  const file = options["events"] || session.console.json ? "events.ndjson" : "logs.log";
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
