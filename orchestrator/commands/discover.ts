import { streamLabel, type Stream } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { Session } from "../cli.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import { escapeControls } from "../output/escape.ts";
import { table } from "../output/table.ts";
import { EXIT } from "./exit-status.ts";
import { withConnectors } from "./with-connectors.ts";

/** Shows what sources offer: a table, or with `--json` one CATALOG message per source. */
export async function discoverCommand(session: Session, names: readonly string[]): Promise<number> {
  const { sources } = await session.config();
  const { console } = session;
  const chosen = names.length > 0 ? names : [...sources.keys()];
  return withConnectors(session, async (open) => {
    for (const name of chosen) {
      const settings = sources.get(name);
      if (settings === undefined)
        throw new Failure(
          "usage.invalid",
          `no source is called ${name}${didYouMean(name, sources.keys())}`,
        );
      const { connector } = await open(settings);
      const catalog = await connector.discover();
      if (console.json) {
        console.print(JSON.stringify({ type: "CATALOG", source: name, catalog }));
        continue;
      }
      if (chosen.length > 1) console.print(`${name}:`);
      for (const line of streamTable(catalog.streams)) console.print(line);
    }
    return EXIT.done;
  });
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
