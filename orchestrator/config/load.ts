import { readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { withDefaults } from "../../protocol/config/defaults.ts";
import { explain } from "../../protocol/config/explain.ts";
import { pathText, type Problem } from "../../protocol/config/problems.ts";
import type { Path } from "../../protocol/config/schema.ts";
import { encodingMistake, withoutMark } from "../../protocol/encoding.ts";
import { Failure } from "../../protocol/errors.ts";
import { isObject, type JsonObject } from "../../protocol/json.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type {
  Config,
  ConnectionConfig,
  ConnectorConfig,
  Notify,
  StreamSelection,
  TimeLimits,
} from "./config.ts";
import { ConfigDocument } from "./document.ts";
import { programOf } from "./program.ts";
import { config as validator } from "./schema.generated.ts";
import {
  CONFIG_SCHEMA,
  type GivenConfig,
  type GivenConnection,
  type GivenConnector,
  type GivenNotify,
  type GivenStream,
} from "./schema.ts";
import type { Env } from "./env.ts";
import { notifyOf, scheduleOf } from "./triggers.ts";
import { typedVariables } from "./variables.ts";
import { TOO_DEEP } from "./yaml-mistakes.ts";

type Role = ConnectorConfig["role"];

/** Variables that stay as they are spelled in a namespace rule: each stream fills them in. */
const STREAM_VARIABLES: ReadonlySet<string> = new Set(["SOURCE_NAMESPACE"]);
const NO_VARIABLES: ReadonlySet<string> = new Set();

/**
 * Reads and checks a configuration file. Throws `config.unreadable`, or `config.invalid` whose
 * message lists every problem, one line each: `syncline.yaml:12:5 connections.x.prefix: …`.
 */
export function loadConfig(path: string, env: Env): Config {
  return guarded(path, { env, hasSecrets: true });
}

/**
 * The same for commands that start no connector: what connectors are configured with is not looked at,
 * so that its variables and files need not be there.
 */
export function loadLayout(path: string, env: Env): Config {
  return guarded(path, { env, hasSecrets: false });
}

interface Circumstances {
  readonly env: Env;
  readonly hasSecrets: boolean;
}

function guarded(path: string, circumstances: Circumstances): Config {
  try {
    return load(path, circumstances);
  } catch (error) {
    // Whatever walks a document does so by recursion, the parser as well.
    if (!(error instanceof RangeError)) throw error;
    throw new Failure("config.invalid", `${basename(path)}: ${TOO_DEEP}`);
  }
}

function load(path: string, circumstances: Circumstances): Config {
  return configOf(readDocument(path, path), path, circumstances);
}

/** The configuration that a file of this text would be. Throws `config.invalid`, as `loadConfig` does. */
export function parseConfig(text: string, path: string, env: Env): Config {
  return configOf(new ConfigDocument(text, basename(path)), path, { env, hasSecrets: true });
}

/** The same as `loadLayout` has it. */
export function parseLayout(text: string, path: string, env: Env): Config {
  return configOf(new ConfigDocument(text, basename(path)), path, { env, hasSecrets: false });
}

function configOf(document: ConfigDocument, path: string, circumstances: Circumstances): Config {
  const problems = document
    .interpolate(circumstances.env, keptVariables)
    .filter(({ path }) => circumstances.hasSecrets || isOfLayout(path));
  const given = typedVariables(
    (document.toValue() ?? {}) as JsonObject,
    pathsBelow([], document),
    CONFIG_SCHEMA,
  );
  problems.push(...explain(validator, CONFIG_SCHEMA, given));
  stopAt(problems, document, path);
  const complete = withDefaults(CONFIG_SCHEMA, given as unknown as GivenConfig);
  const { config, problems: more } = new ConfigBuilder(
    complete,
    resolve(path),
    document,
    circumstances,
  ).build();
  stopAt(more, document, path);
  return config;
}

/** Whether a place counts for those who start no connector and tell nobody. */
function isOfLayout([section, , key]: Path): boolean {
  return section === "connections" && key !== "notify";
}

/** The limits of connectors that are asked things outside of any connection. */
export function defaultLimits(): TimeLimits {
  const schema = CONFIG_SCHEMA.properties.connections.additionalProperties;
  return limitsOf((withDefaults(schema, {}) as GivenConnection).limits);
}

function keptVariables(path: Path): ReadonlySet<string> {
  const [section, , key] = path;
  const isRule = path.length === 3 && section === "connections" && key === "namespace";
  return isRule ? STREAM_VARIABLES : NO_VARIABLES;
}

/** The ending of what a file of settings is called. A password that was put in its place has none. */
const LOOKS_LIKE_FILE = /\.(?:json|ya?ml)$/i;

/** @param shown how messages call the file; undefined for what may be no name of one. */
function readDocument(path: string, shown: string | undefined): ConfigDocument {
  const text = readText(path, shown);
  const document = new ConfigDocument(text, basename(shown ?? path));
  const problems = document.syntaxProblems();
  if (problems.length > 0) throw new Failure("config.invalid", problems.join("\n"));
  return document;
}

/** Throws `config.unreadable` for what is no text. */
function readText(path: string, shown: string | undefined): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new Failure("config.unreadable", missing(path, shown), {
        hint: "`syncline init` writes one to start from",
        cause: error,
      });
    const why = code === "EISDIR" ? "is a folder" : `cannot be read${code ? ` (${code})` : ""}`;
    throw new Failure("config.unreadable", `${shown ?? "the file"} ${why}`, { cause: error });
  }
  const odd = encodingMistake(bytes);
  if (odd !== undefined)
    throw new Failure("config.unreadable", `${shown ?? "the file"} ${odd}; save it as UTF-8`);
  return withoutMark(bytes).toString("utf8");
}

/** That a file is missing, and where it was looked for: often that is the wrong folder. */
function missing(path: string, shown: string | undefined): string {
  if (shown === undefined) return "there is no such file";
  return `there is no ${shown}${isAbsolute(shown) ? "" : `, looked for in ${dirname(resolve(path))}`}`;
}

function stopAt(problems: readonly Problem[], document: ConfigDocument, path: string): void {
  if (problems.length === 0) return;
  const lines = document.formatAll(problems);
  throw new Failure("config.invalid", lines.join("\n"), {
    facts: { file: path, problems: lines.length },
  });
}

/** Makes a `Config` of a file whose shape is right, and finds what is wrong beyond its shape. */
class ConfigBuilder {
  readonly #given: GivenConfig;
  readonly #path: string;
  readonly #document: ConfigDocument;
  readonly #circumstances: Circumstances;
  readonly #problems: Problem[] = [];

  constructor(
    given: GivenConfig,
    path: string,
    document: ConfigDocument,
    circumstances: Circumstances,
  ) {
    this.#given = given;
    this.#path = path;
    this.#document = document;
    this.#circumstances = circumstances;
  }

  build(): { readonly config: Config; readonly problems: readonly Problem[] } {
    const sources = this.#connectors("source", this.#given.sources);
    const destinations = this.#connectors("destination", this.#given.destinations);
    const connections = new Map<string, ConnectionConfig>();
    const ofAll = this.#notify(["notify"], this.#given.notify);
    for (const [name, given] of Object.entries(this.#given.connections)) {
      const source = this.#named(sources, "source", name, given.source);
      const destination = this.#named(destinations, "destination", name, given.destination);
      if (source && destination)
        connections.set(name, this.#connection(name, given, source, destination, ofAll));
    }
    this.#findSharedTables([...connections.values()]);
    const { keep } = this.#given;
    const config = { path: this.#path, sources, destinations, connections, keep };
    return { config, problems: this.#problems };
  }

  #report(path: Path, message: string, more: { atKey?: boolean } = {}): void {
    this.#problems.push({ path, message, ...more });
  }

  #connectors(
    role: Role,
    given: Readonly<Record<string, GivenConnector>>,
  ): Map<string, ConnectorConfig> {
    return new Map(
      Object.entries(given).map(([name, one]) => [name, this.#connector(role, name, one)]),
    );
  }

  #connector(role: Role, name: string, given: GivenConnector): ConnectorConfig {
    const at: Path = [`${role}s`, name];
    const { config_updates: updates, env = {} } = given;
    return {
      name,
      role,
      program: programOf(role, given, {
        at,
        report: (path, message) => this.#report(path, message),
        fromFolder: (path) => this.#fromFolder(path),
      }),
      ...this.#settings(given, at),
      ...(updates !== undefined && { configUpdates: this.#fromFolder(updates) }),
      env,
    };
  }

  /** The connector's own settings, from here or from a file beside this one. */
  #settings(
    { config, config_file: file }: GivenConnector,
    at: Path,
  ): Pick<ConnectorConfig, "config" | "interpolated" | "locate"> {
    const locate = (problem: Problem) =>
      this.#document.format({ ...problem, path: [...at, "config", ...problem.path] });
    if (file === undefined) {
      const place = [...at, "config"];
      return { config: config ?? {}, interpolated: pathsBelow(place, this.#document), locate };
    }
    if (!this.#circumstances.hasSecrets) return { config: {}, interpolated: new Set(), locate };
    const place = [...at, "config_file"];
    if (config !== undefined) this.#report(place, "config and config_file exclude each other");
    try {
      const document = readDocument(
        this.#fromFolder(file),
        LOOKS_LIKE_FILE.test(file) ? file : undefined,
      );
      for (const problem of document.interpolate(this.#circumstances.env, () => NO_VARIABLES))
        this.#report(place, document.format(problem));
      const value = document.toValue();
      if (isObject(value))
        return {
          config: value as JsonObject,
          interpolated: pathsBelow([], document),
          locate: (problem) => document.format(problem),
        };
      this.#report(place, "the file holds no map of keys and values");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#report(place, error.message);
    }
    return { config: {}, interpolated: new Set(), locate };
  }

  #fromFolder(path: string): string {
    return resolve(dirname(this.#path), path);
  }

  #named(
    known: ReadonlyMap<string, ConnectorConfig>,
    role: Role,
    connection: string,
    name: string,
  ): ConnectorConfig | undefined {
    const found = known.get(name);
    if (found === undefined) {
      const other = role === "source" ? "destination" : "source";
      const isOther = Object.hasOwn(this.#given[`${other}s`], name);
      const why = isOther ? `: it is a ${other}` : didYouMean(name, known.keys());
      this.#report(["connections", connection, role], `no ${role} is called ${name}${why}`);
    }
    return found;
  }

  #connection(
    name: string,
    given: GivenConnection,
    source: ConnectorConfig,
    destination: ConnectorConfig,
    notifyOfAll: Notify,
  ): ConnectionConfig {
    const { streams, exclude = [], retry } = given;
    const siblings = Object.entries(this.#given.connections)
      .filter(([other, theirs]) => other !== name && theirs.destination === given.destination)
      .map(([other]) => other);
    const at: Path = ["connections", name];
    const report = (path: Path, message: string) => this.#report(path, message);
    this.#findRepeatedStreams(streams ?? [], at);
    return {
      name,
      source,
      destination,
      prefix: given.prefix,
      namespace: given.namespace,
      streams: (streams ?? ["*"]).map((stream, index) => {
        const path = streams === undefined ? at : [...at, "streams", index];
        return selection(stream, this.#document.format({ path, message: "" }));
      }),
      exclude,
      schemaChanges: given.schema_changes,
      follow: given.follow,
      schedule: scheduleOf(given, at, report),
      notify: { ...notifyOfAll, ...this.#notify([...at, "notify"], given.notify) },
      siblings,
      retry: {
        maxAttempts: retry.max_attempts,
        firstDelaySeconds: retry.first_delay_seconds,
        maxDelaySeconds: retry.max_delay_seconds,
      },
      limits: limitsOf(given.limits),
    };
  }

  #notify(at: Path, given: GivenNotify = {}): Notify {
    return notifyOf(given, at, {
      report: (path, message) => this.#report(path, message),
      fromFolder: (path) => this.#fromFolder(path),
      hasSecrets: this.#circumstances.hasSecrets,
    });
  }

  /** Finds entries that name the same streams: which of them counts would be anybody's guess. */
  #findRepeatedStreams(streams: readonly (string | GivenStream)[], at: Path): void {
    const seen = new Map<string, number>();
    for (const [index, given] of streams.entries()) {
      const { name, namespace } = typeof given === "string" ? { name: given } : given;
      const key = JSON.stringify([namespace ?? null, name]);
      const first = seen.get(key);
      if (first === undefined) seen.set(key, index);
      else
        this.#report(
          [...at, "streams", index],
          `${namespace === undefined ? name : `${namespace}.${name}`} is streams[${first}] already; a stream is synced in one way`,
        );
    }
  }

  /**
   * Finds connections that would write the same table. Only what the file itself shows is found here:
   * literal stream names. Wildcards are compared after the source was asked for its streams.
   */
  #findSharedTables(connections: readonly ConnectionConfig[]): void {
    const owners = new Map<string, string>();
    for (const { name, destination, namespace, prefix, streams } of connections) {
      const tables = streams.map((stream) => {
        // A rule that looks at the source's namespace keeps tables of different ones apart.
        const schema = namespace === "destination" ? undefined : stream.namespace;
        const key = JSON.stringify([destination.name, namespace, schema, prefix + stream.name]);
        return { key, stream };
      });
      const shared = tables.find(({ key }) => owners.has(key) && owners.get(key) !== name);
      for (const { key } of tables) if (!owners.has(key)) owners.set(key, name);
      if (shared !== undefined)
        this.#report(
          ["connections", name],
          `writes the same table as connection ${owners.get(shared.key)}: ${prefix}${shared.stream.name}; give one of them another prefix or namespace`,
          { atKey: true },
        );
    }
  }
}

/** Where in the value at `place` of the document variables were filled in. */
function pathsBelow(place: Path, document: ConfigDocument): ReadonlySet<string> {
  const below = document.interpolated.filter((path) => place.every((part, i) => path[i] === part));
  return new Set(below.map((path) => pathText(path.slice(place.length))));
}

function limitsOf(given: GivenConnection["limits"]): TimeLimits {
  return {
    startSeconds: given.start_seconds,
    sourceSilenceSeconds: given.source_silence_seconds,
    destinationSilenceSeconds: given.destination_silence_seconds,
    stopSeconds: given.stop_seconds,
  };
}

function selection(given: string | GivenStream, place: string): StreamSelection {
  if (typeof given === "string") return { name: given, place };
  const { cursor_field: cursor, primary_key: key, ...rest } = given;
  return {
    ...rest,
    ...(cursor !== undefined && { cursor_field: [cursor].flat() }),
    ...(key !== undefined && { primary_key: [key].flat().map((part) => [part].flat()) }),
    place,
  };
}
