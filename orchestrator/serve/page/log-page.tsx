import type { KnownJob } from "../../store/job-history.ts";
import type { Frame } from "./frame.ts";
import { Layout } from "./layout.tsx";
import { Log, Sql, type LogView } from "./log-view.tsx";
import type { Markup } from "./render.ts";

/** A piece of an attempt's log, and the SQL in it. */
export function LogPage({
  job,
  view,
  frame,
}: {
  readonly job: KnownJob;
  readonly view: LogView;
  readonly frame: Frame;
}): Markup {
  const { attempt, from, piece } = view;
  return (
    <Layout
      title={`Log of job ${job.id}, attempt ${attempt}`}
      place="jobs"
      live={frame.liveOf(job.connection)}
      frame={frame}
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
