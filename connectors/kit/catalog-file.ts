import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import { parseInputFile, readInputFile } from "./input-file.ts";
import type { StateInput } from "./contract.ts";

/** Node cannot hold a longer text. 5,000 tables of 100 columns are about 100 MB. */
const MAX_BYTES = 512 * 1024 * 1024 - 1;

/** Reads a configured catalog. Throws `config.unreadable`, or `catalog.invalid` with all problems. */
export async function readCatalog(path: string): Promise<ConfiguredCatalog> {
  const file = { option: "--catalog", path, maxBytes: MAX_BYTES };
  // Loaded here: its validators are of no use to `spec` and `check`.
  const [bytes, { parseConfiguredCatalog }] = await Promise.all([
    readInputFile(file),
    import("../../protocol/validate.ts"),
  ]);
  return parseConfiguredCatalog(parseInputFile(file, bytes));
}

/**
 * Reads a state file as bytes, which the source interprets. No `--state` is no state; an empty file
 * is not: it is what is left when a write was cut short, and starting over would send everything
 * again. Throws `config.unreadable`.
 */
export async function readState(path: string | undefined): Promise<StateInput> {
  if (path === undefined) return undefined;
  return readInputFile({ option: "--state", path, maxBytes: MAX_BYTES });
}
