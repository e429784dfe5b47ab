import { streamLabel, type Catalog } from "../../../protocol/catalog.ts";
import { didYouMean } from "../../../protocol/nearest-name.ts";
import type { ConnectionConfig } from "../../config/config.ts";
import { matchesName } from "./select-streams.ts";

/** What is to be left out and is not there: a misspelt name would let a stream pass. */
export function unusedPatterns(
  { exclude, streams }: Pick<ConnectionConfig, "exclude" | "streams">,
  { streams: offered }: Catalog,
): string[] {
  const all = [...exclude, ...streams.flatMap((entry) => entry.exclude ?? [])];
  return all
    .filter((pattern) => !offered.some((stream) => matchesName(pattern, stream)))
    .map((pattern) => {
      const known = offered.flatMap((stream) => [stream.name, streamLabel(stream)]);
      return `exclude: ${pattern} matches none of the source's ${offered.length} streams${didYouMean(pattern, known)}`;
    });
}
