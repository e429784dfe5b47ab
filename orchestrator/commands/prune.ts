import { Failure } from "../../protocol/errors.ts";
import type { Invocation } from "../invocation.ts";
import { outdatedJobs, removeJob } from "../store/retention.ts";
import type { Command } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";

interface Options {
  readonly keep?: string;
  readonly days?: string;
  readonly dryRun?: boolean;
}

export const prune: Command<Options> = {
  name: "prune",
  description: "remove old jobs and their logs, as `keep` in the configuration says",
  options: [
    { flags: "--keep <count>", description: "keep so many of each connection" },
    { flags: "--days <number>", description: "keep none that is older" },
    { flags: "--dry-run", description: "only say which" },
  ],
  examples: ["syncline prune --dry-run", "syncline prune --keep 50 --days 30"],
  run: pruneJobs,
};

/** Removes jobs that are kept no longer; a connection's last one and all states stay. */
async function pruneJobs(
  invocation: Invocation,
  _: readonly string[],
  { keep, days, dryRun = false }: Options,
): Promise<number> {
  const configured = (await invocation.layout()).keep;
  const { jobs: folder } = await invocation.formerHome();
  const ids = outdatedJobs(folder, {
    jobs: positive("--keep", keep) ?? configured.jobs,
    days: positive("--days", days) ?? configured.days,
  });
  if (!dryRun) for (const id of ids) removeJob(folder, id);
  const { console } = invocation;
  if (console.json) console.print(JSON.stringify({ jobs: ids, removed: !dryRun }));
  else {
    const range = ids.length === 0 ? "" : ` (${ids[0]} to ${ids.at(-1)})`;
    const count = `${ids.length} ${ids.length === 1 ? "job" : "jobs"}${range}`;
    console.print(dryRun ? `${count} would be removed` : `${count} removed`);
  }
  return EXIT.done;
}

function positive(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && (option === "--days" || Number.isInteger(value)))
    return value;
  throw new Failure("usage.invalid", `${option} wants a number above 0`);
}
