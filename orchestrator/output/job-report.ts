import { streamLabel } from "../../protocol/catalog.ts";
import type { JobReport, StreamReport } from "../store/jobs.ts";
import { escapeControls } from "../escape.ts";
import { byteSize, grouped, table } from "./table.ts";

/** The summary of a job, for people: a line, a table of streams, the failures. */
export function jobSummary(job: JobReport): string[] {
  const streams = finalStreams(job);
  const shown = job.type === "normalize" ? rebuilt(streams) : moved(streams);
  const attempts = job.attempts.length;
  const last = job.attempts.at(-1);
  const tries = attempts > 1 ? ` (attempts 0 to ${attempts - 1})` : last ? " (attempt 0)" : "";
  return [
    `${job.connection}: job ${job.id} ${job.status}${tries}`,
    ...(streams.length > 0 ? shown.map((line) => `  ${line}`) : []),
    ...beginnings(job).map((line) => `  ${line}`),
    ...(job.attempts.at(-1)?.notes ?? []).map((note) => `  ${escapeControls(note)}`),
  ];
}

function moved(streams: readonly StreamReport[]): string[] {
  const rows = streams.map((stream) => [
    escapeControls(streamLabel(stream)),
    stream.status,
    grouped(stream.emitted),
    grouped(stream.committed),
    byteSize(stream.bytes),
    `${stream.seconds.toFixed(1)} s`,
    `${grouped(stream.seconds > 0 ? stream.emitted / stream.seconds : 0)}/s`,
  ]);
  return table(["stream", "status", "emitted", "committed", "bytes", "time", "rows"], rows);
}

function rebuilt(streams: readonly StreamReport[]): string[] {
  const rows = streams.map((stream) => [
    escapeControls(streamLabel(stream)),
    stream.status,
    grouped(stream.committed),
    grouped(stream.nulled ?? 0),
    `${stream.seconds.toFixed(1)} s`,
  ]);
  return table(["stream", "status", "rows", "values made NULL", "time"], rows);
}

/** Which streams did not begin at their beginning, or had to begin twice. */
function beginnings({ attempts }: JobReport): string[] {
  const committed = new Map<string, number>();
  const lines = new Map<string, string>();
  for (const stream of attempts.flatMap((attempt) => attempt.streams ?? [])) {
    const label = streamLabel(stream);
    const before = committed.get(label) ?? 0;
    const rows = `${grouped(before)} rows`;
    if (before === 0 && stream.began === "resumed")
      lines.set(label, "goes on behind the rows that an earlier job brought");
    else if (before === 0 && stream.began === "delivered")
      lines.set(label, "finished with the rows that an earlier job brought");
    else if (before === 0) lines.delete(label);
    else if (stream.began === "resumed") lines.set(label, `resumed after ${rows}`);
    else if (stream.began === "delivered")
      lines.set(label, `finished with the ${rows} read before`);
    else if (stream.began === "again")
      lines.set(
        label,
        `started again; ${rows} of an earlier attempt ${stream.discards_earlier ? "were replaced" : "stay beside the new ones"}`,
      );
    committed.set(label, (stream.discards_earlier ? 0 : before) + stream.committed);
  }
  return [...lines].map(([label, text]) => `${escapeControls(label)}: ${text}`);
}

/**
 * What each stream came to over all attempts: counts add up, except over what was replaced, and the
 * last status counts.
 */
export function finalStreams(job: JobReport): StreamReport[] {
  const byLabel = new Map<string, StreamReport>();
  for (const stream of job.attempts.flatMap((attempt) => attempt.streams ?? [])) {
    const label = streamLabel(stream);
    const before = byLabel.get(label);
    byLabel.set(
      label,
      before === undefined || stream.discards_earlier
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

/** How many rows a job brought into place. */
export function committedRows(job: JobReport): number {
  return finalStreams(job).reduce((sum, { committed }) => sum + committed, 0);
}
