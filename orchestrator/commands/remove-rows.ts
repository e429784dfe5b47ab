import { removalFacts, type RemovalFacts } from "../api/removal.ts";
import { namedStreams } from "../api/known-streams.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { Invocation } from "../invocation.ts";
import { EXIT } from "../output/exit-status.ts";
import { grouped, table } from "../output/table.ts";
import { withAsking } from "./ask-connectors.ts";
import { consents, requireConsent, type YesOption } from "./consent.ts";

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
  const { stream: streams = [] } = options;
  const isShown = !options.yes || !invocation.console.quiet;
  const lines = await withAsking(invocation, async (asking) => {
    if (isShown)
      return removalLines(connection!, await removalFacts(asking, connection!, { type, streams }));
    await namedStreams(asking, connection!, streams);
    return [];
  });
  const isAgreed = await consents(
    invocation,
    options,
    lines,
    type === "clear" ? "Empty these tables?" : "Replace the rows of these tables?",
  );
  if (!isAgreed) return EXIT.interrupted;
  const { runJobs } = await import("./run-jobs.ts");
  return runJobs(invocation, [connection!], { type, keepsRows: false, streams });
}

function removalLines(
  { name, destination }: ConnectionConfig,
  { type, streams }: RemovalFacts,
): string[] {
  const rows = streams.map(({ stream, table: target, rows: count, position }) => [
    stream,
    target,
    countText(count),
    `${position} → at its beginning`,
  ]);
  const what =
    type === "clear"
      ? "all rows that were synced to these tables go, and nothing is read"
      : "everything is read again, and then replaces the rows that are there";
  return [
    `${name}: in ${destination.name}, ${what}:`,
    ...table(["stream", "table", "rows", "position"], rows).map((line) => `  ${line}`),
  ];
}

function countText(rows: number | null): string {
  if (rows === null) return "not known";
  return rows === 0 ? "none" : `about ${grouped(rows)}`;
}
