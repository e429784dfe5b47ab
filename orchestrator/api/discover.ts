import type { Catalog, Stream } from "../../protocol/catalog.ts";
import { redactStrings } from "../../protocol/config/secrets.ts";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Config, ConnectorConfig } from "../config/config.ts";
import { withConnectors, type Asking } from "./asking.ts";

/** What stays as it is: a mask in a name would tell which part of it is a secret. */
const NAMES = new Set(["name", "namespace", "source_defined_primary_key", "default_cursor_field"]);

/** The streams that a source offers, without its secrets. Throws `usage.invalid` for a name that is no source's. */
export async function discoveredCatalog(
  asking: Asking,
  config: Config,
  name: string,
): Promise<Catalog> {
  const settings = sourceCalled(config, name);
  return withConnectors(asking, async (open) => {
    const { connector, redact } = await open(settings);
    const { streams } = await connector.discover();
    return { streams: streams.map((stream) => masked(stream, redact)) };
  });
}

function sourceCalled({ sources, destinations }: Config, name: string): ConnectorConfig {
  const found = sources.get(name);
  if (found) return found;
  throw new Failure(
    "usage.invalid",
    destinations.has(name)
      ? `${name} is a destination, and sources alone offer streams`
      : `no source is called ${name || '""'}${didYouMean(name, sources.keys())}`,
  );
}

function masked(stream: Stream, redact: (text: string) => string): Stream {
  const names = Object.entries(stream).filter(([key]) => NAMES.has(key));
  return { ...redactStrings(stream, redact), ...Object.fromEntries(names) };
}
