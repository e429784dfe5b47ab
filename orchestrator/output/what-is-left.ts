import { streamLabel } from "../../protocol/catalog.ts";
import { escapeControls } from "../escape.ts";
import type { JobReport, StreamReport } from "../store/jobs.ts";
import { finalStreams } from "./job-report.ts";
import { grouped } from "./table.ts";

/** Streams of which that is said one by one. */
const SHOWN = 20;

/**
 * What a job that was stopped leaves of each stream, and what the next one makes of it.
 *
 * @param isKilled whether nobody waited for what the destination had committed.
 */
export function whatIsLeft(job: JobReport, isKilled: boolean): string[] {
  const streams = finalStreams(job);
  const next = `\`syncline ${job.type} ${job.connection}\``;
  if (streams.length === 0) return [`nothing was begun; ${next} begins it`];
  const open = streams.filter(({ status }) => status === "incomplete");
  const begun = open.filter(({ emitted, committed }) => emitted > 0 || committed > 0);
  const untouched = open.length - begun.length;
  const complete = streams.length - open.length;
  const lines = begun
    .slice(0, SHOWN)
    .map((stream) => `${escapeControls(streamLabel(stream))}: ${fate(stream, next, isKilled)}`);
  if (begun.length > SHOWN)
    lines.push(`${begun.length - SHOWN} more streams are incomplete: \`syncline why ${job.id}\``);
  if (untouched > 0)
    lines.push(
      `${counted(untouched)} as before: nothing of ${untouched === 1 ? "it" : "them"} was brought`,
    );
  if (complete > 0) lines.push(`${counted(complete)} complete`);
  return lines;
}

function fate(stream: StreamReport, command: string, isKilled: boolean): string {
  const { next } = stream;
  const kept = whatIsCommitted(stream, isKilled);
  const then = next === "goes_on" ? "goes on from its last state" : "reads it from its beginning";
  return `${kept}; the next ${command} ${then}`;
}

function whatIsCommitted({ committed, apart }: StreamReport, isKilled: boolean): string {
  const rows = committed === 1 ? "1 row is" : `${grouped(committed)} rows are`;
  if (committed > 0)
    return apart && !isKilled
      ? `its table is as before; ${rows} committed for the new one`
      : `${isKilled ? "at least " : ""}${rows} committed`;
  return isKilled
    ? "nothing is known to be committed"
    : "nothing was committed: its table is as before";
}

function counted(streams: number): string {
  return streams === 1 ? "1 stream is" : `${grouped(streams)} streams are`;
}
