import { Failure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Connector } from "../connector/connector.ts";
import type { Invocation } from "../invocation.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { chooseStreams } from "../sync/request.ts";
import type { LeftOut } from "../sync/streams/left-out.ts";
import {
  selectStreams,
  type PlannedStream,
  type Selection,
} from "../sync/streams/select-streams.ts";
import { withSurroundings } from "./ask-connectors.ts";

/** What the source of a connection offers now, as the connection selects it. */
export async function offeredStreams(
  invocation: Invocation,
  connection: ConnectionConfig,
): Promise<readonly PlannedStream[]> {
  return (await offered(invocation, connection)).streams;
}

async function offered(invocation: Invocation, connection: ConnectionConfig): Promise<Selection> {
  let streams: Selection | undefined;
  const status = await withSurroundings(invocation, async (surroundings) => {
    const source = new Connector(connection.source, {
      ...surroundings(),
      limits: connection.limits,
    });
    await source.hideSecrets();
    streams = selectStreams(connection, await source.discover());
    return 0;
  });
  if (streams === undefined)
    throw new Failure("sync.interrupted", `stopped before anything was changed (${status})`);
  return streams;
}

/**
 * The streams of a connection with these names, or all: as the last sync knew them, and only where it
 * did not, or not one of the names, as the source offers them. Throws `usage.invalid` for a name that
 * neither has.
 */
export async function namedStreams(
  invocation: Invocation,
  connection: ConnectionConfig,
  names: readonly string[],
): Promise<readonly PlannedStream[]> {
  const { path } = await invocation.home();
  try {
    const known = knownSelection(path, connection);
    if (known) return chosen(known, names);
  } catch (error) {
    if (!(error instanceof Failure)) throw error; // the source may offer more by now
  }
  return chosen(await offered(invocation, connection), names);
}

/** The streams of a connection as far as the last sync knew them and the configuration fits them. */
export function knownStreams(home: string, connection: ConnectionConfig): readonly PlannedStream[] {
  try {
    return knownSelection(home, connection)?.streams ?? [];
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

function knownSelection(home: string, connection: ConnectionConfig): Selection | undefined {
  const known = readKnownCatalog(home, connection.name);
  return known && selectStreams(connection, { streams: [...known.streams] });
}

/**
 * Throws `usage.invalid` for a name that `namedStreams` does not find. Why the source cannot be asked is
 * left to the job, which tries again.
 */
export async function refuseUnknownStreams(
  invocation: Invocation,
  connection: ConnectionConfig,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  try {
    await namedStreams(invocation, connection, names);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === "usage.invalid" || error.code === "sync.interrupted") throw error;
  }
}

/** A stream that the configuration names and the source does not have is the job's to speak of. */
function chosen({ streams, leftOut }: Selection, names: readonly string[]): PlannedStream[] {
  return chooseStreams<PlannedStream | LeftOut>([...streams, ...leftOut], names).filter(
    (stream): stream is PlannedStream => !("failure" in stream),
  );
}
