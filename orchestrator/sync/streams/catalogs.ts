import type { ConfiguredCatalog, ConfiguredStream } from "../../../protocol/catalog.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { ConnectorSpecification } from "../../../protocol/messages.ts";
import type { Mapper } from "../../config/config.ts";
import { targetName } from "./naming.ts";
import type { PlannedStream } from "./select-streams.ts";

/** The catalog of a sync in the names of the destination. */
export function destinationCatalog(streams: readonly PlannedStream[]): ConfiguredCatalog {
  return { streams: streams.map(asWritten) };
}

/** The same in the source's names, and what it has to know of its destination. */
export function sourceCatalog(
  streams: readonly PlannedStream[],
  { supports_change_records }: Pick<ConnectorSpecification, "supports_change_records">,
): ConfiguredCatalog {
  return {
    streams: streams.map(({ configured }) => configured),
    ...(supports_change_records === true && { supports_change_records }),
  };
}

/** Under the destination's name, with the columns that the mappers leave. */
function asWritten({ configured, destination, mappers }: PlannedStream): ConfiguredStream {
  const { namespace: _, ...stream } = configured.stream;
  const { name, namespace } = destination;
  const json_schema = mappers ? mapped(stream.json_schema, mappers) : stream.json_schema;
  return {
    ...configured,
    stream: { ...stream, json_schema, name, ...(namespace && { namespace }) },
  };
}

function mapped(schema: JsonObject, mappers: readonly Mapper[]): JsonObject {
  const properties = new Map(
    Object.entries((schema["properties"] as JsonObject | undefined) ?? {}),
  );
  const changes = new Map(
    mappers.flatMap((mapper) =>
      mapper.type === "filter" ? [] : [[mapper.field, mapper] as const],
    ),
  );
  const columns = [...properties].flatMap(([column, type]) => {
    const mapper = changes.get(column);
    if (mapper === undefined) return [[column, type] as const];
    const target = targetName(mapper);
    if (target === undefined) return [];
    return [[target, mapper.type === "hash" ? { type: "string" } : type] as const];
  });
  return { ...schema, properties: Object.fromEntries(columns) };
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
