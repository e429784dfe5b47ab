import { logPositionText } from "../../output/log-position.ts";
import type { KnownJob } from "../../store/job-history.ts";
import type { ConnectionFacts, ConnectionProgressFacts, StreamPosition } from "../service.ts";
import { History } from "./charts.tsx";
import { isBusy } from "./connections-page.tsx";
import type { Frame } from "./frame.ts";
import { Layout } from "./layout.tsx";
import { Action, Facts, FailureCard, Moment, Status, Wide } from "./parts.tsx";
import { Progress } from "./progress.tsx";
import type { Markup } from "./render.ts";
import { placeOf, scheduleText, stateOf } from "./words.ts";

/** What a connection's page shows. */
export interface ConnectionView {
  readonly facts: ConnectionFacts;
  /** A text: they cannot be read, and why. */
  readonly positions: readonly StreamPosition[] | string;
  readonly progress: ConnectionProgressFacts | undefined;
  /** Latest first. */
  readonly jobs: readonly KnownJob[];
  readonly notice?: Markup;
  readonly frame: Frame;
}

/** One connection: how it stands, what can be done with it, and how it went so far. */
export function ConnectionPage(view: ConnectionView): Markup {
  const { facts, positions, progress, jobs, notice, frame } = view;
  const { connection, last_job: last } = facts;
  const busy = isBusy(facts);
  return (
    <Layout title={connection} place="connections" live={connection} isRunning={busy} frame={frame}>
      <h1>{connection}</h1>
      {notice}
      <div id="state" data-live>
        <Facts facts={factsOf(facts)} />
        <Buttons facts={facts} isBusy={busy} />
        {progress ? <Progress progress={progress} /> : null}
        <LastFailure job={last} />
        <Vanished facts={facts} />
      </div>
      <section aria-labelledby="streams-title">
        <h2 id="streams-title">Streams</h2>
        <div id="streams" data-live>
          <Streams positions={positions} />
        </div>
        <p>
          <a href={placeOf(connection, "plan")}>What a sync would do</a>{" "}
          <span class="quiet">asks both sides, which takes a moment</span>
        </p>
      </section>
      <section aria-labelledby="history-title">
        <h2 id="history-title">History</h2>
        <div id="history" data-live>
          {jobs.length === 0 ? <p>It never ran.</p> : <History jobs={jobs} />}
        </div>
        <p>
          <a href={`/jobs?connection=${encodeURIComponent(connection)}`}>All of its jobs</a>
        </p>
      </section>
    </Layout>
  );
}

function factsOf(facts: ConnectionFacts): [string, unknown][] {
  const { source, destination, next_run, last_job: last, log_position } = facts;
  return [
    ["State", <Status status={stateOf(facts)} />],
    ["From → to", `${source} → ${destination}`],
    ["Runs", `${scheduleText(facts)}${facts.is_paused ? ", paused" : ""}`],
    ["Next run", <Moment at={next_run} />],
    [
      "Last run",
      last ? (
        <>
          <a href={`/jobs/${last.id}`}>{`job ${last.id}`}</a>{" "}
          <Moment at={last.ended_at ?? last.created_at} />
        </>
      ) : (
        "never"
      ),
    ],
    ...(log_position
      ? [["Log of the source", logPositionText(log_position)] as [string, unknown]]
      : []),
  ];
}

function Buttons({
  facts,
  isBusy,
}: {
  readonly facts: ConnectionFacts;
  readonly isBusy: boolean;
}): Markup {
  const { connection, state, schedule, is_paused } = facts;
  return (
    <div class="actions">
      {isBusy ? (
        <Action
          to={placeOf(connection, "cancel")}
          label={state === "stopping" ? "Cancel at once" : "Cancel"}
          fields={{ how: state === "stopping" ? "now" : "gracefully" }}
        />
      ) : (
        <Action to={placeOf(connection, "sync")} label="Sync now" look="main" />
      )}
      {is_paused ? (
        <Action to={placeOf(connection, "resume")} label="Resume" />
      ) : schedule === null ? null : (
        <Action to={placeOf(connection, "pause")} label="Pause" />
      )}
      <a class="button" href={placeOf(connection, "refresh")}>
        Refresh…
      </a>
      <a class="button" href={placeOf(connection, "clear")}>
        Clear…
      </a>
    </div>
  );
}

function LastFailure({ job }: { readonly job: KnownJob | null }): Markup {
  const failures = job?.ended_at === undefined ? [] : (job.attempts.at(-1)?.failures ?? []);
  if (job === null || job.status === "succeeded" || failures.length === 0) return <></>;
  return (
    <section aria-label={`Why job ${job.id} did not succeed`}>
      <FailureCard failure={failures[0]!}>
        <p>
          <a href={`/jobs/${job.id}`}>
            {failures.length === 1
              ? `Job ${job.id} with its log`
              : `${failures.length - 1} more, and the log: job ${job.id}`}
          </a>
        </p>
      </FailureCard>
    </section>
  );
}

function Vanished({ facts }: { readonly facts: ConnectionFacts }): Markup {
  const { to_acknowledge: lines, connection } = facts;
  if (lines.length === 0) return <></>;
  return (
    <div class="note warn">
      {lines.map((line) => (
        <p>{line}</p>
      ))}
      <Action to={placeOf(connection, "acknowledge")} label="I have seen it" />
    </div>
  );
}

function Streams({ positions }: { readonly positions: ConnectionView["positions"] }): Markup {
  if (typeof positions === "string") return <p class="note bad">{positions}</p>;
  if (positions.length === 0) return <p>Where each stream stands is known after the first sync.</p>;
  return (
    <Wide label="Streams and their positions">
      <table>
        <thead>
          <tr>
            <th scope="col">Stream</th>
            <th scope="col">Position</th>
          </tr>
        </thead>
        <tbody>
          {positions.map(({ stream, position }) => (
            <tr>
              <th scope="row">{stream}</th>
              <td>{position}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
