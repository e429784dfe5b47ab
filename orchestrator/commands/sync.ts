import type { ConnectionConfig } from "../config/config.ts";
import type { Command } from "./command.ts";

interface Options {
  readonly acceptChanges?: boolean;
}

export const sync: Command<Options> = {
  name: "sync",
  arguments: "[connection...]",
  description: "run connections once: the named ones, or all",
  options: [
    {
      flags: "--accept-changes",
      description:
        "take over schema changes that paused a connection, and take note of streams that are gone",
    },
  ],
  examples: [
    "syncline sync",
    "syncline sync orders customers",
    "syncline sync orders --json | jq '.streams[] | {name, committed}'",
    "syncline sync orders --accept-changes",
  ],
  async run(invocation, names, { acceptChanges = false }) {
    const chosen = await invocation.connections(names);
    const { runJobs } = await import("./run-jobs.ts");
    return runJobs(invocation, acceptChanges ? chosen.map(accepting) : chosen, { type: "sync" });
  },
};

/** The connection, for one run, with a pause lifted and lost streams acknowledged. */
function accepting(connection: ConnectionConfig): ConnectionConfig {
  const { schemaChanges } = connection;
  return {
    ...connection,
    schemaChanges: schemaChanges === "pause" ? "propagate" : schemaChanges,
    acceptsChanges: true,
  };
}
