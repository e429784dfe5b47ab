import { streamKey, streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { ConnectionConfig } from "../../config/config.ts";
import { readKnownCatalog } from "../../store/known-catalog.ts";
import type { PlannedStream } from "./select-streams.ts";

/**
 * Refuses to write a table that another connection to the same destination wrote in its last sync:
 * wildcards hide that from the check of the configuration file. Throws `config.invalid`.
 */
export function refuseSharedTables(
  connection: ConnectionConfig,
  streams: readonly PlannedStream[],
  home: string,
): void {
  const problems = connection.siblings.flatMap((sibling) => {
    const tables = new Set(readKnownCatalog(home, sibling)?.tables);
    return streams
      .filter(({ destination }) => tables.has(streamKey(destination)))
      .map(({ destination }) => `${streamLabel(destination)} is written by connection ${sibling}`);
  });
  if (problems.length === 0) return;
  throw new Failure("config.invalid", `connection ${connection.name}: ${problems.join("; ")}`, {
    hint: "give one of the connections another prefix or namespace",
  });
}
