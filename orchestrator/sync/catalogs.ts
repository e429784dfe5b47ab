import type { ConfiguredCatalog, ConfiguredStream } from "../../protocol/catalog.ts";
import type { PlannedStream } from "./select-streams.ts";

/** The catalog of a sync in the names of one side. */
export function configuredCatalog(
  streams: readonly PlannedStream[],
  side: "source" | "destination",
): ConfiguredCatalog {
  return {
    streams: streams.map(({ configured, destination }) =>
      side === "source" ? configured : renamed(configured, destination),
    ),
  };
}

function renamed(
  configured: ConfiguredStream,
  { name, namespace }: PlannedStream["destination"],
): ConfiguredStream {
  const { namespace: _, ...stream } = configured.stream;
  return { ...configured, stream: { ...stream, name, ...(namespace && { namespace }) } };
}

/** Adds what a run decides: generations, and which of them the destination keeps. */
export function withGeneration(
  stream: PlannedStream,
  generation: number,
  syncId: number,
  truncates: boolean,
): PlannedStream {
  return {
    ...stream,
    configured: {
      ...stream.configured,
      generation_id: generation,
      minimum_generation_id: truncates ? generation : 0,
      sync_id: syncId,
    },
  };
}
