import { streamLabel, type Stream } from "../../protocol/catalog.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import { EXIT } from "../output/exit-status.ts";
import { table } from "../output/table.ts";
import type { Command } from "./command.ts";

export const discover: Command = {
  name: "discover",
  arguments: "[source...]",
  description: "show the streams a source offers",
  examples: [
    "syncline discover shop",
    "syncline discover shop --json | jq '.catalog.streams[].name'",
  ],
  run: discoverStreams,
};

/**
 * Shows what sources offer: a table, or with `--json` one CATALOG message per source; and what they say
 * of them, such as which tables they left out. A source that offers nothing is most likely not allowed to.
 */
async function discoverStreams(invocation: Invocation, names: readonly string[]): Promise<number> {
  const config = await invocation.config();
  const { console } = invocation;
  const chosen = names.length > 0 ? names : [...config.sources.keys()];
  const [{ withStatus }, { discoveredCatalog }] = await Promise.all([
    import("./ask-connectors.ts"),
    import("../api/discover.ts"),
  ]);
  return withStatus(
    invocation,
    async (asking) => {
      let status: number = EXIT.done;
      for (const name of chosen) {
        const catalog = await discoveredCatalog(asking, config, name);
        if (catalog.streams.length === 0) {
          console.note(
            `${name}: the source offers no streams: it sees no table that its user may read`,
          );
          status = EXIT.config;
        }
        if (console.json) {
          console.print(JSON.stringify({ type: "CATALOG", source: name, catalog }));
          continue;
        }
        if (chosen.length > 1) console.print(`${name}:`);
        for (const line of streamTable(catalog.streams)) console.print(line);
      }
      return status;
    },
    { shows: ["WARN", "INFO"] },
  );
}

function streamTable(streams: readonly Stream[]): string[] {
  const rows = streams.map((stream) => [
    escapeControls(streamLabel(stream)),
    stream.supported_sync_modes.join(", "),
    escapeControls(
      (stream.source_defined_primary_key ?? []).map((path) => path.join(".")).join(", "),
    ),
    escapeControls(
      Object.keys((stream.json_schema["properties"] as object | undefined) ?? {}).join(", "),
    ),
  ]);
  return table(["stream", "sync modes", "primary key", "columns"], rows);
}
