import { adaptSettings } from "../postgres/airbyte-settings.ts";
import type { ConnectorDefinition, Destination } from "../kit/contract.ts";
import type { Validator } from "../../protocol/config/explain.ts";
import { isConfig } from "./is-config.generated.ts";
import { airbyteSettings, destinationSpec, type DestinationConfig } from "./spec.ts";

/** The executable `destination-postgres`. */
export const destinationDefinition: ConnectorDefinition<Destination<DestinationConfig>> = {
  name: "destination-postgres",
  version: "0.1.0",
  description: "Load streams into PostgreSQL tables.",
  spec: destinationSpec,
  adaptConfig: (config) => adaptSettings(airbyteSettings, config),
  validateConfig: isConfig as Validator,
  // Imported late, so that `spec` starts without the driver.
  load: async () => (await import("./destination.ts")).postgresDestination,
};
