import { Failure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Connector, type Surroundings } from "../connector/connector.ts";
import type { Home } from "../store/home.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { makeReady } from "./ready.ts";
import { chooseStreams } from "./request.ts";
import { destinationCatalog } from "./streams/catalogs.ts";
import { selectStreams } from "./streams/select-streams.ts";

/**
 * Has the destination make the tables of a connection the connection's, whoever wrote them before.
 * The source is asked for its streams only when no sync has done so. Throws `usage.invalid` for a
 * destination that cannot, and what the connectors report.
 *
 * @param names of the streams it is about; empty: all.
 */
export async function adoptTables(
  connection: ConnectionConfig,
  names: readonly string[],
  home: Home,
  around: Surroundings,
): Promise<void> {
  const destination = await openDestination(connection, around);
  if ((await destination.spec()).supports_adopt_command !== true)
    throw new Failure(
      "usage.invalid",
      `${destination.label} does not remember whose its tables are, so there is nothing to adopt`,
    );
  const known = readKnownCatalog(home.path, connection.name);
  const catalog = known
    ? { streams: [...known.streams] }
    : (await makeReady(connection, around, undefined)).catalog;
  const streams = chooseStreams(selectStreams(connection, catalog).streams, names);
  await destination.adopt(destinationCatalog(streams));
}

/**
 * Has the destination hand over what it has of a connection that was renamed to this one. Does
 * nothing for a destination that remembers nothing.
 */
export async function takeOver(
  connection: ConnectionConfig,
  from: string,
  around: Surroundings,
): Promise<void> {
  const destination = await openDestination(connection, around);
  if ((await destination.spec()).supports_move_command === true) await destination.takeOver(from);
}

async function openDestination(
  { destination: settings }: ConnectionConfig,
  around: Surroundings,
): Promise<Connector> {
  const destination = new Connector(settings, around);
  await destination.hideSecrets();
  return destination;
}
