import type { Catalog } from "../../protocol/catalog.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Connector, type Surroundings } from "../connector/connector.ts";
import type { GoneStream, KnownCatalog } from "../store/known-catalog.ts";
import { approveSchema, goneStreams, type SchemaChange } from "./streams/schema-changes.ts";
import { inSupportedModes } from "./streams/destination-modes.ts";
import { unusedPatterns } from "./streams/unused-patterns.ts";
import { selectStreams, type Selection } from "./streams/select-streams.ts";

/** Both connectors of a connection, asked for what they are, and the streams between them. */
export interface Ready extends Selection {
  readonly source: Connector;
  readonly destination: Connector;
  /** Whether the destination keeps checkpoints with its data. */
  readonly destinationRemembers: boolean;
  /** What the source offers, as far as the connection takes changes over. */
  readonly catalog: Catalog;
  /** Where the destination puts streams without a namespace, if that is known. */
  readonly defaultNamespace: string | undefined;
  /** Streams that are gone, as far as nobody has taken note of it. */
  readonly gone: readonly GoneStream[];
  /** What is different since the last sync. */
  readonly changes: readonly SchemaChange[];
  /** What the configuration says that has no effect. */
  readonly remarks: readonly string[];
}

/**
 * Asks both connectors for their specs (from the cache mostly) and the source for its streams. From
 * the specs on, secrets are hidden in the log. Throws what the connectors report, and
 * `config.invalid` for a selection that does not fit.
 *
 * @param known the streams of the last sync, to see what changed since.
 */
export async function makeReady(
  connection: ConnectionConfig,
  around: Surroundings,
  known: KnownCatalog | undefined,
): Promise<Ready> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([around.signal, giveUp.signal]);
  const source = new Connector(connection.source, { ...around, signal });
  const destination = new Connector(connection.destination, { ...around, signal });
  await bothOf([source.hideSecrets(), destination.hideSecrets()], giveUp);
  // The destination gets ready while the source is asked.
  await Promise.all([source.open(), destination.open()]);
  const found = await source.discover();
  const { catalog, changes } = approveSchema(found, known, connection);
  const defaultNamespace = await destination.defaultNamespace();
  return {
    source,
    destination,
    defaultNamespace,
    destinationRemembers: await destination.remembers(),
    catalog,
    changes,
    gone: goneStreams(connection, known, found, () => new Date().toISOString()),
    remarks: unusedPatterns(connection, found),
    ...inSupportedModes(
      selectStreams(connection, catalog, defaultNamespace),
      await destination.spec(),
      destination.label,
    ),
  };
}

/** Waits for both. When one fails, the other is stopped and waited for: no process stays behind. */
async function bothOf(sides: readonly Promise<unknown>[], giveUp: AbortController): Promise<void> {
  const stopping = sides.map((side) =>
    side.catch((error: unknown) => {
      giveUp.abort();
      throw error;
    }),
  );
  for (const side of await Promise.allSettled(stopping))
    if (side.status === "rejected" && side.reason !== giveUp.signal.reason) throw side.reason;
}
