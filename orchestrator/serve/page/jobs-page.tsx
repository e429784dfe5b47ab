import { committedRows } from "../../output/job-report.ts";
import { grouped } from "../../output/table.ts";
import type { KnownJob } from "../../store/job-history.ts";
import type { Frame } from "./frame.ts";
import { Layout } from "./layout.tsx";
import { Moment, Status, Wide } from "./parts.tsx";
import type { Markup } from "./render.ts";
import { durationText, placeOf, secondsOf } from "./words.ts";

/** A page of jobs, latest first. */
export interface JobsView {
  readonly jobs: readonly KnownJob[];
  /** Of this one alone; undefined: of all. */
  readonly connection: string | undefined;
  readonly connections: readonly string[];
  /** Whether they do not begin with the latest. */
  readonly isLater: boolean;
  /** Whether there are earlier ones. */
  readonly hasEarlier: boolean;
  readonly frame: Frame;
}

/** All jobs, or those of one connection, a page at a time. */
export function JobsPage(view: JobsView): Markup {
  const { jobs, connection, connections, isLater, hasEarlier, frame } = view;
  const isRunning = !isLater && jobs.some(({ ended_at }) => ended_at === undefined);
  const query = connection === undefined ? "" : `connection=${encodeURIComponent(connection)}&`;
  const live = connection === undefined ? "*" : frame.liveOf(connection);
  return (
    <Layout
      title="Jobs"
      place="jobs"
      isRunning={isRunning}
      frame={frame}
      live={isLater ? undefined : live}
    >
      <h1>Jobs</h1>
      <form method="get" action="/jobs" class="row">
        <label for="connection">Connection</label>
        <select id="connection" name="connection">
          <option value="">all</option>
          {connections.map((name) => (
            <option value={name} selected={name === connection}>
              {name}
            </option>
          ))}
        </select>
        <button>Show</button>
      </form>
      <div id="jobs" data-live>
        {jobs.length === 0 ? <p>{isLater ? "No earlier jobs." : "No jobs yet."}</p> : null}
        {jobs.length === 0 ? null : <JobTable jobs={jobs} />}
      </div>
      <p class="actions">
        {isLater ? (
          <a class="button" href={`/jobs?${query}`}>
            Latest
          </a>
        ) : null}
        {hasEarlier ? (
          <a class="button" href={`/jobs?${query}before=${jobs.at(-1)!.id}`}>
            Earlier
          </a>
        ) : null}
      </p>
    </Layout>
  );
}

function JobTable({ jobs }: { readonly jobs: readonly KnownJob[] }): Markup {
  return (
    <Wide label="Jobs">
      <table>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Connection</th>
            <th scope="col" class="wide">
              Type
            </th>
            <th scope="col">Status</th>
            <th scope="col">Started</th>
            <th scope="col" class="number wide">
              Attempts
            </th>
            <th scope="col" class="number">
              Committed
            </th>
            <th scope="col" class="number wide">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => {
            const seconds = secondsOf(job);
            return (
              <tr>
                <th scope="row">
                  <a href={`/jobs/${job.id}`}>{job.id}</a>
                </th>
                <td>
                  <a href={placeOf(job.connection)}>{job.connection}</a>
                </td>
                <td class="wide">{job.type}</td>
                <td>
                  <Status status={job.status} />
                </td>
                <td>
                  <Moment at={job.created_at} />
                </td>
                <td class="number wide">{job.attempts.length}</td>
                <td class="number">{grouped(committedRows(job))}</td>
                <td class="number wide">{seconds === undefined ? "" : durationText(seconds)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Wide>
  );
}
