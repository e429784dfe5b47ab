import { Failure } from "../../protocol/errors.ts";
import type { CheckResult, Context, Source } from "../kit/contract.ts";
import type { ConnectOptions } from "../postgres/connection.ts";
import { quotingOf } from "../postgres/errors.ts";
import { onKeptConnection } from "../postgres/kept-connection.ts";
import { ReplicationConnection } from "../postgres/replication/replication-connection.ts";
import type { Session } from "../postgres/session.ts";
import { describeDatabase } from "./catalog/describe-database.ts";
import { announce } from "./catalog/discover.ts";
import { printEstimates } from "./catalog/print-estimates.ts";
import { announceChanges } from "./cdc/slot/announce-changes.ts";
import { ofTable } from "./cdc/change-columns.ts";
import { checkChanges, lookAtChanges } from "./cdc/slot/check-changes.ts";
import { dropSlot } from "./cdc/slot/drop-slot.ts";
import { previewChanges } from "./cdc/preview-changes.ts";
import { readLog } from "./cdc/read-log.ts";
import type { FullCdcMethod } from "./cdc/slot/settings.ts";
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
      (session) =>
        session.whileReading(async () => {
          const result = await checkSource(session, config, context);
          const method = changeMethod(config);
          return method === undefined || result.status === "FAILED"
            ? result
            : checkMethod(session, config, method, result, context);
        }),
      { asksOnly: true },
    ),

  discover: (config, context) =>
    onSession(
      config,
      context,
      async (session) => {
        const { method } = withDefaults(config).replication_method;
        const changes = changeMethod(config);
        const schemas = wantedSchemas(config);
        const [description, looked] = await session.whileReading(async () => [
          await describeDatabase(session, { schemas }),
          changes && (await lookAtChanges(session, changes, schemas)),
        ]);
        const plain = announce(description, method);
        const { catalog, omissions, remarks } =
          looked === undefined
            ? { ...plain, remarks: [] }
            : announceChanges(plain, description, looked.following);
        for (const omission of omissions) context.log("WARN", omission);
        for (const remark of remarks) context.log("INFO", remark);
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
        const changes = changeMethod(config);
        return session.whileReading(async () => {
          if (changes === undefined) return previewRead(session, options, catalog, context);
          const tables = { ...catalog, streams: catalog.streams.map(ofTable) };
          const plan = await previewRead(session, options, tables, context);
          return previewChanges(session, changes, catalog, plan, context);
        });
      },
      { asksOnly: true },
    ),

  dropSlot: (config, context) =>
    onSession(config, context, async (session) => {
      const method = changeMethod(config);
      if (method !== undefined) return dropSlot(session, method, context.log);
      const { method: other } = withDefaults(config).replication_method;
      context.log("INFO", `there is no slot to drop: replication_method is ${other}`);
    }),

  read: (config, catalog, state, context) =>
    onSession(config, context, (session) => {
      const full = withDefaults(config);
      const changes = changeMethod(config);
      const options = {
        method: full.replication_method.method,
        lateCommitSeconds: full.late_commit_window,
        maxRowBytes: full.max_row_bytes,
        lock: full.lock,
        encoding: full.encoding,
        checkpointSeconds: checkpointSeconds(full, context),
      };
      if (changes !== undefined)
        return readLog(session, full, {
          connection: connectOptions(config, context),
          method: changes,
          options,
          catalog,
          state,
          context,
        });
      return readTables(session, options, catalog, state, context);
    }),
};

/** How changes are read from the log; undefined: they are not. Throws `config.invalid`. */
function changeMethod(config: SourceConfig): FullCdcMethod | undefined {
  const { replication_method: method, row_security: security } = withDefaults(config);
  if (method.method !== "CDC") return undefined;
  if (security === "on")
    throw new Failure(
      "config.invalid",
      "row_security on does not go with the replication method CDC: the log has the changes of all rows, also of those that policies hide from the user",
      { hint: "leave row_security out, and read with a role that BYPASSRLS or owns the tables" },
    );
  return method;
}

/** Whether the log can be read, beside the tables. */
async function checkMethod(
  session: Session,
  config: SourceConfig,
  method: FullCdcMethod,
  result: CheckResult,
  context: Context,
): Promise<CheckResult> {
  const connect = () => ReplicationConnection.open(config, connectOptions(config, context));
  const schemas = wantedSchemas(config);
  const { problems, notes } = await checkChanges(session, method, schemas, connect);
  if (problems.length > 0) return failedCheck(problems);
  for (const { level, text } of notes) context.log(level, text);
  return result;
}

function failedCheck(problems: readonly Failure[]): CheckResult {
  const message = problems
    .map(({ message: why, hint }) => (hint === undefined ? why : `${why} (${hint})`))
    .join("; ");
  const mayPass = problems.every(({ kind }) => kind === "transient_error");
  return {
    status: "FAILED",
    message,
    ...(mayPass && { failure_type: "transient_error" as const }),
  };
}

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
  const options = { ...connectOptions(config, context), asksOnly };
  const manners = {
    begin: (session: Session) => session.findPins(),
    reset: [], // all is set in transactions
  };
  return onKeptConnection(config, options, context.shelf, manners, work);
}

function connectOptions(config: SourceConfig, context: Context): ConnectOptions {
  return {
    applicationName: "syncline source-postgres",
    pin: "nothing",
    rowSecurity: withDefaults(config).row_security === "on",
    signal: context.signal,
    answerSeconds: context.limits.answerSeconds,
    quoting: quotingOf(context.env),
    warn: (message: string) => context.log("WARN", message),
  };
}
