import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { Failure, type FailureDetails } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { ConnectorConfig, PythonProgram } from "../config/config.ts";
import type { Container } from "./container.ts";
import { npmScript } from "./npm-package.ts";

/** Which connector it is. */
export interface ConnectorName {
  readonly role: "source" | "destination";
  /** How messages call it: `source shop`. */
  readonly label: string;
  /** What to say should it not answer. */
  readonly advice?: string;
}

/** A program that exists, and what to put before the connector's own arguments. */
export interface Launch extends ConnectorName {
  /** Absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  /** Put behind the command's own, except of `spec`. */
  readonly flags?: readonly string[];
  /** What `spec` would answer, where that is known without asking. */
  readonly spec?: JsonObject;
  /** What has to be made first (`made.ts`): then `file` is known. */
  readonly python?: PythonProgram;
  /** The image to be run; `file` is what runs it. */
  readonly container?: Container;
}

/**
 * Finds the program of a connector. One that comes with the package is that very file, run with this
 * Node: whatever else is called `source-postgres` on PATH is not asked. Of other programs PATH's
 * absolute folders are searched, never the current one. Throws `connector.not_found`.
 */
export function launchOf(connector: ConnectorConfig): Launch {
  const { program, role, name } = connector;
  const who = { role, label: `${role} ${name}` };
  if (program.kind === "built-in") {
    const file = join(packageFolder(), "connectors", program.name, "bin.js");
    return { file: process.execPath, args: [...memoryLimit(), file], ...who };
  }
  if (program.kind === "python") return { file: "", args: [], python: program, ...who };
  if (program.kind === "image") return { file: "", args: [], container: program, ...who };
  if (program.kind === "npm") {
    const found = npmScript(program.package, program.from);
    if ("why" in found) throw notFound(who, found.why, { hint: found.hint });
    return { file: process.execPath, args: [found.file], ...who };
  }
  const { command, advice } = program;
  const [word, ...args] = command;
  return { file: findProgram(word!, who), args, ...who, ...(advice && { advice }) };
}

/** The limit that the user set on our own memory, so that it holds for what we start with this Node. */
function memoryLimit(): string[] {
  const given = [...(process.env["NODE_OPTIONS"] ?? "").split(/\s+/), ...process.execArgv];
  return given.filter((option) => /^--max[-_]old[-_]space[-_]size=\d+$/.test(option)).slice(-1);
}

function findProgram(word: string, who: ConnectorName): string {
  if (word.includes("/")) return checkProgram(word, who);
  for (const folder of (process.env["PATH"] ?? "").split(":")) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, word);
    if (existsSync(file) && statSync(file).isFile()) return checkProgram(file, who);
  }
  throw notFound(who, `there is no program ${word} on PATH`, {
    hint: "give its path in `command`; one that begins with ./ is taken from the configuration file's folder",
  });
}

function checkProgram(file: string, who: ConnectorName): string {
  if (!isAbsolute(file) || !existsSync(file))
    throw notFound(who, `there is no file ${file}`, {
      hint: "give a path that begins with / or ./",
    });
  try {
    if (!statSync(file).isFile()) throw new Error("not a file");
    accessSync(file, constants.X_OK);
  } catch (error) {
    throw notFound(who, `${file} is not an executable file`, {
      hint: "make it executable (chmod +x), or name its interpreter first: command: [node, ./connector.mjs]",
      cause: error,
    });
  }
  return file;
}

function notFound({ role, label }: ConnectorName, why: string, details: FailureDetails): Failure {
  return new Failure("connector.not_found", `${label}: ${why}`, { ...details, origin: role });
}

let packageFolderFound: string | undefined;

/** The folder of our package.json: this file is one level deeper in dist than in the sources. */
export function packageFolder(): string {
  if (packageFolderFound !== undefined) return packageFolderFound;
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return (packageFolderFound = folder);
}
