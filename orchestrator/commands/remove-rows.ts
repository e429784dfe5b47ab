import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { Invocation } from "../invocation.ts";
import { positionText } from "../output/positions.ts";
import { grouped, table } from "../output/table.ts";
import type { Home } from "../store/home.ts";
import { readState, statePath } from "../store/state-file.ts";
import type { PlannedStream } from "../sync/streams/select-streams.ts";
import { consents, requireConsent, type YesOption } from "./consent.ts";
import { EXIT } from "./exit-status.ts";
import { namedStreams } from "./known-streams.ts";
import { rowsThere } from "./rows-there.ts";
import { allEntries } from "./state-entries.ts";

export interface RemovalOptions extends YesOption {
  readonly stream?: readonly string[];
}

/** Runs a job after which rows of a connection are gone, for whoever says yes to that. */
export async function removeRows(
  invocation: Invocation,
  names: readonly string[],
  type: "clear" | "refresh",
  options: RemovalOptions,
): Promise<number> {
  const [connection] = await invocation.connections(names);
  requireConsent(options, type === "clear" ? "clear" : "refresh --remove");
  const { stream: wanted = [] } = options;
  const streams = await namedStreams(invocation, connection!, wanted);
  const isShown = !options.yes || !invocation.console.quiet;
  const lines = isShown ? await removalLines(invocation, connection!, type, streams) : [];
  const isAgreed = await consents(
    invocation,
    options,
    lines,
    type === "clear" ? "Empty these tables?" : "Replace the rows of these tables?",
  );
  if (!isAgreed) return EXIT.interrupted;
  const { runJobs } = await import("./run-jobs.ts");
  return runJobs(invocation, [connection!], { type, keepsRows: false, streams: wanted });
}

async function removalLines(
  invocation: Invocation,
  connection: ConnectionConfig,
  type: "clear" | "refresh",
  streams: readonly PlannedStream[],
): Promise<string[]> {
  const { name, destination } = connection;
  const counts = await rowsThere(invocation, connection, streams);
  const entries = new Map(
    positions(await invocation.home(), name).map(
      (entry) => [streamKey(entry.stream), entry] as const,
    ),
  );
  const rows = streams.map(({ source, destination: target }) => {
    const entry = entries.get(streamKey(source));
    return [
      streamLabel(source),
      streamLabel(target),
      countText(counts.get(streamKey(target))),
      `${positionText(entry?.blob, entry?.cursor_field)} → at its beginning`,
    ];
  });
  const what =
    type === "clear"
      ? "all rows that were synced to these tables go, and nothing is read"
      : "everything is read again, and then replaces the rows that are there";
  return [
    `${name}: in ${destination.name}, ${what}:`,
    ...table(["stream", "table", "rows", "position"], rows).map((line) => `  ${line}`),
  ];
}

function countText(rows: number | undefined): string {
  if (rows === undefined) return "not known";
  return rows === 0 ? "none" : `about ${grouped(rows)}`;
}

/** None where the file cannot be read: the job says so. */
function positions(home: Home, name: string): ReturnType<typeof allEntries> {
  try {
    return allEntries(readState(statePath(home, name), name));
  } catch {
    return [];
  }
}
