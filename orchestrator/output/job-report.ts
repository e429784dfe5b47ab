import { streamLabel } from "../../protocol/catalog.ts";
import type { JobReport, StreamReport } from "../store/jobs.ts";
import { escapeControls } from "./escape.ts";
import { byteSize, grouped, table } from "./table.ts";

/** The summary of a job, for people: a line, a table of streams, the failures. */
export function jobSummary(job: JobReport): string[] {
  const streams = finalStreams(job);
  const rows = streams.map((stream) => [
    escapeControls(streamLabel(stream)),
    stream.status,
    grouped(stream.emitted),
    grouped(stream.committed),
    byteSize(stream.bytes),
    `${stream.seconds.toFixed(1)} s`,
    `${grouped(stream.seconds > 0 ? stream.emitted / stream.seconds : 0)}/s`,
  ]);
  const headings = ["stream", "status", "emitted", "committed", "bytes", "time", "rows"];
  const attempts = job.attempts.length;
  const tries = attempts > 1 ? `, ${attempts} attempts` : "";
  return [
    `${job.connection}: job ${job.id} ${job.status}${tries}`,
    ...(rows.length > 0 ? table(headings, rows).map((line) => `  ${line}`) : []),
  ];
}

/** What each stream came to over all attempts: counts add up, the last status counts. */
export function finalStreams(job: JobReport): StreamReport[] {
  const byLabel = new Map<string, StreamReport>();
  for (const stream of job.attempts.flatMap((attempt) => attempt.streams ?? [])) {
    const label = streamLabel(stream);
    const before = byLabel.get(label);
    byLabel.set(
      label,
      before === undefined
        ? stream
        : {
            ...stream,
            emitted: before.emitted + stream.emitted,
            committed: before.committed + stream.committed,
            bytes: before.bytes + stream.bytes,
            seconds: before.seconds + stream.seconds,
          },
    );
  }
  return [...byLabel.values()];
}
