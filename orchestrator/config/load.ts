import { basename, resolve } from "node:path";
import { withDefaults } from "../../protocol/config/defaults.ts";
import { explain } from "../../protocol/config/explain.ts";
import type { Problem } from "../../protocol/config/problems.ts";
import type { Path } from "../../protocol/config/schema.ts";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { ConfigBuilder, limitsOf, type Circumstances } from "./config-builder.ts";
import type { Config, TimeLimits } from "./config.ts";
import { ConfigDocument } from "./document.ts";
import type { Env } from "./env.ts";
import { readDocument } from "./read-document.ts";
import { config as validator } from "./schema.generated.ts";
import { CONFIG_SCHEMA, type GivenConfig, type GivenConnection } from "./schema.ts";
import { typedVariables } from "./variables.ts";
import { TOO_DEEP } from "./yaml-mistakes.ts";

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
    document.interpolatedBelow([]),
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

function stopAt(problems: readonly Problem[], document: ConfigDocument, path: string): void {
  if (problems.length === 0) return;
  const lines = document.formatAll(problems);
  throw new Failure("config.invalid", lines.join("\n"), {
    facts: { file: path, problems: lines.length },
  });
}
