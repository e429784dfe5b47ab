import { Readable, Writable } from "node:stream";
import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { ConnectorName } from "../connector/launch.ts";
import type { ConnectorProcess } from "../connector/process.ts";
import type { Terms } from "./terms.ts";

/** Where the records come from. */
export interface SourceSide extends ConnectorName {
  /** Must have resolved before `read`. */
  prepare(): Promise<void>;
  read(
    catalog: ConfiguredCatalog,
    state: Buffer | undefined,
    terms: Pick<Terms, "acknowledges" | "follows">,
  ): ConnectorProcess;
  /** Keeps settings that it changed itself. */
  updateConfig?(config: JsonObject): Promise<void>;
}

/** Where they go. */
export interface DestinationSide extends ConnectorName {
  /** Must have resolved before `write`. */
  prepare(): Promise<void>;
  write(catalog: ConfiguredCatalog, terms: Pick<Terms, "commitsAtOnce">): ConnectorProcess;
  /** Keeps settings that it changed itself. */
  updateConfig(config: JsonObject): Promise<void>;
}

/**
 * A source that has nothing: for every stream it erases the state and says COMPLETE. Where one state
 * of all streams goes on without them, that is what it says. Together with a
 * generation that replaces all older ones it empties a stream's tables, which stay.
 */
export function emptySource(global: Buffer | undefined): SourceSide {
  return sourceThatPrints("source (empty)", (catalog) => linesOf(catalog, global));
}

/** A source that has nothing to say: for an attempt of which every stream was delivered before. */
export const idleSource: SourceSide = sourceThatPrints("source (not needed)", () => "");

function sourceThatPrints(label: string, text: (catalog: ConfiguredCatalog) => string): SourceSide {
  return {
    role: "source",
    label,
    prepare: async () => {},
    read: (catalog): ConnectorProcess => ({
      stdin: new Writable(),
      stdout: Readable.from([Buffer.from(text(catalog))]),
      pid: undefined,
      exit: Promise.resolve({ kind: "exited", code: 0, weAsked: false }),
      stop() {},
      kill() {},
    }),
  };
}

function linesOf({ streams }: ConfiguredCatalog, global: Buffer | undefined): string {
  const shared = global
    ? `{"type":"STATE","state":{"type":"GLOBAL","global":${global.toString("utf8")},"sourceStats":{"recordCount":0}}}\n`
    : "";
  const lines = streams
    .flatMap(({ stream: { name, namespace } }) => {
      const descriptor = { name, ...(namespace && { namespace }) };
      const status = (value: string) => ({
        type: "TRACE",
        trace: {
          type: "STREAM_STATUS",
          emitted_at: Date.now(),
          stream_status: { stream_descriptor: descriptor, status: value },
        },
      });
      const stream = { stream_descriptor: descriptor, stream_state: null };
      const state = {
        type: "STATE",
        state: { type: "STREAM", stream, sourceStats: { recordCount: 0 } },
      };
      return [status("STARTED"), ...(global ? [] : [state]), status("COMPLETE")];
    })
    .map((message) => `${JSON.stringify(message)}\n`);
  return shared + lines.join("");
}
