import { committedRows, finalStreams } from "../../output/job-report.ts";
import { byteSize, grouped } from "../../output/table.ts";
import { localTime } from "../../output/times.ts";
import type { JobReport } from "../../store/jobs.ts";
import { Status, Wide } from "./parts.tsx";
import type { Markup } from "./render.ts";
import { durationText, secondsOf } from "./words.ts";

/** One run, as the charts have it. */
interface Run {
  readonly job: JobReport;
  readonly rows: number;
  readonly seconds: number;
}

const BAR = 6;
const HEIGHT = 32;

/** Jobs as runs, the first one first; those that go on are not among them yet. */
function runsOf(jobs: readonly JobReport[]): Run[] {
  return jobs
    .flatMap((job) => {
      const seconds = secondsOf(job);
      return seconds === undefined ? [] : [{ job, rows: committedRows(job), seconds }];
    })
    .toReversed();
}

/** The last runs of a connection as two rows of small bars: rows, and seconds. Needs no script. */
export function Sparks({ jobs }: { readonly jobs: readonly JobReport[] }): Markup {
  const runs = runsOf(jobs);
  if (runs.length === 0) return <span class="quiet">no runs yet</span>;
  return (
    <div class="sparks">
      <Spark runs={runs} of="rows" text={grouped} />
      <Spark runs={runs} of="seconds" text={durationText} />
    </div>
  );
}

function Spark({
  runs,
  of,
  text,
}: {
  readonly runs: readonly Run[];
  readonly of: "rows" | "seconds";
  readonly text: (value: number) => string;
}): Markup {
  const values = runs.map((run) => run[of]);
  const most = Math.max(...values);
  const what = of === "rows" ? "rows" : "time";
  const last = text(values.at(-1)!);
  const range = `${text(Math.min(...values))} to ${text(most)}`;
  return (
    <figure class="spark">
      <svg
        role="img"
        aria-label={`${what} of the last ${runs.length} runs: ${range}, ${last} in the last one`}
        viewBox={`0 0 ${runs.length * BAR} ${HEIGHT}`}
        width={runs.length * BAR}
        height={HEIGHT}
      >
        {runs.map(({ job }, index) => {
          const height = most === 0 ? 1 : Math.max(1, (values[index]! / most) * HEIGHT);
          return (
            <rect
              class={`bar is-${job.status}`}
              x={index * BAR}
              y={HEIGHT - height}
              width={BAR - 2}
              height={height}
            />
          );
        })}
      </svg>
      <figcaption>{`${last}${of === "rows" ? " rows" : ""}`}</figcaption>
    </figure>
  );
}

/**
 * The runs of a connection as a table, from which the script draws the charts: the numbers are in
 * `data-value`, what they are of in `data-chart`.
 */
export function History({
  jobs,
  isLinked = true,
}: {
  readonly jobs: readonly JobReport[];
  /** Whether each job has a page. */
  readonly isLinked?: boolean;
}): Markup {
  const rows = jobs.map((job) => ({ job, seconds: secondsOf(job), committed: committedRows(job) }));
  return (
    <>
      <div class="charts" data-charts aria-hidden="true"></div>
      <Wide label="The last jobs">
        <table data-history>
          <caption>{`The last ${jobs.length} jobs, latest first`}</caption>
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col" class="wide">
                Type
              </th>
              <th scope="col">Status</th>
              <th scope="col">Started</th>
              <th scope="col" class="number" data-chart="rows">
                Rows
              </th>
              <th scope="col" class="number wide">
                Bytes
              </th>
              <th scope="col" class="number" data-chart="seconds">
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ job, seconds, committed }) => (
              <tr data-at={job.created_at} data-status={job.status}>
                <th scope="row">{isLinked ? <a href={`/jobs/${job.id}`}>{job.id}</a> : job.id}</th>
                <td class="wide">{job.type}</td>
                <td>
                  <Status status={job.status} />
                </td>
                <td>{localTime(job.created_at)}</td>
                <td class="number" data-value={committed}>
                  {grouped(committed)}
                </td>
                <td class="number wide">{byteSize(bytesOf(job))}</td>
                <td class="number" data-value={seconds}>
                  {seconds === undefined ? "" : durationText(seconds)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

function bytesOf(job: JobReport): number {
  return finalStreams(job).reduce((sum, { bytes }) => sum + bytes, 0);
}
