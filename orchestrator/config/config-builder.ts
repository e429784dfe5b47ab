import { dirname, resolve } from "node:path";
import type { Problem } from "../../protocol/config/problems.ts";
import type { Path } from "../../protocol/config/schema.ts";
import { Failure } from "../../protocol/errors.ts";
import { isObject, type JsonObject } from "../../protocol/json.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import { findRepeatedStreams, findSharedTables } from "./clashes.ts";
import type {
  Config,
  ConnectionConfig,
  ConnectorConfig,
  Notify,
  StreamSelection,
  TimeLimits,
} from "./config.ts";
import type { ConfigDocument } from "./document.ts";
import type { Env } from "./env.ts";
import { programOf } from "./program.ts";
import { readDocument } from "./read-document.ts";
import type {
  GivenConfig,
  GivenConnection,
  GivenConnector,
  GivenNotify,
  GivenStream,
} from "./schema.ts";
import { notifyOf, scheduleOf } from "./triggers.ts";

type Role = ConnectorConfig["role"];

/** The ending of what a file of settings is called. A password that was put in its place has none. */
const LOOKS_LIKE_FILE = /\.(?:json|ya?ml)$/i;

/** What a configuration is read for. */
export interface Circumstances {
  readonly env: Env;
  /** Whether what connectors are configured with counts. */
  readonly hasSecrets: boolean;
}

/** Makes a `Config` of a file whose shape is right, and finds what is wrong beyond its shape. */
export class ConfigBuilder {
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
    this.#problems.push(...findSharedTables([...connections.values()]));
    const { keep } = this.#given;
    const config = { path: this.#path, sources, destinations, connections, keep };
    return { config, problems: this.#problems };
  }

  #report(path: Path, message: string): void {
    this.#problems.push({ path, message });
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
      return {
        config: config ?? {},
        interpolated: this.#document.interpolatedBelow(place),
        locate,
      };
    }
    if (!this.#circumstances.hasSecrets) return { config: {}, interpolated: new Set(), locate };
    const place = [...at, "config_file"];
    if (config !== undefined) this.#report(place, "config and config_file exclude each other");
    try {
      const document = readDocument(
        this.#fromFolder(file),
        LOOKS_LIKE_FILE.test(file) ? file : undefined,
      );
      for (const problem of document.interpolate(this.#circumstances.env, () => new Set()))
        this.#report(place, document.format(problem));
      const value = document.toValue();
      if (isObject(value))
        return {
          config: value as JsonObject,
          interpolated: document.interpolatedBelow([]),
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
    this.#problems.push(...findRepeatedStreams(streams ?? [], at));
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
}

/** How long what is waited for may take. */
export function limitsOf(given: GivenConnection["limits"]): TimeLimits {
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
