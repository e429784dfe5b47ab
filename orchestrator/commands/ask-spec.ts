import { rmSync } from "node:fs";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import type { ConnectorConfig } from "../config/config.ts";
import { Connector } from "../connector/connector.ts";
import type { Invocation } from "../invocation.ts";
import { makeTemporaryFolder } from "../store/temporary-folder.ts";
import { withSurroundings } from "./ask-connectors.ts";
import { EXIT } from "../output/exit-status.ts";

/**
 * A connector's own description, or the exit status of the signal that came first. Leaves nothing
 * beside the configuration, which there may be none of.
 */
export async function askSpec(
  invocation: Invocation,
  settings: ConnectorConfig,
): Promise<ConnectorSpecification | number> {
  const home = makeTemporaryFolder("syncline-spec-");
  let spec: ConnectorSpecification | undefined;
  try {
    const status = await withSurroundings(invocation.with({ home }), async (surroundings) => {
      spec = await new Connector(settings, surroundings()).spec();
      return EXIT.done;
    });
    return spec ?? status;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
