import { sameStream, streamLabel, type StreamDescriptor } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Connector } from "../connector/connector.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { chooseStreams } from "../sync/request.ts";
import type { LeftOut } from "../sync/streams/left-out.ts";
import {
  isSelected,
  selectStreams,
  type PlannedStream,
  type Selection,
} from "../sync/streams/select-streams.ts";
import { askConnectors, type Asking } from "./asking.ts";

/** What the source of a connection offers now, as the connection selects it. */
export async function offeredStreams(
  asking: Asking,
  connection: ConnectionConfig,
): Promise<readonly PlannedStream[]> {
  return (await offered(asking, connection)).streams;
}

function offered(asking: Asking, connection: ConnectionConfig): Promise<Selection> {
  return askConnectors(asking, async (surroundings) => {
    const around = { ...surroundings(), limits: connection.limits };
    const source = new Connector(connection.source, around);
    await source.hideSecrets();
    return selectStreams(connection, await source.discover());
  });
}

/**
 * The streams of a connection with these names, or all: as the last sync knew them, and only where it
 * did not, or not one of the names, as the source offers them. Throws `usage.invalid` for a name that
 * neither has.
 */
export async function namedStreams(
  asking: Asking,
  connection: ConnectionConfig,
  names: readonly string[],
): Promise<readonly PlannedStream[]> {
  try {
    const known = knownSelection(asking.home.path, connection);
    if (known) return chosen(known, names);
  } catch (error) {
    if (!(error instanceof Failure)) throw error; // the source may offer more by now
  }
  return chosen(await offered(asking, connection), names);
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
  asking: Asking,
  connection: ConnectionConfig,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  try {
    await namedStreams(asking, connection, names);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === "usage.invalid") throw error;
  }
}

/** A stream that the configuration names and the source does not have is the job's to speak of. */
function chosen({ streams, leftOut }: Selection, names: readonly string[]): PlannedStream[] {
  return chooseStreams<PlannedStream | LeftOut>([...streams, ...leftOut], names).filter(
    (stream): stream is PlannedStream => !("failure" in stream),
  );
}

/**
 * Throws `usage.invalid` where none of some streams is one of the connection's: as the last sync knew
 * them, else as the configuration selects them. Without a namespace, a name stands for any of that name.
 */
export function refuseStrangers(
  home: string,
  connection: ConnectionConfig,
  streams: readonly StreamDescriptor[],
): void {
  const known = readKnownCatalog(home, connection.name)?.streams;
  const isOurs = (stream: StreamDescriptor) =>
    known?.some((one) => (stream.namespace ? sameStream(one, stream) : one.name === stream.name)) ??
    // Whose a bare name is, only the source can tell.
    (!stream.namespace || isSelected(connection, stream));
  if (streams.length === 0 || streams.some(isOurs)) return;
  const shown = streams.slice(0, SHOWN).map(streamLabel).join(", ");
  const more = streams.length > SHOWN ? ` and ${streams.length - SHOWN} more` : "";
  throw new Failure(
    "usage.invalid",
    `the file has positions of ${shown}${more}, and of no stream of the connection ${connection.name}`,
    {
      hint: known
        ? `its streams are ${known.slice(0, SHOWN).map(streamLabel).join(", ")}${known.length > SHOWN ? " and more" : ""}`
        : "none of them is selected by its `streams`",
    },
  );
}

/** Streams named in a message at most. */
const SHOWN = 10;
