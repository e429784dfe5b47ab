import type { Command, CommandGroup } from "./command.ts";
import { GIVEN, type GivenOptions } from "./given-options.ts";

const source: Command<GivenOptions> = {
  name: "source",
  arguments: "<new-name>",
  description: "add a source; without options, source-postgres",
  options: GIVEN,
  examples: [
    "syncline add source shop",
    "syncline add source people --python airbyte-source-faker==7.2.1",
    "syncline add source api --manifest ./api.yaml",
  ],
  run: async (invocation, args, options) =>
    (await import("./add-connector.ts")).addConnector(invocation, "source", args, options),
};

const destination: Command<GivenOptions> = {
  name: "destination",
  arguments: "<new-name>",
  description: "add a destination; without options, destination-postgres",
  options: GIVEN,
  examples: [
    "syncline add destination warehouse",
    "syncline add destination files --command 'node ./to-files.mjs'",
  ],
  run: async (invocation, args, options) =>
    (await import("./add-connector.ts")).addConnector(invocation, "destination", args, options),
};

export const add: CommandGroup = {
  name: "add",
  description: "add a connector to the configuration: asks for what it needs on a terminal",
  examples: [
    "syncline add source shop",
    "syncline add source api --image airbyte/source-faker:6.2.21",
  ],
  commands: [source, destination] as readonly Command[],
};
