import { streamLabel, type Stream } from "../../protocol/catalog.ts";
import { redactStrings } from "../../protocol/config/secrets.ts";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { ConnectorConfig } from "../config/config.ts";
import type { Invocation } from "../invocation.ts";
import { escapeControls } from "../escape.ts";
import { table } from "../output/table.ts";
import type { OpenConnector } from "./ask-connectors.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-status.ts";

/** What stays as it is: a mask in a name would tell which part of it is a secret. */
const NAMES = new Set(["name", "namespace", "source_defined_primary_key", "default_cursor_field"]);

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
  const { sources, destinations } = await invocation.config();
  const { console } = invocation;
  const chosen = names.length > 0 ? names : [...sources.keys()];
  const { withConnectors } = await import("./ask-connectors.ts");
  let status = EXIT.done as number;
  const ask = async (open: (settings: ConnectorConfig) => Promise<OpenConnector>) => {
    for (const name of chosen) {
      const settings = sources.get(name);
      if (settings === undefined)
        throw new Failure(
          "usage.invalid",
          destinations.has(name)
            ? `${name} is a destination, and sources alone offer streams`
            : `no source is called ${name || '""'}${didYouMean(name, sources.keys())}`,
        );
      const { connector, redact } = await open(settings);
      const { streams } = await connector.discover();
      if (streams.length === 0) {
        console.note(
          `${name}: the source offers no streams: it sees no table that its user may read`,
        );
        status = EXIT.config;
      }
      const catalog = { streams: streams.map((stream) => masked(stream, redact)) };
      if (console.json) {
        console.print(JSON.stringify({ type: "CATALOG", source: name, catalog }));
        continue;
      }
      if (chosen.length > 1) console.print(`${name}:`);
      for (const line of streamTable(catalog.streams)) console.print(line);
    }
    return status;
  };
  return withConnectors(invocation, ask, { shows: ["WARN", "INFO"] });
}

function masked(stream: Stream, redact: (text: string) => string): Stream {
  const names = Object.entries(stream).filter(([key]) => NAMES.has(key));
  return { ...redactStrings(stream, redact), ...Object.fromEntries(names) };
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
