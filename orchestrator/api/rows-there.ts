import { streamKey } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Connector } from "../connector/connector.ts";
import { destinationCatalog } from "../sync/streams/catalogs.ts";
import type { PlannedStream } from "../sync/streams/select-streams.ts";
import { askConnectors, type Asking } from "./asking.ts";

/**
 * About how many rows the tables of streams have, by `streamKey` of the destination's names, as far as
 * their destination says so. One that cannot be asked does not say: the job that follows tells why.
 */
export function rowsThere(
  asking: Asking,
  { name, destination, limits }: ConnectionConfig,
  streams: readonly PlannedStream[],
): Promise<ReadonlyMap<string, number>> {
  const run = { project: asking.home.project, connection: name, job: 0, attempt: 0 };
  return askConnectors(asking, async (surroundings) => {
    const rows = new Map<string, number>();
    const around = { ...surroundings(), limits, run };
    try {
      const connector = new Connector(destination, around);
      await connector.hideSecrets();
      const plan = await connector.plan(destinationCatalog(streams));
      for (const { stream_descriptor: stream, row_estimate: count } of plan?.streams ?? [])
        if (typeof count === "number") rows.set(streamKey(stream), count);
    } catch (error) {
      around.signal.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
    }
    return rows;
  });
}
