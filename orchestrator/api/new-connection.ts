import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { streamKey, type Stream } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Config, ConnectorConfig } from "../config/config.ts";
import type { Env } from "../config/env.ts";
import { withEnvFile } from "../config/env-file.ts";
import { loadConfig, parseConfig } from "../config/load.ts";
import { NAME } from "../config/schema.ts";
import { parseConnectionText } from "../libpq/connection-text.ts";
import { loginOf, type Login } from "../libpq/login.ts";
import { rewriteConfig, withEntry } from "../setup/add-entry.ts";
import { addToEnvFile } from "../setup/add-to-env-file.ts";
import { endSettings, nameOf, plain } from "../setup/draft.ts";
import { columnNames, cursorCandidates } from "../setup/proposal.ts";
import { writeConfig } from "../setup/write-config.ts";
import { withConnectors, type Asking } from "./asking.ts";
import { connectorAt, tryEnds } from "./try-out.ts";

/** Two databases, as URLs of PostgreSQL or as `host=… dbname=…`. Nothing is added to them from elsewhere. */
export interface NewEnds {
  readonly source: string;
  readonly destination: string;
}

export interface OfferedTable {
  readonly namespace?: string;
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns that may be cursors. */
  readonly cursors: readonly string[];
  readonly primary_key: readonly string[];
  /** About; null: not known. */
  readonly rows: number | null;
}

export interface NewConnection extends NewEnds {
  readonly connection: string;
  readonly tables: "raw_and_final" | "final_only" | "raw_only";
  readonly prefix?: string;
  /** At least one. */
  readonly streams: readonly {
    readonly namespace?: string;
    readonly name: string;
    readonly mode:
      | "full_refresh_overwrite"
      | "full_refresh_append"
      | "incremental_append"
      | "incremental_append_dedup";
    readonly cursor?: string;
    readonly key?: readonly string[];
  }[];
  readonly schedule?:
    { readonly cron: string; readonly time_zone?: string } | { readonly every: string };
}

/** Tries both databases and says what there is to copy. Throws what either has against it. */
export function inspectEnds(asking: Asking, ends: NewEnds): Promise<OfferedTable[]> {
  const source = connectorAt("source", loginIn(ends, "source"));
  const destination = connectorAt("destination", loginIn(ends, "destination"));
  return withConnectors(asking, async (open) => {
    const sizes = new Map<string, number>();
    const { streams } = await tryEnds(open, { source, destination }, (size) => {
      if (size.row_estimate !== undefined) sizes.set(streamKey(size), size.row_estimate);
    });
    return streams.map((stream) => offeredTable(stream, sizes.get(streamKey(stream))));
  });
}

function offeredTable(stream: Stream, rows: number | undefined): OfferedTable {
  const { name, namespace, source_defined_primary_key: key = [] } = stream;
  return {
    ...(namespace && { namespace }),
    name,
    columns: columnNames(stream),
    cursors: cursorCandidates(stream),
    primary_key: key.flatMap((path) => path.slice(0, 1)),
    rows: rows ?? null,
  };
}

/**
 * Adds a connection to the configuration file, which is made where there is none, and its passwords to the
 * `.env` beside it. An end that the file has already is used again. Throws `usage.invalid` and
 * `config.invalid` with what is wrong; then both files are as they were.
 */
export function addConnection(
  configPath: string,
  env: Env,
  config: Config,
  wanted: NewConnection,
): void {
  const { connection: name } = wanted;
  if (!new RegExp(NAME).test(name))
    throw new Failure("usage.invalid", `${name || '""'} cannot be the name of a connection`, {
      hint: "it has letters, digits, dots, dashes and underscores, at most 100, and begins with a letter or digit",
    });
  if (config.connections.has(name))
    throw new Failure("usage.invalid", `there is a connection ${name} already`);
  if (wanted.streams.length === 0)
    throw new Failure("usage.invalid", "a connection wants at least one table");
  const known = withEnvFile(configPath, env);
  const isThere = existsSync(configPath);
  // Somebody may be editing it: what is wrong with it already is told, and nothing is put into it.
  if (isThere) loadConfig(configPath, known);
  let text = isThere ? readFileSync(configPath, "utf8") : EMPTY_CONFIG;
  const source = endOf("source", config.sources, loginIn(wanted, "source"), {}, known);
  const settings = wanted.tables === "raw_and_final" ? {} : { tables: wanted.tables };
  const taken = { ...known, ...source.variables };
  const destination = endOf(
    "destination",
    config.destinations,
    loginIn(wanted, "destination"),
    settings,
    taken,
  );
  if (source.entry) text = withEntry(text, { section: "sources", ...source.entry });
  if (destination.entry) text = withEntry(text, { section: "destinations", ...destination.entry });
  const value = connectionEntry(wanted, source.name, destination.name);
  text = withEntry(text, { section: "connections", name, value });
  const variables = { ...source.variables, ...destination.variables };
  parseConfig(text, configPath, { ...known, ...variables });
  const undo = addToEnvFile(configPath, variables);
  try {
    if (isThere) rewriteConfig(configPath, text);
    else writeConfig(configPath, text);
  } catch (error) {
    undo();
    throw error;
  }
}

/** A configuration that has nothing: what a file that is not there yet stands for. */
export const EMPTY_CONFIG = "sources: {}\ndestinations: {}\nconnections: {}\n";

/** How a configuration calls a database, and what it needs to have first. */
interface End {
  readonly name: string;
  readonly entry?: { readonly name: string; readonly value: JsonObject };
  readonly variables: Readonly<Record<string, string>>;
}

function endOf(
  role: "source" | "destination",
  known: ReadonlyMap<string, ConnectorConfig>,
  login: Login,
  settings: JsonObject,
  env: Env,
): End {
  const same = [...known.values()].find(
    ({ program, config }) =>
      program.kind === "built-in" && isDeepStrictEqual(config, { ...login, ...settings }),
  );
  if (same) return { name: same.name, variables: {} };
  const name = free(nameOf(login, role), (one) => known.has(one));
  const prefix = free(variableName(name), (one) => isTaken(one, env), "_");
  const { config, variables } = endSettings(login, prefix);
  const value = { connector: `${role}-postgres`, config: { ...config, ...settings } };
  return { name, entry: { name, value }, variables };
}

/** The first of `a`, `a-2`, `a-3` that is free. */
function free(name: string, isTaken: (name: string) => boolean, before = "-"): string {
  for (let n = 1; ; n++) {
    const one = n === 1 ? name : `${name}${before}${n}`;
    if (!isTaken(one)) return one;
  }
}

/** Whether variables that begin with it are there already: their values are somebody else's. */
function isTaken(prefix: string, env: Env): boolean {
  return Object.keys(env).some((name) => name.startsWith(`${prefix}_`));
}

function variableName(name: string): string {
  return name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replace(/^(?=\d)/, "_");
}

const MODES = {
  full_refresh_overwrite: ["full_refresh", "overwrite"],
  full_refresh_append: ["full_refresh", "append"],
  incremental_append: ["incremental", "append"],
  incremental_append_dedup: ["incremental", "append_dedup"],
} as const;

function connectionEntry(
  { prefix, streams, schedule }: NewConnection,
  source: string,
  destination: string,
): JsonObject {
  const names = streams.map(({ name }) => name);
  const entry = {
    source,
    destination,
    ...(prefix && { prefix }),
    // Two tables of one name need the schemas they have at the source.
    ...(new Set(names).size < names.length && { namespace: "source" }),
    ...(schedule && "every" in schedule && { every: schedule.every }),
    ...(schedule && "cron" in schedule && { schedule: schedule.cron }),
    ...(schedule && "cron" in schedule && schedule.time_zone && { time_zone: schedule.time_zone }),
    streams: streams.map(({ name, namespace, mode, cursor, key = [] }) => {
      const [sync_mode, destination_sync_mode] = MODES[mode];
      return {
        name,
        ...(namespace && { namespace }),
        sync_mode,
        destination_sync_mode,
        ...(cursor && { cursor_field: cursor }),
        ...(key.length > 0 && { primary_key: key.length === 1 ? key[0]! : [...key] }),
      };
    }),
  };
  return plain(entry) as JsonObject;
}

/** Parameters that name a file of this machine, or have one looked for: no request may. */
const OF_FILES = [
  "service",
  "passfile",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "sslcrl",
  "sslcrldir",
] as const;

/** What a request says and nothing else: no password of this machine goes where it points to. */
function loginIn(ends: NewEnds, role: "source" | "destination"): Login {
  const what = `the ${role}`;
  // As they are read, since a URL can spell their names in many ways.
  const given = parseConnectionText(ends[role], what);
  const file = OF_FILES.find((name) => Object.hasOwn(given, name));
  if (file !== undefined)
    throw new Failure("usage.invalid", `${what}: ${file} names a file, and none is read here`, {
      hint: "write such a connection into the configuration by hand",
    });
  return loginOf(ends[role], what, { HOME: "/dev/null" }, () => {});
}
