import { adaptSettings } from "../postgres/airbyte-settings.ts";
import { runSource } from "../kit/source-main.ts";
import type { Validator } from "../../protocol/config/explain.ts";
import { isConfig } from "./is-config.generated.ts";
import { airbyteSettings, specification } from "./spec.ts";

void runSource(
  {
    name: "source-postgres",
    version: "0.1.0",
    description: "Reads tables of a PostgreSQL database and prints them as Airbyte messages.",
    spec: specification,
    adaptConfig: (config) => adaptSettings(airbyteSettings, config),
    validateConfig: isConfig as Validator,
    // Loaded late: `spec` needs neither the driver nor the network.
    load: async () => (await import("./source.ts")).postgresSource,
  },
  process,
);
