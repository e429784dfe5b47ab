import type { Context, Source } from "../kit/contract.ts";
import { quotingOf } from "../postgres/errors.ts";
import { onKeptConnection } from "../postgres/kept-connection.ts";
import type { Session } from "../postgres/session.ts";
import { describeDatabase } from "./catalog/describe-database.ts";
import { announce } from "./catalog/discover.ts";
import { printEstimates } from "./catalog/print-estimates.ts";
import { checkSource, wantedSchemas } from "./check.ts";
import { previewRead } from "./preview.ts";
import { readTables } from "./read/read-tables.ts";
import {
  DEFAULT_CHECKPOINT_SECONDS,
  withDefaults,
  type FullConfig,
  type SourceConfig,
} from "./spec.ts";

/** The source as the kit runs it. Each command works on one connection. */
export const postgresSource: Source<SourceConfig> = {
  check: (config, context) =>
    onSession(
      config,
      context,
      (session) => session.whileReading(() => checkSource(session, config, context)),
      { asksOnly: true },
    ),

  discover: (config, context) =>
    onSession(
      config,
      context,
      async (session) => {
        const { method } = withDefaults(config).replication_method;
        const description = await session.whileReading(() =>
          describeDatabase(session, { schemas: wantedSchemas(config) }),
        );
        const { catalog, omissions } = announce(description, method);
        for (const omission of omissions) context.log("WARN", omission);
        await printEstimates(catalog, description, context);
        return catalog;
      },
      { asksOnly: true },
    ),

  plan: (config, catalog, context) =>
    onSession(
      config,
      context,
      (session) => {
        const { method } = withDefaults(config).replication_method;
        const options = { method, schemas: wantedSchemas(config) };
        return session.whileReading(() => previewRead(session, options, catalog, context));
      },
      { asksOnly: true },
    ),

  read: (config, catalog, state, context) =>
    onSession(config, context, (session) => {
      const full = withDefaults(config);
      const options = {
        method: full.replication_method.method,
        lateCommitSeconds: full.late_commit_window,
        maxRowBytes: full.max_row_bytes,
        lock: full.lock,
        encoding: full.encoding,
        checkpointSeconds: checkpointSeconds(full, context),
      };
      return readTables(session, options, catalog, state, context);
    }),
};

/** The default of the setting is what the limits say, so that tests can have another. */
function checkpointSeconds(config: FullConfig, { limits }: Context): number {
  const { checkpoint_target_interval_seconds: wanted } = config;
  return wanted === DEFAULT_CHECKPOINT_SECONDS ? limits.checkpointSeconds : wanted;
}

function onSession<Result>(
  config: SourceConfig,
  context: Context,
  work: (session: Session) => Promise<Result>,
  { asksOnly = false } = {},
): Promise<Result> {
  const options = {
    applicationName: "syncline source-postgres",
    pin: "nothing" as const,
    rowSecurity: withDefaults(config).row_security === "on",
    signal: context.signal,
    answerSeconds: context.limits.answerSeconds,
    asksOnly,
    quoting: quotingOf(context.env),
    warn: (message: string) => context.log("WARN", message),
  };
  const manners = {
    begin: (session: Session) => session.findPins(),
    reset: [], // all is set in transactions
  };
  return onKeptConnection(config, options, context.shelf, manners, work);
}
