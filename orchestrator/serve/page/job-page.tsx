import { streamLabel } from "../../../protocol/catalog.ts";
import { finalStreams } from "../../output/job-report.ts";
import { byteSize, grouped } from "../../output/table.ts";
import { localTime } from "../../output/times.ts";
import type { KnownJob } from "../../store/job-history.ts";
import type { AttemptReport, StreamReport } from "../../store/jobs.ts";
import type { ConnectionProgressFacts } from "../service.ts";
import type { Frame } from "./frame.ts";
import { Layout } from "./layout.tsx";
import { Log, logPlace, Sql, type LogView } from "./log-view.tsx";
import { Action, Facts, FailureCard, Moment, Status, Wide } from "./parts.tsx";
import { Progress } from "./progress.tsx";
import type { Markup } from "./render.ts";
import { counted, durationText, placeOf, secondsOf, typeText } from "./words.ts";

/** What a job's page shows. */
export interface JobView {
  readonly job: KnownJob;
  readonly progress: ConnectionProgressFacts | undefined;
  /** Of the attempt that is shown; undefined: it has none. */
  readonly log: LogView | undefined;
  readonly notice?: Markup;
  readonly frame: Frame;
}

/** One job: what it brought, its attempts, its log and its SQL, and the way out of what failed. */
export function JobPage({ job, progress, log, notice, frame }: JobView): Markup {
  const { id, connection, type } = job;
  const isRunning = job.ended_at === undefined && job.status !== "interrupted";
  return (
    <Layout
      title={`Job ${id}`}
      place="jobs"
      live={frame.liveOf(connection)}
      isRunning={isRunning}
      frame={frame}
    >
      <h1>{`${typeText(type)} of ${connection}: job ${id}`}</h1>
      {notice}
      <div id="job" data-live>
        <p class="lead">
          <Status status={job.status} /> <strong>{countsText(job)}</strong>
        </p>
        <Facts facts={factsOf(job)} />
        <div class="actions">
          {isRunning ? (
            <Action
              to={placeOf(connection, "cancel")}
              label="Cancel"
              fields={{ how: "gracefully", job: String(id) }}
            />
          ) : (
            <Action to={placeOf(connection, "sync")} label="Sync now" />
          )}
        </div>
        {progress?.job === id ? <Progress progress={progress} /> : null}
        <Outcome job={job} />
        <Streams job={job} />
        <Attempts job={job} shown={log?.attempt} />
      </div>
      {log ? (
        <>
          <h2 id="log-title">{`Log of attempt ${log.attempt}`}</h2>
          <Log {...log} />
          <h2>SQL</h2>
          <div id="sql" data-live>
            <Sql piece={log.piece} />
          </div>
        </>
      ) : null}
    </Layout>
  );
}

/** `3 records emitted, 3 committed`. */
export function countsText(job: KnownJob): string {
  const streams = finalStreams(job);
  const sum = (key: "emitted" | "committed") =>
    streams.reduce((total, stream) => total + stream[key], 0);
  if (job.type === "clear") return "rows are removed, none are read";
  if (job.type === "normalize") return `${counted(sum("committed"), "row")} rebuilt`;
  return `${counted(sum("emitted"), "record")} emitted, ${grouped(sum("committed"))} committed`;
}

function factsOf(job: KnownJob): [string, unknown][] {
  const { id, connection, created_at, run_by, attempts } = job;
  const seconds = secondsOf(job);
  const bytes = finalStreams(job).reduce((sum, stream) => sum + stream.bytes, 0);
  return [
    ["Connection", <a href={placeOf(connection)}>{connection}</a>],
    ["Job id", String(id)],
    ["Attempt ids", attempts.map(({ attempt }) => attempt).join(", ") || "none yet"],
    ["Started", localTime(created_at)],
    ["Took", seconds === undefined ? "it goes on" : durationText(seconds)],
    ["Bytes", byteSize(bytes)],
    ...(run_by
      ? [
          [
            "Run by",
            `process ${run_by.pid} on ${run_by.host}${run_by.last_sign_at ? `, last seen ${localTime(run_by.last_sign_at)}` : ""}`,
          ] as [string, unknown],
        ]
      : []),
  ];
}

/** Why it did not bring everything, what it warned of, and what else there is to say. */
function Outcome({ job }: { readonly job: KnownJob }): Markup {
  const last = job.attempts.at(-1);
  const { failures = [], warnings = [], notes = [] } = last ?? {};
  const nulled = finalStreams(job).reduce((sum, stream) => sum + (stream.nulled ?? 0), 0);
  return (
    <>
      {job.status === "succeeded" ? null : failures.map((one) => <FailureCard failure={one} />)}
      {nulled === 0 ? null : (
        <p class="note warn">
          {`${counted(nulled, "value")} did not fit ${nulled === 1 ? "its column" : "their columns"} and became NULL; _airbyte_meta of each row says which.`}
        </p>
      )}
      {warnings.length === 0 ? null : (
        <section class="note warn" aria-label="Warnings">
          <p>
            <strong>{counted(warnings.length, "warning")}</strong>
          </p>
          <ul>
            {warnings.map((warning) => (
              <li>{warning}</li>
            ))}
          </ul>
        </section>
      )}
      {notes.map((note) => (
        <p class="note">{note}</p>
      ))}
    </>
  );
}

function Streams({ job }: { readonly job: KnownJob }): Markup {
  const streams = finalStreams(job);
  if (streams.length === 0) return <></>;
  return (
    <section aria-labelledby="streams-title">
      <h2 id="streams-title">Streams</h2>
      <Wide label="Streams of this job">
        <table>
          <thead>
            <tr>
              <th scope="col">Stream</th>
              <th scope="col">Status</th>
              <th scope="col" class="number">
                Emitted
              </th>
              <th scope="col" class="number">
                Committed
              </th>
              <th scope="col" class="number wide">
                Made NULL
              </th>
              <th scope="col" class="number wide">
                Bytes
              </th>
              <th scope="col" class="number wide">
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {streams.map((stream) => (
              <StreamRow stream={stream} />
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  );
}

function StreamRow({ stream }: { readonly stream: StreamReport }): Markup {
  return (
    <tr>
      <th scope="row">{streamLabel(stream)}</th>
      <td>
        <Status status={stream.status} />
      </td>
      <td class="number">{grouped(stream.emitted)}</td>
      <td class="number">{grouped(stream.committed)}</td>
      <td class="number wide">{grouped(stream.nulled ?? 0)}</td>
      <td class="number wide">{byteSize(stream.bytes)}</td>
      <td class="number wide">{durationText(stream.seconds)}</td>
    </tr>
  );
}

function Attempts({
  job,
  shown,
}: {
  readonly job: KnownJob;
  readonly shown: number | undefined;
}): Markup {
  return (
    <section aria-labelledby="attempts-title">
      <h2 id="attempts-title">Attempts</h2>
      <ul class="plain">
        {job.attempts.map((attempt) => (
          <li>
            <Attempt job={job} attempt={attempt} isShown={attempt.attempt === shown} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Attempt({
  job,
  attempt: report,
  isShown,
}: {
  readonly job: KnownJob;
  readonly attempt: AttemptReport;
  readonly isShown: boolean;
}): Markup {
  const { attempt, status, started_at, ended_at, failures = [] } = report;
  const seconds = secondsOf({ ...job, created_at: started_at, ended_at: ended_at ?? started_at });
  const isLast = attempt === job.attempts.at(-1)?.attempt;
  return (
    <>
      <p>
        <strong>{`Attempt ${attempt}`}</strong> <Status status={status} />{" "}
        <Moment at={started_at} />
        {ended_at === undefined ? null : `, took ${durationText(seconds ?? 0)}`}
        {" · log at "}
        <a href={logPlace(job.id, attempt)}>{`jobs/${job.id}/${attempt}/logs.log`}</a>
        {isShown ? " (below)" : null}
      </p>
      {isLast ? null : failures.slice(0, 1).map((failure) => <FailureCard failure={failure} />)}
    </>
  );
}
