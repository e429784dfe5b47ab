import type { ConnectionConfig } from "../config/config.ts";

/** The connection, for one run, with a pause lifted and lost streams acknowledged. */
export function accepting(connection: ConnectionConfig): ConnectionConfig {
  const { schemaChanges } = connection;
  return {
    ...connection,
    schemaChanges: schemaChanges === "pause" ? "propagate" : schemaChanges,
    acceptsChanges: true,
  };
}
