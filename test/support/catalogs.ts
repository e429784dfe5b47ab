import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  Catalog,
  ConfiguredCatalog,
  ConfiguredStream,
  Stream,
} from "../../protocol/catalog.ts";
import { runExecutable } from "./run.ts";

/** Writes `value` as JSON into the folder and returns the file's path. */
export async function jsonFile(folder: string, name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(value));
  return path;
}

/** What `source-postgres discover` announces for the config in a file. */
export async function discover(configPath: string): Promise<Catalog> {
  const result = await runExecutable("source-postgres", ["discover", "--config", configPath]);
  const catalog = result.messages().find((message) => message.type === "CATALOG");
  if (!catalog || result.exitCode !== 0) throw new Error(`discover failed: ${result.stdout}`);
  return catalog.catalog;
}

/** A catalog that copies the named streams whole, in the given mode. */
export function configured(
  catalog: Catalog,
  names: readonly string[],
  mode: Partial<Omit<ConfiguredStream, "stream">> = {},
): ConfiguredCatalog {
  return {
    streams: names.map((name) => ({
      stream: streamOf(catalog, name),
      sync_mode: "full_refresh",
      destination_sync_mode: "overwrite",
      ...mode,
    })),
  };
}

function streamOf(catalog: Catalog, name: string): Stream {
  const stream = catalog.streams.find((candidate) => candidate.name === name);
  if (!stream) throw new Error(`discover announced no stream ${name}`);
  return stream;
}
