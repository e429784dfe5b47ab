import {
  cursorPath,
  primaryKeyPaths,
  streamKey,
  streamLabel,
  type ConfiguredCatalog,
  type ConfiguredStream,
} from "./catalog.ts";
import type { Problem } from "./config/problems.ts";
import type { Path } from "./config/schema.ts";
import { isObject } from "./json.ts";
import { didYouMean } from "./nearest-name.ts";

/** Who goes by a configured catalog. */
export type CatalogReader = "source" | "destination";

/**
 * What contradicts the protocol's rules for a configured catalog: a stream twice or without a name, a
 * sync mode it does not have, an incremental sync without a cursor, `append_dedup` without a primary
 * key, a cursor or key that is no field of the stream, and generations that ask to keep some older
 * ones. Keys and generations are nothing to a source. Whether the destination can do the mode it is
 * asked for is its own affair.
 */
export function configuredCatalogProblems(
  catalog: ConfiguredCatalog,
  reader: CatalogReader,
): Problem[] {
  const indexes = new Map<string, number>();
  return catalog.streams.flatMap((configured, index) => {
    const key = streamKey(configured.stream);
    const twin = indexes.get(key);
    if (twin === undefined) indexes.set(key, index);
    const problems = streamProblems(configured, reader);
    if (twin !== undefined)
      problems.unshift({
        path: ["stream"],
        message: `${streamLabel(configured.stream)} is streams[${twin}] already`,
      });
    return problems.map(({ path, message }) => ({ path: ["streams", index, ...path], message }));
  });
}

function streamProblems(configured: ConfiguredStream, reader: CatalogReader): Problem[] {
  const { stream } = configured;
  const label = streamLabel(stream);
  const problems: Problem[] = [];
  const report = (path: string | Path, message: string) =>
    problems.push({ path: [path].flat(), message });

  if (stream.name === "") report(["stream", "name"], "must not be empty");
  const modes = stream.supported_sync_modes;
  if (modes.length > 0 && !modes.includes(configured.sync_mode))
    report("sync_mode", `${label} can only be read as ${modes.join(" or ")}`);

  const cursor = cursorPath(configured);
  if (configured.sync_mode === "incremental" && !stream.source_defined_cursor) {
    if (cursor === undefined) report("cursor_field", `is required to read ${label} incrementally`);
    else reportPath("cursor_field", cursor);
  }
  if (reader === "source") return problems;
  const key = primaryKeyPaths(configured);
  if (configured.destination_sync_mode === "append_dedup" && key.length === 0)
    report("primary_key", `is required to keep one row per key of ${label}`);
  key.forEach((path, index) => reportPath(["primary_key", index], path));

  const generation = configured.generation_id ?? 0;
  const minimum = configured.minimum_generation_id ?? 0;
  if (minimum !== 0 && minimum !== generation)
    report(
      "minimum_generation_id",
      "must be 0 (keep all generations) or equal generation_id (keep this one only)",
    );
  return problems;

  function reportPath(place: string | Path, path: readonly string[]): void {
    const problem = pathProblem(stream.json_schema, path);
    if (problem !== undefined) report(place, `${problem} in ${label}${hint(path)}`);
  }

  function hint(path: readonly string[]): string {
    const { properties } = stream.json_schema;
    if (!isObject(properties) || path.length !== 1) return "";
    return didYouMean(path[0]!, Object.keys(properties));
  }
}

/** Follows `path` as far as the schema tells the fields; what is not described is let pass. */
function pathProblem(schema: unknown, path: readonly string[]): string | undefined {
  if (path.length === 0) return "a path without a name";
  let at = schema;
  for (const name of path) {
    if (name === "") return "a field without a name";
    if (!isObject(at) || !isObject(at["properties"])) return undefined;
    if (!Object.hasOwn(at["properties"], name)) return `no field ${JSON.stringify(name)}`;
    at = at["properties"][name];
  }
  return undefined;
}
