import type { Catalog, ConfiguredCatalog } from "../../../protocol/catalog.ts";
import type { Redact } from "../../../protocol/config/secrets.ts";
import type { CommandContext, HostProcess } from "../lifecycle.ts";

/** A catalog as a file for `--catalog`, to be edited: every stream, whole, replacing the last copy. */
export function configuredFile({ streams }: Catalog): Buffer {
  const configured: ConfiguredCatalog = {
    streams: streams.map((stream) => {
      const { default_cursor_field: cursor, source_defined_primary_key: key } = stream;
      return {
        stream,
        sync_mode: stream.supported_sync_modes.includes("full_refresh")
          ? "full_refresh"
          : "incremental",
        destination_sync_mode: stream.supported_sync_modes.includes("full_refresh")
          ? "overwrite"
          : "append",
        ...(cursor !== undefined && cursor.length > 0 && { cursor_field: cursor }),
        ...(key !== undefined && key.length > 0 && { primary_key: key }),
      };
    }),
  };
  return Buffer.from(`${JSON.stringify(configured, null, 2)}\n`);
}

/** For a command whose answer is a file: what else it says goes to stderr, estimates nowhere. */
export function besideFile(context: CommandContext, { stderr }: HostProcess): CommandContext {
  const nowhere = async () => {};
  let redact: Redact = (text) => text;
  return {
    ...context,
    redactWith: (given) => {
      redact = given;
      context.redactWith(given);
    },
    log: (level, message) => void stderr.write(`${level}: ${redact(message)}\n`),
    output: { message: nowhere, lines: nowhere, flush: nowhere },
  };
}
