import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { streamLabel, type Stream, type StreamDescriptor } from "../../protocol/catalog.ts";
import { replaceFile } from "./atomic-file.ts";
import { stateUnwritable } from "./unwritable.ts";

/** What the last sync of a connection had to do with. */
export interface KnownCatalog {
  readonly streams: readonly Stream[];
  /** `tableKey`s of what it writes. */
  readonly tables: readonly string[];
  /** Streams that the source has no more, and nobody has taken note of. Absent: none. */
  readonly gone?: readonly GoneStream[];
}

/** A stream that a pattern of the configuration matched as long as it was there. */
export interface GoneStream {
  readonly stream: StreamDescriptor;
  /** When a sync missed it first. */
  readonly since: string;
}

/** The streams a connection worked with last; undefined before its first sync. */
export function readKnownCatalog(home: string, connection: string): KnownCatalog | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(home, connection), "utf8")) as KnownCatalog;
  } catch {
    return undefined; // without it the next sync takes what it finds
  }
}

/**
 * What is to be acknowledged of a connection, for people: `syncline sync --accept-changes` takes note
 * of it.
 */
export function toAcknowledge(home: string, connection: string): string[] {
  return (readKnownCatalog(home, connection)?.gone ?? []).map(
    ({ stream, since }) =>
      `${streamLabel(stream)} is gone from the source since ${since}; its rows stay as they are (\`syncline sync ${connection} --accept-changes\` takes note of that)`,
  );
}

/** Takes note of streams that are gone: nobody is told of them any more. Throws `state.unwritable`. */
export function acknowledgeGone(home: string, connection: string): void {
  const known = readKnownCatalog(home, connection);
  if (known?.gone === undefined) return;
  const { gone: _, ...rest } = known;
  saveKnownCatalog(home, connection, rest);
}

/** Throws `state.unwritable`. */
export function saveKnownCatalog(home: string, connection: string, catalog: KnownCatalog): void {
  try {
    mkdirSync(join(home, "catalogs"), { recursive: true, mode: 0o700 });
    replaceFile(pathOf(home, connection), JSON.stringify(catalog), { durable: false });
  } catch (error) {
    throw stateUnwritable(
      `the catalog of ${connection} cannot be saved in ${join(home, "catalogs")}`,
      error,
    );
  }
}

/** What a connection is known by under its new name. */
export function moveKnownCatalog(home: string, from: string, to: string): void {
  const path = pathOf(home, from);
  if (existsSync(path)) renameSync(path, pathOf(home, to));
}

function pathOf(home: string, connection: string): string {
  return join(home, "catalogs", `${connection}.json`);
}
