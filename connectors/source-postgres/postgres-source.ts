import type { Client } from "pg";
import type { Context, Source } from "../kit/contract.ts";
import { abandon, close, connect } from "../postgres/connection.ts";
import { readCatalog } from "./catalog/catalog.ts";
import { checkSource, wantedSchemas } from "./check.ts";
import { announce } from "./catalog/discover.ts";
import { readStreams } from "./read/read.ts";
import type { SourceConfig } from "./spec.ts";

/** The source as the kit runs it. Each command opens one connection and closes it. */
export const postgresSource: Source<SourceConfig> = {
  check: (config, context) =>
    withClient(config, context, (client) => checkSource(client, config, context)),

  discover: (config, context) =>
    withClient(config, context, async (client) => {
      const description = await readCatalog(client, { schemas: wantedSchemas(config) });
      const method = config.replication_method?.method ?? "Standard";
      const { catalog, omissions } = announce(description, method);
      for (const omission of omissions) context.log("WARN", omission);
      return catalog;
    }),

  read: (config, catalog, state, context) =>
    withClient(config, context, (client) => readStreams(client, config, catalog, state, context)),
};

async function withClient<Result>(
  config: SourceConfig,
  context: Context,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(config, {
    applicationName: "syncline source-postgres",
    signal: context.signal,
    warn: (message) => context.log("WARN", message),
  });
  let isDone = false;
  try {
    const result = await use(client);
    isDone = true;
    return result;
  } finally {
    // After a failure a statement may still be running, which a goodbye would wait for.
    if (isDone) await close(client);
    else abandon(client);
  }
}
