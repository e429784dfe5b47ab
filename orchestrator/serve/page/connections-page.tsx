import type { KnownJob } from "../../store/job-history.ts";
import type { ConnectionFacts } from "../service.ts";
import { Sparks } from "./charts.tsx";
import type { Frame } from "./frame.ts";
import { Layout } from "./layout.tsx";
import { Action, Moment, Status } from "./parts.tsx";
import type { Markup } from "./render.ts";
import { placeOf, scheduleText, stateOf } from "./words.ts";

/** A connection and its last jobs, latest first. */
export interface ListedConnection {
  readonly facts: ConnectionFacts;
  readonly jobs: readonly KnownJob[];
}

/** All connections, those that need somebody first in the summary above them. */
export function ConnectionsPage({
  connections,
  notice,
  frame,
}: {
  readonly connections: readonly ListedConnection[];
  readonly notice?: Markup;
  readonly frame: Frame;
}): Markup {
  const isRunning = connections.some(({ facts }) => isBusy(facts));
  return (
    <Layout title="Connections" place="connections" live="*" isRunning={isRunning} frame={frame}>
      <h1>Connections</h1>
      {notice}
      <div id="all" data-live>
        <p class="lead">{summary(connections.map(({ facts }) => facts))}</p>
        <ul class="cards">
          {connections.map((one) => (
            <Card {...one} />
          ))}
        </ul>
        {connections.length === 0 ? (
          <p>
            There is no connection yet. <a href="/new">Create one from two databases</a>.
          </p>
        ) : null}
      </div>
    </Layout>
  );
}

function Card({ facts, jobs }: ListedConnection): Markup {
  const { connection, source, destination, last_job: last, next_run } = facts;
  const failure = isBad(last) ? last!.attempts.at(-1)?.failures?.[0] : undefined;
  const titleId = `c-${encodeURIComponent(connection)}`;
  return (
    <li class="card" aria-labelledby={titleId}>
      <div class="card-head">
        <h2 id={titleId}>
          <a href={placeOf(connection)}>{connection}</a>
        </h2>
        <Status status={stateOf(facts)} />
      </div>
      <p class="quiet">{`${source} → ${destination} · ${scheduleText(facts)}`}</p>
      <dl class="facts">
        <div>
          <dt>Last run</dt>
          <dd>
            {last ? (
              <>
                <a href={`/jobs/${last.id}`}>{`job ${last.id}`}</a>{" "}
                <Moment at={last.ended_at ?? last.created_at} />
              </>
            ) : (
              "never"
            )}
          </dd>
        </div>
        <div>
          <dt>Next run</dt>
          <dd>
            <Moment at={next_run} />
          </dd>
        </div>
      </dl>
      <Sparks jobs={jobs} />
      {failure ? (
        <div class="note bad">
          <p>{failure.message.split("\n")[0]}</p>
          <p>
            <a href={`/jobs/${last!.id}`}>{`What to do: job ${last!.id}`}</a>
          </p>
        </div>
      ) : null}
      {isBusy(facts) ? (
        <p>
          <a href={last ? `/jobs/${last.id}` : placeOf(connection)}>Watch it</a>
        </p>
      ) : (
        <Action to={placeOf(connection, "sync")} label="Sync now" />
      )}
    </li>
  );
}

/** Whether a job of it runs or is about to. */
export function isBusy({ state, last_job }: ConnectionFacts): boolean {
  return (
    state === "running" ||
    state === "waiting" ||
    state === "stopping" ||
    last_job?.run_by !== undefined
  );
}

function isBad(job: KnownJob | null): boolean {
  return job !== null && (job.status === "failed" || job.status === "interrupted");
}

function summary(all: readonly ConnectionFacts[]): string {
  const bad = all.filter(({ last_job }) => isBad(last_job)).length;
  const running = all.filter(isBusy).length;
  const parts = [
    `${all.length} ${all.length === 1 ? "connection" : "connections"}`,
    ...(running > 0 ? [`${running} running`] : []),
    bad === 0 ? "none failed at its last run" : `${bad} failed at the last run`,
  ];
  return all.length === 0 ? "" : `${parts.join(", ")}.`;
}
