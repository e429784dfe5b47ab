import { Failure } from "../../protocol/errors.ts";
import { STREAM, type Command, type StreamOptions } from "./command.ts";

interface Options extends StreamOptions {
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
  ],
  examples: [
    "syncline refresh orders --remove",
    "syncline refresh orders --stream public.items --keep",
  ],
  async run(invocation, names, { stream = [], keep, remove }) {
    if (keep === remove)
      throw new Failure("usage.invalid", "refresh wants either --keep or --remove", {
        hint: "--keep leaves the rows that are there, --remove replaces them once everything was read",
      });
    const connections = await invocation.connections(names);
    const { runJobs } = await import("./run-jobs.ts");
    return runJobs(invocation, connections, {
      type: "refresh",
      keepsRows: keep === true,
      streams: stream,
    });
  },
};
