import { usualRuns, whyFacts } from "../api/why.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import {
  destinationTimes,
  median,
  streamTimes,
  timesOfJob,
  type DestinationTimes,
  type JobTimes,
} from "../output/job-times.ts";
import { table } from "../output/table.ts";
import { JobHistory } from "../store/job-history.ts";
import type { JobReport } from "../store/jobs.ts";
import type { Command } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";
import { jobCalled } from "./known-jobs.ts";

/** Streams shown, the heaviest. */
const SHOWN_STREAMS = 10;

const PARTS: Readonly<Record<Exclude<keyof JobTimes, "total">, string>> = {
  starting: "starting",
  reading: "reading",
  waiting: "waiting for the destination",
  finishing: "finishing at the destination",
  other: "between attempts, and the rest",
};

/** Of a job that follows a log, which has nothing to read for as long as nothing changes. */
const FOLLOWING = "following: reading, or waiting for changes";

const AT_DESTINATION: Readonly<Record<keyof DestinationTimes, string>> = {
  copy: "COPY",
  merge: "merge",
  swap: "swap",
};

export const why: Command = {
  name: "why",
  arguments: "[job]",
  description:
    "show where the time of a job went: the last one, that of a number, or a connection's last",
  examples: ["syncline why", "syncline why orders", "syncline why 149 --json | jq .seconds"],
  run: showTimes,
};

/** Shows where the time went, beside the median of the last successful runs before it. */
async function showTimes(invocation: Invocation, [word]: readonly string[]): Promise<number> {
  const history = new JobHistory(await invocation.formerHome());
  const job = await jobCalled(word, history, invocation);
  const { console } = invocation;
  const usual = usualRuns(history, job);
  if (console.json) console.print(JSON.stringify(whyFacts(job, usual)));
  else for (const line of asText(job, usual)) console.print(line);
  return EXIT.done;
}

function asText(job: JobReport, usual: readonly JobReport[]): string[] {
  const head = `${job.connection}: job ${job.id} ${job.status}`;
  const times = timesOfJob(job);
  if (times === undefined)
    return [
      job.ended_at === undefined
        ? `${head}: where its time went is known when it is over`
        : `${head}: no times were kept of it`,
    ];
  const others = usual.map((one) => timesOfJob(one)!);
  const keys = (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter(
    (key) => key !== "other" || times.other >= 0.05,
  );
  const words = job.follows === true ? { ...PARTS, reading: FOLLOWING } : PARTS;
  const beside = (values: readonly number[]) =>
    usual.length > 0 ? [inSeconds(median(values))] : [];
  const rows = [...keys, "total" as const].map((key) => [
    key === "total" ? "total" : words[key],
    inSeconds(times[key]),
    ...beside(others.map((one) => one[key])),
  ]);
  const besideHead = usual.length > 0 ? [medianOf(usual.length)] : [];
  const most = keys.reduce((one, other) => (times[other] > times[one] ? other : one));
  const own = destinationTimes(job);
  return [
    `${head} in ${inSeconds(times.total)}, most of it ${words[most]}`,
    ...table(["", "this job", ...besideHead], rows).map(indented),
    ...(own ? destinationLines(own, usual) : ["  what the destination did it does not tell"]),
    ...streamLines(job, usual),
  ];
}

function destinationLines(own: DestinationTimes, usual: readonly JobReport[]): string[] {
  const others = usual.flatMap((one) => destinationTimes(one) ?? []);
  const rows = (Object.keys(AT_DESTINATION) as (keyof DestinationTimes)[]).map((key) => [
    AT_DESTINATION[key],
    inSeconds(own[key]),
    ...(others.length > 0 ? [inSeconds(median(others.map((one) => one[key])))] : []),
  ]);
  const beside = others.length > 0 ? [medianOf(others.length)] : [];
  return ["", ...table(["of it, the destination's", "this job", ...beside], rows).map(indented)];
}

function streamLines(job: JobReport, usual: readonly JobReport[]): string[] {
  const streams = streamTimes(job);
  if (streams.length === 0) return [];
  const others = usual.map(streamTimes);
  const rows = streams.slice(0, SHOWN_STREAMS).map((stream) => {
    const before = others.flatMap((one) => one.find(({ label }) => label === stream.label) ?? []);
    return [
      escapeControls(stream.label),
      ...[stream.reading, stream.waiting, stream.copy, stream.merge, stream.swap].map(inSeconds),
      inSeconds(stream.work),
      ...(usual.length > 0 ? [inSeconds(median(before.map(({ work }) => work)))] : []),
    ];
  });
  const beside = usual.length > 0 ? ["median"] : [];
  const headings = ["stream", "reading", "waiting", "COPY", "merge", "swap", "work", ...beside];
  const more = streams.length - rows.length;
  return [
    "",
    ...table(headings, rows).map(indented),
    ...(more > 0 ? [`  ${more} more streams took less`] : []),
  ];
}

function medianOf(runs: number): string {
  return runs === 1 ? "the run before" : `median of ${runs} runs`;
}

function inSeconds(seconds: number | undefined): string {
  return seconds === undefined ? "" : `${seconds.toFixed(1)} s`;
}

function indented(line: string): string {
  return `  ${line}`;
}
