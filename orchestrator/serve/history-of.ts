import type { JobHistory } from "../store/job-history.ts";
import type { History, Kept } from "./timetable.ts";

/** Jobs that are looked at: with more failures in a row no wait gets longer. */
const LOOKED_AT = 10;

/** What the job history tells of a connection that the timetable is to know. */
export function historyOf(history: JobHistory, connection: string): History {
  const jobs = history.page({ connection, limit: LOOKED_AT });
  const start = jobs.find(({ type }) => type === "sync" || type === "refresh")?.created_at;
  const end = jobs[0]?.ended_at;
  const firstGood = jobs.findIndex(({ status }) => status === "succeeded");
  const since = firstGood === -1 ? jobs : jobs.slice(0, firstGood);
  return {
    lastStart: start === undefined ? undefined : Date.parse(start),
    lastEnd: end === undefined ? undefined : Date.parse(end),
    failures: since.filter(({ status }) => status === "failed").length,
  };
}

/** What was kept of a connection, without what somebody else has brought to its end since. */
export function keptOf(
  kept: Kept | undefined,
  history: JobHistory,
  connection: string,
): Kept | undefined {
  const [last] = history.page({ connection, limit: 1 });
  return kept && last?.status === "succeeded" ? { ...kept, unfinished: null } : kept;
}
