import { Failure } from "../../protocol/errors.ts";
import type { Session } from "../cli.ts";
import type { Config, ConnectionConfig } from "../config/config.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import { sweepPrivateFolders } from "../connector/private-folder.ts";
import type { Console } from "../output/console.ts";
import type { Home } from "../store/home.ts";
import { SYNC, type Request } from "../sync/request.ts";
import { statusOfSignal, worstOf } from "./exit-status.ts";
import { runOne } from "./run-one.ts";
import { onStopSignals } from "./stop-signals.ts";

/** Syncs the named connections, or all. Returns the exit status. */
export async function syncCommand(
  session: Session,
  names: readonly string[],
  { acceptChanges = false }: { acceptChanges?: boolean },
): Promise<number> {
  const chosen = chooseConnections(await session.config(), names);
  const connections = acceptChanges ? chosen.map(accepting) : chosen;
  return runJobs(connections, SYNC, await session.home(), session.console);
}

/** The connection, for one run, with a pause lifted. */
function accepting(connection: ConnectionConfig): ConnectionConfig {
  const { schemaChanges } = connection;
  return { ...connection, schemaChanges: schemaChanges === "pause" ? "propagate" : schemaChanges };
}

/** Runs a job on each connection, one after the other, until a signal comes. */
export async function runJobs(
  connections: readonly ConnectionConfig[],
  request: Request,
  home: Home,
  console: Console,
): Promise<number> {
  sweepPrivateFolders();
  const signals = onStopSignals((text) => console.note(text));
  const statuses: number[] = [];
  try {
    for (const connection of connections) {
      if (signals.received()) break;
      statuses.push(await runOne(connection, request, { home, console, stop: signals }));
    }
  } finally {
    signals.release();
  }
  const signal = signals.received();
  return signal ? statusOfSignal(signal) : worstOf(statuses);
}

/** The connections with these names, or all. Throws `usage.invalid`. */
export function chooseConnections(config: Config, names: readonly string[]): ConnectionConfig[] {
  if (names.length === 0) return [...config.connections.values()];
  return [...new Set(names)].map((name) => {
    const found = config.connections.get(name);
    if (found) return found;
    const known = [...config.connections.keys()];
    throw new Failure(
      "usage.invalid",
      `no connection is called ${name}${didYouMean(name, known) || ` (there is ${known.join(", ") || "none"})`}`,
    );
  });
}
