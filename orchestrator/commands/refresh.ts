import { Failure } from "../../protocol/errors.ts";
import { STREAM, type Command } from "./command.ts";
import { YES } from "./consent.ts";
import type { RemovalOptions } from "./remove-rows.ts";

interface Options extends RemovalOptions {
  readonly keep?: boolean;
  readonly remove?: boolean;
}

export const refresh: Command<Options> = {
  name: "refresh",
  arguments: "<connection>",
  description: "read everything again, the old rows stay readable meanwhile",
  options: [
    STREAM,
    { flags: "--keep", description: "keep the rows that are there" },
    { flags: "--remove", description: "replace the rows that are there" },
    YES,
  ],
  examples: [
    "syncline refresh orders --remove",
    "syncline refresh orders --stream public.items --keep",
  ],
  async run(invocation, names, options) {
    const { stream = [], keep, remove } = options;
    if (keep === remove)
      throw new Failure("usage.invalid", "refresh wants either --keep or --remove", {
        hint: "--keep leaves the rows that are there, --remove replaces them once everything was read",
      });
    if (remove) {
      const { removeRows } = await import("./remove-rows.ts");
      return removeRows(invocation, names, "refresh", options);
    }
    const connections = await invocation.connections(names);
    const [{ refuseUnknownStreams }, { withAsking }, { runJobs }] = await Promise.all([
      import("../api/known-streams.ts"),
      import("./ask-connectors.ts"),
      import("./run-jobs.ts"),
    ]);
    await withAsking(invocation, (asking) => refuseUnknownStreams(asking, connections[0]!, stream));
    return runJobs(invocation, connections, {
      type: "refresh",
      keepsRows: true,
      streams: stream,
    });
  },
};
