import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { CheckResult, Context, Destination, Plan, WriteContext } from "../kit/contract.ts";
import { writeStreams } from "../kit/destination/writer.ts";
import type { ConnectOptions } from "../postgres/connection.ts";
import { quotingOf } from "../postgres/errors.ts";
import type { Session } from "../postgres/session.ts";
import { together } from "../postgres/together.ts";
import { chooseOwnSchema } from "./bookkeeping/choose-schema.ts";
import { checkDestination } from "./check.ts";
import { committedStates } from "./checkpoint/committed-states.ts";
import { adoptTables, moveConnection } from "./checkpoint/handover.ts";
import { chooseFormats } from "./lane/load-formats.ts";
import { lockNotice } from "./lane/lock-waits.ts";
import { discardStaging } from "./lane/discard-staging.ts";
import { PostgresLane } from "./lane/postgres-lane.ts";
import { BlockPool } from "./lane/block-pool.ts";
import { StreamClock } from "./lane/stream-clock.ts";
import { StreamTables } from "./lane/stream-tables.ts";
import { recognize, withOwnSession } from "./own-session.ts";
import { CONNECTION_VARIABLE, identityOf, type Identity } from "./plan/owner.ts";
import { planStreams } from "./plan/plan.ts";
import { tooWideText } from "./plan/row-width.ts";
import { plansOf, prepareAgain, prepareRun, type PreparedRun, type Run } from "./prepare.ts";
import { previewRun } from "./preview.ts";
import { forStream } from "../postgres/refused-stream.ts";
import { findUnkeyed, refitTables } from "./rebuild/refit.ts";
import { checkRebuildable, normalize } from "./rebuild/normalize.ts";
import { withDefaults, type DestinationConfig } from "./spec.ts";

/** Shown in `pg_stat_activity`. */
const APPLICATION_NAME = "syncline destination-postgres";

/** Loads streams into PostgreSQL tables. */
export const postgresDestination: Destination<DestinationConfig> = {
  check(config: DestinationConfig, context: Context): Promise<CheckResult> {
    return withOwnSchema(config, context, (session) =>
      checkDestination(session, withDefaults(config), context),
    );
  },

  async write(
    config: DestinationConfig,
    catalog: ConfiguredCatalog,
    input: AsyncIterable<Buffer>,
    context: WriteContext,
  ): Promise<void> {
    const full = withDefaults(config);
    const identity = identityOf(context.env);
    const run: Run = { config: full, catalog, identity, purpose: "load" };
    const plans = plansOf(run); // what is wrong with the catalog is said without a server
    await withOwnSchema(config, context, async (session) => {
      const notice = lockNotice(session, plans, context);
      const prepared = await notice.during(() => refitted(session, run, context));
      const { checkpoint } = prepared;
      const pool = new BlockPool(context.limits.blockBytes);
      const streams = [...prepared.streams.values()].map((one) => new StreamTables(one, pool));
      const clock = new StreamClock(
        streams.map(({ stream }) => stream),
        context,
      );
      const setup = {
        streams,
        judged: chooseFormats(streams, prepared),
        checkpoint,
        context,
        clock,
      };
      let lanes = 0;
      const openLane = async (): Promise<PostgresLane> => {
        if (lanes++ === 0) return new PostgresLane(session, setup);
        const other = await session.openAnother();
        await together([recognize(other), checkpoint?.join(other) ?? Promise.resolve()]);
        return new PostgresLane(other, setup, () => other.close());
      };
      const target = {
        streams,
        defaultNamespace: full.schema,
        keepsStates: checkpoint !== undefined,
        openLane,
        discard: (unplaced: readonly number[]) =>
          discardStaging(
            session,
            unplaced.map((number) => streams[number]!),
          ),
      };
      try {
        await writeStreams(input, target, context);
        await checkpoint?.finish(streams.map(({ plan }) => plan));
      } finally {
        for (const { batches } of streams) batches.report(context);
        // Nobody has to hear it; what went wrong is thrown already.
        await clock.report((number) => streams[number]!.batches.nulled).catch(() => {});
      }
    });
  },

  async normalize(
    config: DestinationConfig,
    catalog: ConfiguredCatalog,
    context: WriteContext,
  ): Promise<void> {
    const full = withDefaults(config);
    checkRebuildable(full);
    const identity = identityOf(context.env);
    const run: Run = { config: full, catalog, identity, purpose: "rebuild" };
    plansOf(run);
    await withOwnSchema(config, context, async (session) => {
      const prepared = await prepareRun(session, run, context);
      await normalize(prepared.streams, { ...prepared, session, context });
    });
  },

  async plan(
    config: DestinationConfig,
    catalog: ConfiguredCatalog,
    context: Context,
  ): Promise<Plan> {
    const full = withDefaults(config);
    const run: Run = { config: full, catalog, identity: identityOf(context.env), purpose: "load" };
    plansOf(run);
    return withOwnSchema(config, context, (session) => previewRun(session, run, context));
  },

  async state(
    config: DestinationConfig,
    catalog: ConfiguredCatalog,
    context: WriteContext,
  ): Promise<void> {
    const identity = identityIn(context, "states are kept per connection");
    const plans = planStreams(catalog, withDefaults(config), true);
    const lines = await withOwnSchema(config, context, (session) =>
      committedStates(session, identity, plans, context.signal),
    );
    for (const line of lines) await context.output.lines(Buffer.from(line));
  },

  async adopt(
    config: DestinationConfig,
    catalog: ConfiguredCatalog,
    context: WriteContext,
  ): Promise<void> {
    const identity = identityIn(context, "tables belong to connections");
    const plans = planStreams(catalog, withDefaults(config), true);
    await withOwnSchema(config, context, (session) =>
      adoptTables(session, identity, plans, context),
    );
  },

  async move(config: DestinationConfig, from: string, context: WriteContext): Promise<void> {
    const identity = identityIn(context, "tables belong to connections");
    await withOwnSchema(config, context, (session) =>
      moveConnection(session, identity, from, context),
    );
  },
};

/** Opens a session for a run, whose own tables are where they are to be. */
function withOwnSchema<T>(
  config: DestinationConfig,
  context: Context,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return withOwnSession(
    config,
    optionsOf(context),
    context.shelf,
    (session) => chooseOwnSchema(session, config),
    work,
  );
}

/** Who runs. Throws `usage.invalid` when nobody said it. */
function identityIn(context: Context, why: string): Identity {
  const identity = identityOf(context.env);
  if (identity !== undefined) return identity;
  throw new Failure("usage.invalid", `${CONNECTION_VARIABLE} is not set`, {
    hint: `${why}: set it to the name that \`write\` runs under`,
  });
}

/** A prepared run whose tables are what today's settings would have made them. */
async function refitted(session: Session, run: Run, context: Context): Promise<PreparedRun> {
  const prepared = await prepareRun(session, run, context);
  const setup = { ...prepared, session, context };
  const unkeyed = await findUnkeyed([...prepared.streams.values()], setup);
  let isChanged = false;
  for (const stream of prepared.streams.values()) {
    for (const { key, name } of stream.plan.renamed)
      context.log(
        "WARN",
        `${stream.plan.label}: the field ${JSON.stringify(key)} is the column ${name}`,
      );
    const wide = tooWideText(stream.plan);
    if (wide !== undefined) context.log("WARN", wide);
    const refit = () => refitTables(stream, setup, unkeyed);
    if (await forStream(stream.plan.stream, refit)) isChanged = true;
  }
  return isChanged ? prepareAgain(session, prepared) : prepared;
}

const optionsOf = (context: Context): ConnectOptions => ({
  applicationName: APPLICATION_NAME,
  signal: context.signal,
  answerSeconds: context.limits.answerSeconds,
  quoting: quotingOf(context.env),
  warn: (message) => context.log("WARN", message),
});
