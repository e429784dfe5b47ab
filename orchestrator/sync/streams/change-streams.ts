import type { ConfiguredStream, Stream } from "../../../protocol/catalog.ts";

/**
 * Whether the records of a stream are changes, some of them deletions, which say no more than what row
 * they are of.
 */
export function areChanges({
  stream,
  sync_mode: mode,
}: Pick<ConfiguredStream, "stream" | "sync_mode">): boolean {
  return mode === "incremental" && changeColumns(stream).includes("_ab_cdc_deleted_at");
}

/** The columns in which change data capture says what a change was. */
export function changeColumns({ json_schema: schema }: Stream): string[] {
  const properties = (schema["properties"] as object | undefined) ?? {};
  return Object.keys(properties).filter((name) => name.startsWith("_ab_cdc_"));
}

/** The fields that were chosen of a stream, and what every change has to say beside them. */
export function withChangeColumns(
  configured: Pick<ConfiguredStream, "stream" | "sync_mode">,
  fields: readonly string[],
): readonly string[] {
  if (!areChanges(configured)) return fields;
  return [...new Set([...fields, ...changeColumns(configured.stream)])];
}
