import { STREAM, type Command, type StreamOptions } from "./command.ts";

export const clear: Command<StreamOptions> = {
  name: "clear",
  arguments: "<connection>",
  description: "empty its tables and forget its positions; nothing is read",
  options: [STREAM],
  examples: ["syncline clear orders", "syncline clear orders --stream public.items"],
  async run(invocation, names, { stream = [] }) {
    const connections = await invocation.connections(names);
    const { runJobs } = await import("./run-jobs.ts");
    return runJobs(invocation, connections, { type: "clear", keepsRows: false, streams: stream });
  },
};
