import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/messages.ts";
import { checkShape } from "./check-shape.ts";
import type {
  Config,
  ConnectionConfig,
  ConnectorConfig,
  Program,
  SchemaChanges,
  StreamSelection,
} from "./config.ts";
import { ConfigDocument, dotted, type Path, type Problem } from "./document.ts";
import type { Mapper } from "./mapper.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import { overlaps } from "./overlaps.ts";

/** The connectors that come with the package. */
export const BUILT_IN_CONNECTORS = ["source-postgres", "destination-postgres"] as const;

type Env = Readonly<Record<string, string | undefined>>;

interface RawConnector {
  connector?: string;
  command?: string[];
  image?: string;
  config?: JsonObject;
  config_file?: string;
  config_updates?: string;
  env?: Record<string, string>;
}

interface RawStream {
  name: string;
  namespace?: string;
  sync_mode?: "full_refresh" | "incremental";
  destination_sync_mode?: "append" | "overwrite" | "append_dedup";
  cursor_field?: string | string[];
  primary_key?: string | (string | string[])[];
  fields?: string[];
  mappers?: Mapper[];
}

interface RawConnection {
  source: string;
  destination: string;
  prefix?: string;
  namespace?: string;
  streams?: (string | RawStream)[];
  exclude?: string[];
  schema_changes?: SchemaChanges;
  retry?: { max_attempts?: number; first_delay_seconds?: number; max_delay_seconds?: number };
  limits?: {
    start_seconds?: number;
    source_silence_seconds?: number;
    destination_silence_seconds?: number;
    stop_seconds?: number;
  };
}

interface RawConfig {
  sources: Record<string, RawConnector>;
  destinations: Record<string, RawConnector>;
  connections: Record<string, RawConnection>;
}

const SOURCE_NAMESPACE: ReadonlySet<string> = new Set(["SOURCE_NAMESPACE"]);
const NOTHING: ReadonlySet<string> = new Set();

/**
 * Reads and checks a configuration file. Throws `config.unreadable`, or `config.invalid` whose
 * message lists every problem, one line each: `syncline.yaml:12:5 connections.x.prefix: …`.
 */
export function loadConfig(path: string, env: Env): Config {
  const absolute = resolve(path);
  const document = readDocument(absolute, path);
  const problems = document.interpolate(env, keptNames);
  const raw = document.toValue();
  problems.push(...checkShape(raw ?? {}));
  stopAt(problems, document, path);
  const config = build(raw as RawConfig, absolute, document, env, problems);
  stopAt(problems, document, path);
  return config;
}

function readDocument(absolute: string, shown: string): ConfigDocument {
  let text: string;
  try {
    text = readFileSync(absolute, "utf8");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new Failure(
      "config.unreadable",
      missing ? `there is no ${shown}` : `${shown} cannot be read`,
      {
        ...(missing && { hint: "`syncline init` writes one to start from" }),
        cause: error,
      },
    );
  }
  const document = new ConfigDocument(text, basename(shown));
  const problems = document.syntaxProblems();
  if (problems.length > 0) throw new Failure("config.invalid", problems.join("\n"));
  return document;
}

function keptNames(path: Path): ReadonlySet<string> {
  const isNamespaceRule = path.length === 3 && path[0] === "connections" && path[2] === "namespace";
  return isNamespaceRule ? SOURCE_NAMESPACE : NOTHING;
}

function stopAt(problems: readonly Problem[], document: ConfigDocument, path: string): void {
  if (problems.length === 0) return;
  const lines = document.formatAll(problems);
  throw new Failure("config.invalid", lines.join("\n"), {
    facts: { file: path, problems: lines.length },
  });
}

function build(
  raw: RawConfig,
  path: string,
  document: ConfigDocument,
  env: Env,
  problems: Problem[],
): Config {
  const connectors = (role: "source" | "destination", entries: Record<string, RawConnector>) =>
    new Map(
      Object.entries(entries ?? {}).map(([name, entry]) => [
        name,
        connector(role, name, entry, { folder: dirname(path), document, env, problems }),
      ]),
    );
  const sources = connectors("source", raw.sources);
  const destinations = connectors("destination", raw.destinations);
  const connections = new Map<string, ConnectionConfig>();
  for (const [name, entry] of Object.entries(raw.connections ?? {})) {
    const at = ["connections", name];
    const source = lookUp(sources, entry.source, [...at, "source"], "source", problems);
    const destination = lookUp(
      destinations,
      entry.destination,
      [...at, "destination"],
      "destination",
      problems,
    );
    if (!source || !destination) continue;
    const siblings = Object.entries(raw.connections)
      .filter(([other, { destination: theirs }]) => other !== name && theirs === entry.destination)
      .map(([other]) => other);
    connections.set(name, connection(name, entry, source, destination, document, siblings));
  }
  problems.push(...overlaps([...connections.values()]));
  return { path, sources, destinations, connections };
}

interface Surroundings {
  readonly folder: string;
  readonly document: ConfigDocument;
  readonly env: Env;
  readonly problems: Problem[];
}

function connector(
  role: "source" | "destination",
  name: string,
  raw: RawConnector,
  around: Surroundings,
): ConnectorConfig {
  const at: Path = [`${role}s`, name];
  const prefix = `${dotted([...at, "config"])}.`;
  const interpolated = new Set(
    [...around.document.interpolated]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length)),
  );
  return {
    name,
    role,
    program: program(role, raw, at, around),
    config: settings(raw, at, around),
    ...(raw.config_updates !== undefined && {
      configUpdates: resolve(around.folder, raw.config_updates),
    }),
    env: raw.env ?? {},
    interpolated,
  };
}

function program(
  role: string,
  raw: RawConnector,
  at: Path,
  { folder, problems }: Surroundings,
): Program {
  const given = (["connector", "command", "image"] as const).filter(
    (key) => raw[key] !== undefined,
  );
  if (given.length !== 1)
    problems.push({ path: at, message: "needs exactly one of connector and command" });
  if (raw.image !== undefined)
    problems.push({
      path: [...at, "image"],
      message:
        "Docker images cannot be run here; install the connector and give its command, such as command: [python, -m, source_faker]",
    });
  if (raw.command !== undefined)
    return { kind: "command", command: raw.command.map((word) => fromFolder(word, folder)) };
  const known = BUILT_IN_CONNECTORS.filter((name) => name.startsWith(role));
  const name = raw.connector ?? known[0]!;
  if (!known.some((candidate) => candidate === name))
    problems.push({
      path: [...at, "connector"],
      message: `no such ${role}${didYouMean(name, known) || `; there is ${known.join(", ")}`}; for any other program use command`,
    });
  return { kind: "built-in", name };
}

/** Connectors run in a folder of their own, so what is relative to the file is made absolute. */
function fromFolder(word: string, folder: string): string {
  return word.startsWith("./") || word.startsWith("../") ? resolve(folder, word) : word;
}

function settings(raw: RawConnector, at: Path, around: Surroundings): JsonObject {
  if (raw.config_file === undefined) return raw.config ?? {};
  const { problems, folder, env } = around;
  const place = [...at, "config_file"];
  if (raw.config !== undefined)
    problems.push({ path: place, message: "config and config_file exclude each other" });
  try {
    const path = resolve(folder, raw.config_file);
    const document = readDocument(path, raw.config_file);
    for (const problem of document.interpolate(env, () => NOTHING))
      problems.push({ path: place, message: document.format(problem) });
    const value = document.toValue();
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      return value as JsonObject;
    problems.push({ path: place, message: "the file holds no map of keys and values" });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.push({ path: place, message: error.message });
  }
  return {};
}

function lookUp<T>(
  known: ReadonlyMap<string, T>,
  name: string,
  path: Path,
  what: string,
  problems: Problem[],
): T | undefined {
  const found = known.get(name);
  if (found === undefined)
    problems.push({
      path,
      message: `no ${what} is called ${name}${didYouMean(name, known.keys())}`,
    });
  return found;
}

function connection(
  name: string,
  raw: RawConnection,
  source: ConnectorConfig,
  destination: ConnectorConfig,
  document: ConfigDocument,
  siblings: readonly string[],
): ConnectionConfig {
  const streams = raw.streams ?? ["*"];
  const isDefault = raw.streams === undefined;
  return {
    name,
    source,
    destination,
    prefix: raw.prefix ?? "",
    namespace: raw.namespace ?? "destination",
    streams: streams.map((stream, index) =>
      selection(
        stream,
        document.format({
          path: isDefault ? ["connections", name] : ["connections", name, "streams", index],
          message: "",
        }),
      ),
    ),
    exclude: raw.exclude ?? [],
    schemaChanges: raw.schema_changes ?? "propagate",
    siblings,
    retry: {
      maxAttempts: raw.retry?.max_attempts ?? 5,
      firstDelaySeconds: raw.retry?.first_delay_seconds ?? 10,
      maxDelaySeconds: raw.retry?.max_delay_seconds ?? 1800,
    },
    limits: {
      startSeconds: raw.limits?.start_seconds ?? 60,
      sourceSilenceSeconds: raw.limits?.source_silence_seconds ?? 7200,
      destinationSilenceSeconds: raw.limits?.destination_silence_seconds ?? 7200,
      stopSeconds: raw.limits?.stop_seconds ?? 10,
    },
  };
}

function selection(raw: string | RawStream, place: string): StreamSelection {
  if (typeof raw === "string") return { name: raw, place };
  const { cursor_field: cursor, primary_key: key, ...rest } = raw;
  return {
    ...rest,
    ...(cursor !== undefined && { cursor_field: [cursor].flat() }),
    ...(key !== undefined && { primary_key: [key].flat().map((part) => [part].flat()) }),
    place,
  };
}
