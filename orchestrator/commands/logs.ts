import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../protocol/errors.ts";
import { logPiece } from "../api/log.ts";
import type { Invocation } from "../invocation.ts";
import { JobHistory, type KnownJob } from "../store/job-history.ts";
import type { Command } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";
import { jobCalled } from "./known-jobs.ts";

/** Time between two looks for new lines. */
const LOOK_MS = 200;

interface Options {
  readonly attempt?: string;
  readonly events?: boolean;
  readonly follow?: boolean;
}

export const logs: Command<Options> = {
  name: "logs",
  arguments: "[job]",
  description: "print the log of a job: the last one, that of a number, or a connection's last one",
  options: [
    { flags: "-f, --follow", description: "go on while the job runs" },
    { flags: "--attempt <number>", description: "one attempt only; the first one is 0" },
    { flags: "--events", description: "the events instead, as NDJSON; so does --json" },
  ],
  examples: [
    "syncline logs",
    "syncline logs orders -f",
    "syncline logs 149.0",
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
  const home = await invocation.formerHome();
  const history = new JobHistory(home);
  const job = await jobCalled(word, history, invocation);
  const [, number, last] = /^(\d+)\.(\d+)$/.exec(word ?? "") ?? [];
  const attempt = options.attempt ?? (Number(number) === job.id ? last : undefined);
  const wanted = attempt === undefined ? undefined : Number(attempt);
  if (wanted !== undefined && job.attempts.every((one) => one.attempt !== wanted))
    throw new Failure(
      "usage.invalid",
      `job ${job.id} has no attempt ${attempt}; its attempts are 0 to ${job.attempts.length - 1}`,
    );
  const kind = options.events || invocation.console.json ? "events" : "logs";
  const printed = new Map<number, number>();
  const print = async (now: KnownJob) => {
    for (const { attempt: one } of now.attempts) {
      if (wanted !== undefined && one !== wanted) continue;
      for (;;) {
        const piece = logPiece(home, now, one, kind, printed.get(one) ?? 0);
        if (piece === undefined || piece.text === "" || process.stdout.destroyed) break;
        await written(piece.text);
        printed.set(one, piece.next);
      }
    }
  };
  for (let now = job; ; now = new JobHistory(home).job(job.id) ?? now) {
    await print(now);
    const isOver = now.run_by === undefined || isEnded(now, wanted);
    if (!options.follow || isOver || process.stdout.destroyed) return EXIT.done;
    await sleep(LOOK_MS);
  }
}

/** Whether nothing more comes of the one attempt that was asked for. */
function isEnded({ attempts }: KnownJob, wanted: number | undefined): boolean {
  const attempt = attempts.find((one) => one.attempt === wanted);
  return attempt !== undefined && attempt.status !== "running";
}

/** Resolves when the reader has taken it, or went away. */
function written(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
