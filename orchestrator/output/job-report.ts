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
  const tries = attempts > 1 ? ` (attempts 0 to ${last!.attempt})` : last ? " (attempt 0)" : "";
  return [
    `${job.connection}: job ${job.id} ${job.status}${tries}${wallTime(job)}`,
    ...(streams.length > 0 ? shown.map((line) => `  ${line}`) : []),
    ...beginnings(job).map((line) => `  ${line}`),
    ...(job.attempts.at(-1)?.notes ?? []).map((note) => `  ${escapeControls(note)}`),
  ];
}

function moved(streams: readonly StreamReport[]): string[] {
  const filters = streams.some(({ filtered = 0 }) => filtered > 0);
  const nulls = streams.some(({ nulled = 0 }) => nulled > 0);
  const row = (label: string, status: string, stream: Omit<StreamReport, "name" | "status">) => [
    label,
    status,
    grouped(stream.emitted),
    ...(filters ? [grouped(stream.filtered ?? 0)] : []),
    grouped(stream.committed),
    ...(nulls ? [grouped(stream.nulled ?? 0)] : []),
    byteSize(stream.bytes),
    `${stream.seconds.toFixed(1)} s`,
    `${grouped(stream.seconds > 0 ? stream.emitted / stream.seconds : 0)}/s`,
  ];
  const rows = streams.map((stream) =>
    row(escapeControls(streamLabel(stream)), stream.status, stream),
  );
  if (streams.length > 1) {
    const whole = streams.filter(({ status }) => status === "complete").length;
    const all = streams.reduce((total, stream) => ({ ...added(total, stream), name: "" }));
    rows.push(row("total", `${whole} of ${streams.length}`, all));
  }
  const headings = [
    "stream",
    "status",
    "emitted",
    ...(filters ? ["filtered"] : []),
    "committed",
    ...(nulls ? ["made NULL"] : []),
    "bytes",
    "time",
    "rows",
  ];
  return table(headings, rows);
}

/** `, 42.1 s`, from its beginning to its end. */
function wallTime({ created_at, ended_at }: JobReport): string {
  if (ended_at === undefined) return "";
  return `, ${((Date.parse(ended_at) - Date.parse(created_at)) / 1000).toFixed(1)} s`;
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
      before === undefined || stream.discards_earlier ? stream : added(before, stream),
    );
  }
  return [...byLabel.values()];
}

/** The second, with the counts of both. */
function added(before: StreamReport, stream: StreamReport): StreamReport {
  const filtered = (before.filtered ?? 0) + (stream.filtered ?? 0);
  const nulled = (before.nulled ?? 0) + (stream.nulled ?? 0);
  return {
    ...stream,
    emitted: before.emitted + stream.emitted,
    committed: before.committed + stream.committed,
    bytes: before.bytes + stream.bytes,
    seconds: before.seconds + stream.seconds,
    ...(filtered > 0 && { filtered }),
    ...(nulled > 0 && { nulled }),
  };
}

/** How many rows a job brought into place. */
export function committedRows(job: JobReport): number {
  return finalStreams(job).reduce((sum, { committed }) => sum + committed, 0);
}
