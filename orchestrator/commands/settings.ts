import type { Command } from "./command.ts";
import { GIVEN, type GivenOptions } from "./given-options.ts";

export const settings: Command<GivenOptions> = {
  name: "settings",
  arguments: "[connector]",
  description: "show the settings of a connector: one in the configuration, or any other",
  options: GIVEN,
  examples: [
    "syncline settings shop",
    "syncline settings destination-postgres",
    "syncline settings --python airbyte-source-faker==7.2.1",
    "syncline settings shop --json | jq .connectionSpecification",
  ],
  run: async (invocation, args, options) =>
    (await import("./show-settings.ts")).showSettings(invocation, args, options),
};
