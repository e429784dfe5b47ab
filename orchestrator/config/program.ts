import { existsSync } from "node:fs";
import { extname, isAbsolute } from "node:path";
import type { Path } from "../../protocol/config/schema.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { ConnectorConfig, ContainerOptions, Program } from "./config.ts";
import type { GivenConnector } from "./schema.ts";

/** The connectors that come with the package. */
export const BUILT_IN_CONNECTORS = ["source-postgres", "destination-postgres"] as const;

/** The keys of a connector that say what is run: exactly one of them is there. */
export const KINDS = ["connector", "command", "npm", "python", "manifest", "image"] as const;

/** What runs declarative manifests, unless `python` names another version of it. */
const DECLARATIVE_SOURCE = "airbyte-cdk==7.39.1";

/** A package of PyPI in one version; nothing else that pip understands, options above all. */
const PINNED_PYTHON = /^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._,-]+\])?==[A-Za-z0-9.+!_-]+$/;

/** A package of npm, in any version or one. */
const NPM_PACKAGE = /^(@[a-z0-9._~-]+\/)?[a-z0-9._~-]+(@[A-Za-z0-9.+-]+)?$/;

/** Where a program is described, and who is told what is wrong there. */
export interface ProgramPlace {
  readonly at: Path;
  readonly report: (path: Path, message: string) => void;
  /** Makes a path absolute that is relative to the file's folder. */
  readonly fromFolder: (path: string) => string;
}

/** How a connector is started, in absolute paths: it runs in a folder of its own. */
export function programOf(
  role: ConnectorConfig["role"],
  given: GivenConnector,
  { at, report, fromFolder }: ProgramPlace,
): Program {
  const { connector, command, npm, python, interpreter = "python3", manifest, image } = given;
  const kinds = KINDS.filter((kind) => given[kind] !== undefined);
  // A manifest may say which version of what runs it.
  const isOne = kinds.filter((kind) => kind !== "python" || manifest === undefined).length === 1;
  if (!isOne)
    report(
      at,
      kinds.length === 0
        ? `needs one of ${KINDS.join(", ")}`
        : `${kinds.join(" and ")} exclude each other: they say what is run`,
    );
  if (given.container !== undefined && image === undefined)
    report([...at, "container"], "says how an image is run, and there is no image");
  if (given.interpreter !== undefined && python === undefined && manifest === undefined)
    report([...at, "interpreter"], "runs a Python package or a manifest, and there is none");

  if (command !== undefined) {
    const words = command.map((word) => (isRelative(word) ? fromFolder(word) : word));
    const advice = adviceFor(command, fromFolder);
    return { kind: "command", command: words, ...(advice !== undefined && { advice }) };
  }
  if (npm !== undefined) {
    if (!NPM_PACKAGE.test(npm))
      report([...at, "npm"], "expected the name of a package, such as some-source@1.2.3");
    return { kind: "npm", package: npm, from: fromFolder(".") };
  }
  if (python !== undefined && !PINNED_PYTHON.test(python))
    report(
      [...at, "python"],
      "expected a package and its version, such as airbyte-source-faker==7.2.1: without one, any sync may bring another program",
    );
  const base = interpreter.includes("/") ? fromFolder(interpreter) : interpreter;
  if (manifest !== undefined) {
    if (role === "destination") report([...at, "manifest"], "describes sources only");
    return {
      kind: "python",
      package: python ?? DECLARATIVE_SOURCE,
      interpreter: base,
      manifest: fromFolder(manifest),
    };
  }
  if (python !== undefined) return { kind: "python", package: python, interpreter: base };
  if (image !== undefined)
    return { kind: "image", image, options: containerOptions(given, fromFolder) };
  return builtInOrFile(role, connector, { at, report, fromFolder });
}

function builtInOrFile(
  role: ConnectorConfig["role"],
  connector: string | undefined,
  { at, report, fromFolder }: ProgramPlace,
): Program {
  if (connector?.includes("/")) {
    const file = fromFolder(connector);
    return {
      kind: "command",
      command: [...interpreterOf(file), file],
      ...(!existsSync(file) && { advice: `there is no file ${file}` }),
    };
  }
  const known = BUILT_IN_CONNECTORS.filter((name) => name.startsWith(role));
  const name = connector ?? known[0]!;
  if (BUILT_IN_CONNECTORS.some((one) => one === name) && !name.startsWith(role))
    report([...at, "connector"], `is no ${role}; there is ${known.join(", ")}`);
  else if (!known.some((candidate) => candidate === name))
    report(
      [...at, "connector"],
      `no such ${role}${didYouMean(name, known) || `; there is ${known.join(", ")}`}; a program of yours is a path, such as ./${name}`,
    );
  return { kind: "built-in", name };
}

/** What runs a script that need not be executable. */
function interpreterOf(file: string): string[] {
  const extension = extname(file);
  if ([".js", ".mjs", ".cjs"].includes(extension)) return [process.execPath];
  return extension === ".py" ? ["python3"] : [];
}

function containerOptions(
  { container = {} }: GivenConnector,
  fromFolder: (path: string) => string,
): ContainerOptions {
  const { engine, network, user, memory, cpus, volumes = [] } = container;
  return {
    ...(engine !== undefined && { engine }),
    options: [
      ...(network === undefined ? [] : ["--network", network]),
      ...(user === undefined ? [] : ["--user", user]),
      ...(memory === undefined ? [] : ["--memory", memory]),
      ...(cpus === undefined ? [] : ["--cpus", String(cpus)]),
      ...volumes.flatMap((volume) => ["--volume", isRelative(volume) ? absolute(volume) : volume]),
    ],
  };

  function absolute(volume: string): string {
    const [from, ...rest] = volume.split(":");
    return [fromFolder(from!), ...rest].join(":");
  }
}

const isRelative = (word: string) => word.startsWith("./") || word.startsWith("../");

/** What to say of a command that does not answer: a file that is not there, or is not found like this. */
function adviceFor(
  command: readonly string[],
  fromFolder: (path: string) => string,
): string | undefined {
  for (const word of command) {
    const exists = existsSync(fromFolder(word));
    if (isRelative(word) && !exists) return `there is no file ${fromFolder(word)}`;
    if (exists && !isRelative(word) && !isAbsolute(word) && extname(word) !== "")
      return `connectors run in a folder of their own; the ${word} beside the configuration is written ./${word}`;
  }
  return undefined;
}
