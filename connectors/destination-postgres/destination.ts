import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { CheckResult, Context, Destination, WriteContext } from "../kit/contract.ts";
import { Failure } from "../../protocol/errors.ts";
import type { ConnectOptions } from "../postgres/connection.ts";
import { checkDestination } from "./check.ts";
import { committedStates } from "./checkpoint/checkpoint.ts";
import { prepareNativeTypes } from "./schema/native-definitions.ts";
import { NO_NATIVE_TYPES } from "./plan/native-types.ts";
import { chooseFormats } from "./lane/load-formats.ts";
import { discardStaging, PostgresLane } from "./lane/postgres-lane.ts";
import { StreamTables } from "./lane/stream-tables.ts";
import { writeStreams } from "../kit/destination/writer.ts";
import { checkRebuildable, normalize } from "./rebuild/normalize.ts";
import { planStreams } from "./plan/plan.ts";
import type { StreamPlan } from "./plan/stream-plan.ts";
import { prepareTables } from "./schema/prepare.ts";
import { openSession, withSession, type Session } from "../postgres/session.ts";
import { withDefaults, type DestinationConfig, type FullConfig } from "./spec.ts";

/** Shown in `pg_stat_activity`. */
const APPLICATION_NAME = "syncline destination-postgres";

/** Loads streams into PostgreSQL tables. */
export const postgresDestination: Destination<DestinationConfig> = {
  check(config: DestinationConfig, context: Context): Promise<CheckResult> {
    return withSession(config, optionsOf(context), (session) =>
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
    const connection = connectionId(context);
    const keepsStates = connection !== undefined;
    planStreams(catalog, full, keepsStates); // what is wrong with the catalog is said without a server
    await withSession(config, optionsOf(context), async (session) => {
      const plans = await planOn(session, catalog, full, keepsStates, context);
      const prepared = await prepareTables(session, plans, { connection, former: "end" }, context);
      const streams = plans.map((plan) => {
        for (const { key, name } of plan.renamed)
          context.log(
            "WARN",
            `${plan.label}: the field ${JSON.stringify(key)} is the column ${name}`,
          );
        return new StreamTables(prepared.streams.get(plan)!);
      });
      const { checkpoint } = prepared;
      const setup = { streams, judged: await chooseFormats(session, streams), checkpoint, context };
      let lanes = 0;
      const openLane = async (): Promise<PostgresLane> => {
        if (lanes++ === 0) return new PostgresLane(session, setup, async () => {});
        const other = await openSession(config, optionsOf(context));
        return new PostgresLane(other, setup, () => other.close());
      };
      const target = {
        streams,
        defaultNamespace: full.schema,
        keepsStates,
        openLane,
        discard: (unplaced: readonly number[]) =>
          discardStaging(
            session,
            unplaced.map((number) => streams[number]!),
          ),
      };
      try {
        await writeStreams(input, target, context);
      } finally {
        for (const { batches } of streams) batches.report(context);
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
    planStreams(catalog, full, false);
    await withSession(config, optionsOf(context), async (session) => {
      const plans = await planOn(session, catalog, full, false, context);
      await normalize(session, plans, connectionId(context), context);
    });
  },

  async state(
    config: DestinationConfig,
    catalog: ConfiguredCatalog,
    context: WriteContext,
  ): Promise<void> {
    const connection = connectionId(context);
    if (connection === undefined)
      throw new Failure("usage.invalid", "SYNCLINE_CONNECTION_ID is not set", {
        hint: "states are kept per connection: set it to the name that `write` ran under",
      });
    const plans = planStreams(catalog, withDefaults(config), true);
    const lines = await withSession(config, optionsOf(context), (session) =>
      committedStates(session, connection, plans),
    );
    for (const line of lines) await context.output.lines(Buffer.from(line));
  },
};

/** The plans for the types that this database has. */
async function planOn(
  session: Session,
  catalog: ConfiguredCatalog,
  config: FullConfig,
  keepsStates: boolean,
  context: Context,
): Promise<StreamPlan[]> {
  const native =
    config.column_types === "native"
      ? await prepareNativeTypes(session, catalog, context)
      : NO_NATIVE_TYPES;
  return planStreams(catalog, config, keepsStates, native);
}

function connectionId(context: Context): string | undefined {
  return context.env["SYNCLINE_CONNECTION_ID"] || undefined;
}

const optionsOf = (context: Context): ConnectOptions => ({
  applicationName: APPLICATION_NAME,
  signal: context.signal,
  warn: (message) => context.log("WARN", message),
});
