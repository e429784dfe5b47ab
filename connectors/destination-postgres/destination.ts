import { streamKey, type ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { CheckResult, Context, Destination, WriteContext } from "../kit/contract.ts";
import { close, connect } from "../postgres/connection.ts";
import { checkDestination } from "./check.ts";
import { planStreams } from "./plan.ts";
import { prepareTables } from "./prepare.ts";
import { RecordIntake } from "./record-intake.ts";
import { Session } from "./session.ts";
import { withDefaults, type DestinationConfig } from "./spec.ts";
import { StreamTarget } from "./stream-target.ts";
import { Writer } from "./writer.ts";

/** Shown in `pg_stat_activity`. */
const APPLICATION_NAME = "syncline destination-postgres";

/** Loads streams into PostgreSQL tables. */
export const postgresDestination: Destination<DestinationConfig> = {
  check(config: DestinationConfig, context: Context): Promise<CheckResult> {
    return withSession(config, context, (session) =>
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
    const plans = planStreams(catalog, full);
    await withSession(config, context, async (session) => {
      const needsOwnSchema = plans.some((plan) => plan.replaces);
      const tables = await prepareTables(session, plans, needsOwnSchema, context);
      const targets = plans.map((plan) => {
        for (const { key, name } of plan.renamed)
          context.log(
            "WARN",
            `${plan.label}: the field ${JSON.stringify(key)} is the column ${name}`,
          );
        return new StreamTarget(plan, tables.get(plan)!, session, context);
      });
      const loaders = new Map(
        targets.map((target) => [streamKey(target.plan.stream), target.loader]),
      );
      const intake = new RecordIntake(loaders, full.schema, () => context.now());
      await new Writer(session, targets, intake, context).run(input);
    });
  },
};

async function withSession<T>(
  config: DestinationConfig,
  context: Context,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = await connect(config, {
    applicationName: APPLICATION_NAME,
    signal: context.signal,
    warn: (message) => context.log("WARN", message),
  });
  try {
    return await work(new Session(client));
  } finally {
    await close(client);
  }
}
