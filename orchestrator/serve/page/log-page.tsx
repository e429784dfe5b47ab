import type { KnownJob } from "../../store/job-history.ts";
import { Layout } from "./layout.tsx";
import { Log, Sql, type LogView } from "./log-view.tsx";
import type { Markup } from "./render.ts";

/** A piece of an attempt's log, and the SQL in it. */
export function LogPage({
  job,
  view,
  problem,
}: {
  readonly job: KnownJob;
  readonly view: LogView;
  readonly problem: string | null;
}): Markup {
  const { attempt, from, piece } = view;
  return (
    <Layout
      title={`Log of job ${job.id}, attempt ${attempt}`}
      place="jobs"
      live={job.connection}
      problem={problem}
    >
      <p>
        <a href={`/jobs/${job.id}?attempt=${attempt}`}>{`Job ${job.id}`}</a>
      </p>
      <h1>{`Log of job ${job.id}, attempt ${attempt}`}</h1>
      {from === 0 ? null : <p class="quiet">{`From byte ${from} on.`}</p>}
      <h2>Lines</h2>
      <Log {...view} />
      <h2>SQL</h2>
      <Sql piece={piece} />
    </Layout>
  );
}
