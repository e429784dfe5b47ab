import { dirname, isAbsolute, relative, resolve } from "node:path";
import { parse } from "yaml";
import { problemText } from "../../protocol/config/problems.ts";
import { Failure } from "../../protocol/errors.ts";
import type { ConnectorConfig, Program } from "../config/config.ts";
import { BUILT_IN_CONNECTORS, KINDS, programOf } from "../config/program.ts";
import type { GivenConnector } from "../config/schema.ts";
import type { GivenOptions } from "./given-options.ts";

/** Whether one of the options says what is run. */
export function isGiven(options: GivenOptions): boolean {
  return KINDS.some((kind) => options[kind] !== undefined) || options.interpreter !== undefined;
}

/**
 * A connector of these options, as an entry of a configuration spells it; without any, the one that
 * comes with us. Paths, which are relative to where we are, become relative to that file's folder.
 */
export function givenConnector(
  role: ConnectorConfig["role"],
  options: GivenOptions,
  configPath: string,
): GivenConnector {
  const { command, connector, manifest, interpreter, npm, python, image } = options;
  const path = (word: string) => (isAbsolute(word) ? word : fromFolder(word, configPath));
  return {
    ...(!isGiven(options) && { connector: `${role}-postgres` }),
    ...(connector !== undefined && {
      connector: connector.includes("/") ? path(connector) : connector,
    }),
    ...(command !== undefined && {
      command: wordsOf(command).map((word) => (/^\.\.?\//.test(word) ? path(word) : word)),
    }),
    ...(npm !== undefined && { npm }),
    ...(python !== undefined && { python }),
    ...(interpreter !== undefined && {
      interpreter: interpreter.includes("/") ? path(interpreter) : interpreter,
    }),
    ...(manifest !== undefined && { manifest: path(manifest) }),
    ...(image !== undefined && { image }),
  };
}

/** A connector without settings, to be asked for its own. Throws `usage.invalid`. */
export function unsetConnector(
  role: ConnectorConfig["role"],
  name: string,
  given: GivenConnector,
  configPath: string,
): ConnectorConfig {
  const problems: string[] = [];
  const program: Program = programOf(role, given, {
    at: [],
    report: ([key], message) =>
      problems.push(key === undefined ? message : `--${String(key)}: ${message}`),
    fromFolder: (path) => resolve(dirname(resolve(configPath)), path),
  });
  if (problems.length > 0) throw new Failure("usage.invalid", problems.join("\n"));
  return {
    name,
    role,
    program,
    config: {},
    env: {},
    interpolated: new Set(),
    locate: problemText,
  };
}

/** What these options are most likely: nothing depends on it but the words of messages. */
export function roleOf({ connector, ...others }: GivenOptions): ConnectorConfig["role"] {
  const known = BUILT_IN_CONNECTORS.find((name) => name === connector);
  const words = known ?? [connector, ...Object.values(others)].join(" ");
  return words.includes("destination") ? "destination" : "source";
}

function fromFolder(path: string, configPath: string): string {
  const found = relative(dirname(resolve(configPath)), resolve(path));
  return found.startsWith("../") ? found : `./${found}`;
}

/** Words between blanks; a list as YAML spells it where one of them has blanks. */
function wordsOf(spelled: string): string[] {
  const isList = spelled.trimStart().startsWith("[");
  try {
    const words: unknown = isList ? parse(spelled) : spelled.split(/\s+/).filter(Boolean);
    if (Array.isArray(words) && words.length > 0) return words.map(String);
  } catch {
    // Said below.
  }
  throw new Failure(
    "usage.invalid",
    "--command takes a program and its arguments, such as 'python3 ./source.py'",
  );
}
