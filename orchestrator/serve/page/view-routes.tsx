import { Hono, type Context } from "hono";
import { asFailure } from "../../../protocol/errors.ts";
import type { KnownJob } from "../../store/job-history.ts";
import { Refusal } from "../http/refusal.ts";
import type { Room } from "../http/room.ts";
import type { ConnectionFacts, Service } from "../service.ts";
import { ConnectionPage } from "./connection-page.tsx";
import { ConnectionsPage } from "./connections-page.tsx";
import { JobPage } from "./job-page.tsx";
import { JobsPage } from "./jobs-page.tsx";
import type { Frame } from "./frame.ts";
import { LogPage } from "./log-page.tsx";
import type { LogView } from "./log-view.tsx";
import { LoginPage } from "./login-page.tsx";
import { MissingPage } from "./missing-page.tsx";
import { Notice } from "./notices.tsx";
import type { Outcomes } from "./outcomes.ts";
import { PlanPage } from "./plan-page.tsx";
import { RemovalPage } from "./removal-page.tsx";
import { answer, type Markup } from "./render.ts";

/** Runs in the charts of the list, and in a connection's history. */
const SPARK_RUNS = 20;
const HISTORY_RUNS = 30;

/** Jobs on one page of the list. */
const LISTED_JOBS = 50;

/** The pages that are looked at. */
export function viewRoutes(service: Service, room: Room, outcomes: Outcomes, frame: Frame): Hono {
  const app = new Hono();

  app.get("/", (context) => {
    const connections = service.connections().map((facts) => ({
      facts,
      jobs: service.jobs({ connection: facts.connection, limit: SPARK_RUNS }),
    }));
    const notice = noticeOf(context);
    return answer(context, <ConnectionsPage {...{ connections, notice }} frame={frame} />);
  });

  app.get("/connections/:name", (context) =>
    ofConnection(context, (facts) => {
      const { connection } = facts;
      return (
        <ConnectionPage
          facts={facts}
          positions={positionsOf(connection)}
          progress={service.progress(connection)}
          jobs={service.jobs({ connection, limit: HISTORY_RUNS })}
          notice={noticeOf(context, connection)}
          frame={frame}
        />
      );
    }),
  );

  app.get("/connections/:name/plan", (context) =>
    ofConnection(context, async ({ connection }) => {
      const plan = await orFailure(room.do(() => service.plan(connection, context.req.raw.signal)));
      return <PlanPage connection={connection} plan={plan} frame={frame} />;
    }),
  );

  for (const type of ["clear", "refresh"] as const)
    app.get(`/connections/:name/${type}`, (context) =>
      ofConnection(context, async ({ connection }) => {
        const { signal } = context.req.raw;
        const facts = await orFailure(
          room.do(() => service.removal(connection, { type, streams: [] }, signal)),
        );
        const notice = noticeOf(context, connection);
        return <RemovalPage {...{ connection, type, facts, notice }} frame={frame} />;
      }),
    );

  app.get("/jobs", (context) => {
    const connection = context.req.query("connection") || undefined;
    const before = numberIn(context.req.query("before"));
    const found = service.jobs({
      limit: LISTED_JOBS + 1,
      ...(connection !== undefined && { connection }),
      ...(before !== undefined && { before }),
    });
    return answer(
      context,
      <JobsPage
        jobs={found.slice(0, LISTED_JOBS)}
        connection={connection}
        connections={service.connections().map((one) => one.connection)}
        isLater={before !== undefined}
        hasEarlier={found.length > LISTED_JOBS}
        frame={frame}
      />,
    );
  });

  app.get("/jobs/:id", (context) =>
    ofJob(context, (job) => {
      const attempt = numberIn(context.req.query("attempt")) ?? job.attempts.at(-1)?.attempt;
      return (
        <JobPage
          job={job}
          progress={service.progress(job.connection)}
          log={attempt === undefined ? undefined : logOf(job, attempt, 0)}
          notice={noticeOf(context, job.connection)}
          frame={frame}
        />
      );
    }),
  );

  app.get("/jobs/:id/:attempt/log", (context) =>
    ofJob(context, (job) => {
      const attempt = numberIn(context.req.param("attempt"));
      const from = numberIn(context.req.query("from")) ?? 0;
      const view = attempt === undefined ? undefined : logOf(job, attempt, from);
      return view && <LogPage job={job} view={view} frame={frame} />;
    }),
  );

  app.get("/login", (context) => answer(context, <LoginPage notice={noticeOf(context)} />));

  return app;

  async function ofConnection(
    context: Context,
    page: (facts: ConnectionFacts) => Markup | Promise<Markup>,
  ): Promise<Response> {
    const facts = service.connection(context.req.param("name") ?? "");
    if (facts === undefined)
      return answer(
        context,
        <MissingPage what="There is no connection of that name." frame={frame} />,
        404,
      );
    return answer(context, await page(facts));
  }

  async function ofJob(
    context: Context,
    page: (job: KnownJob) => Markup | undefined,
  ): Promise<Response> {
    const id = numberIn(context.req.param("id"));
    const job = id === undefined ? undefined : service.job(id);
    const markup = job && page(job);
    if (markup === undefined)
      return answer(
        context,
        <MissingPage
          what="There is no such job; old ones are removed after a while."
          frame={frame}
        />,
        404,
      );
    return answer(context, markup);
  }

  function logOf({ id }: KnownJob, attempt: number, from: number): LogView | undefined {
    const piece = service.log(id, attempt, "logs", from);
    return piece && { job: id, attempt, from, piece };
  }

  function positionsOf(connection: string) {
    try {
      return service.positions(connection);
    } catch (thrown) {
      return asFailure(thrown).message;
    }
  }

  function noticeOf({ req }: Context, connection?: string): Markup {
    const failed = req.query("failed") ?? req.query("message");
    const failure = connection === undefined ? undefined : outcomes.of(connection, failed);
    return <Notice done={req.query("done")} failed={failed} failure={failure} />;
  }
}

/** What a promise brings, or why it does not. Throws where the server itself refuses. */
async function orFailure<Facts>(facts: Promise<Facts>) {
  try {
    return await facts;
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown;
    const { code, kind, message, hint } = asFailure(thrown);
    return { code, kind, message, ...(hint !== undefined && { hint }) };
  }
}

/** Undefined for what is no whole number that a job or a place in a file can have. */
function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
