import { STREAM, type Command, type StreamOptions } from "./command.ts";

export const normalize: Command<StreamOptions> = {
  name: "normalize",
  arguments: "<connection>",
  description: "rebuild its typed tables from the raw ones; nothing is read from the source",
  options: [STREAM],
  examples: ["syncline normalize orders", "syncline normalize orders --stream public.items"],
  async run(invocation, names, { stream = [] }) {
    const connections = await invocation.connections(names);
    const [{ refuseUnknownStreams }, { withAsking }, { runJobs }] = await Promise.all([
      import("../api/known-streams.ts"),
      import("./ask-connectors.ts"),
      import("./run-jobs.ts"),
    ]);
    await withAsking(invocation, (asking) => refuseUnknownStreams(asking, connections[0]!, stream));
    return runJobs(invocation, connections, {
      type: "normalize",
      keepsRows: true,
      streams: stream,
    });
  },
};
