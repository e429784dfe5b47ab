import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { positionText } from "../output/positions.ts";
import type { Home } from "../store/home.ts";
import { allEntries } from "../store/state-entries.ts";
import { readState, statePath } from "../store/state-file.ts";
import type { Asking } from "./asking.ts";
import { namedStreams } from "./known-streams.ts";
import { rowsThere } from "./rows-there.ts";

/** A job after which rows are gone. */
export interface Removal {
  readonly type: "clear" | "refresh";
  /** Empty: all. */
  readonly streams: readonly string[];
}

export interface RemovalFacts {
  readonly connection: string;
  readonly type: Removal["type"];
  readonly streams: readonly {
    readonly stream: string;
    readonly table: string;
    /** About; null: the destination does not say. */
    readonly rows: number | null;
    /** In words. */
    readonly position: string;
  }[];
}

/** What a removal would take away, before anybody is asked. Throws `usage.invalid` for an unknown stream. */
export async function removalFacts(
  asking: Asking,
  connection: ConnectionConfig,
  { type, streams: wanted }: Removal,
): Promise<RemovalFacts> {
  const streams = await namedStreams(asking, connection, wanted);
  const counts = await rowsThere(asking, connection, streams);
  const entries = new Map(
    entriesOf(asking.home, connection.name).map((entry) => [streamKey(entry.stream), entry]),
  );
  return {
    connection: connection.name,
    type,
    streams: streams.map(({ source, destination }) => {
      const entry = entries.get(streamKey(source));
      return {
        stream: streamLabel(source),
        table: streamLabel(destination),
        rows: counts.get(streamKey(destination)) ?? null,
        position: positionText(entry?.blob, entry?.cursor_field),
      };
    }),
  };
}

/** None where the file cannot be read: the job says so. */
function entriesOf(home: Home, name: string): ReturnType<typeof allEntries> {
  try {
    return allEntries(readState(statePath(home, name), name));
  } catch {
    return [];
  }
}
