import { execa } from "execa";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../protocol/errors.ts";
import type { PythonProgram } from "../config/config.ts";
import { lockConnection, type Lock } from "../store/lock.ts";
import { guardGroup } from "./guard.ts";
import type { ConnectorName } from "./launch.ts";
import { wordsThatMatter } from "./last-words.ts";

/** Between two looks whether another process is ready with the same environment. */
const LOOK_AGAIN_MS = 500;

/** The program that comes with airbyte-cdk and runs manifests. */
const MANIFEST_RUNNER = "source-declarative-manifest";

/** In an environment, leads to the program of the package it was made for. */
const OWN_PROGRAM = "connector";

const LIST_SCRIPTS =
  "import sys, importlib.metadata as m\n" +
  "for e in m.distribution(sys.argv[1]).entry_points:\n" +
  "  if e.group == 'console_scripts': print(e.name)";

/** What making an environment may use of the run it is made for. */
export interface Making {
  readonly who: ConnectorName;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The program of a Python package in an environment of its own, which is made when it is not there.
 *
 * An environment is made in a folder that nobody else uses. A link to it is put in place when
 * all is there: what was not finished is never found. Throws `connector.not_installed`.
 */
export async function pythonProgram(program: PythonProgram, making: Making): Promise<string> {
  const folder = cacheFolder();
  const key = keyOf(program);
  const link = join(folder, key);
  if (isUsable(link)) return programIn(link, program, making);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await waitForLock(folder, key, making);
  try {
    if (!isUsable(link)) await make(program, link, making);
  } finally {
    lock.release();
  }
  return programIn(link, program, making);
}

/** The package's own program, or the one that runs manifests. */
function programIn(
  link: string,
  { package: requirement, manifest }: PythonProgram,
  { who }: Making,
) {
  const file =
    manifest === undefined ? join(link, OWN_PROGRAM) : join(link, "bin", MANIFEST_RUNNER);
  if (existsSync(file)) return file;
  const what = manifest === undefined ? "program with its name" : MANIFEST_RUNNER;
  throw new Failure("connector.not_installed", `${who.label}: ${requirement} brings no ${what}`, {
    hint: "is it a connector? Any other program is run with `command`",
    origin: who.role,
  });
}

function cacheFolder(): string {
  const given = process.env["XDG_CACHE_HOME"] ?? "";
  return join(isAbsolute(given) ? given : join(homedir(), ".cache"), "syncline", "python");
}

function keyOf({ package: requirement, interpreter }: PythonProgram): string {
  const hash = createHash("sha256").update(JSON.stringify([requirement, interpreter]));
  return `${requirement.replaceAll(/[^A-Za-z0-9.]+/g, "-").slice(0, 60)}-${hash.digest("hex").slice(0, 12)}`;
}

/** A Python that was removed since leaves an environment that cannot run. */
function isUsable(link: string): boolean {
  return existsSync(join(link, "bin", "python"));
}

async function waitForLock(folder: string, key: string, { signal, say }: Making): Promise<Lock> {
  let hasSaid = false;
  for (;;)
    try {
      return await lockConnection(folder, key, { signal });
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "sync.locked") throw error;
      if (!hasSaid) say("another process makes the Python environment; waiting for it");
      hasSaid = true;
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
}

async function make(program: PythonProgram, link: string, making: Making): Promise<void> {
  const { package: requirement, interpreter } = program;
  removeUnfinished(link);
  const folder = `${link}.${randomBytes(4).toString("hex")}`;
  making.say(`making a Python environment with ${requirement}, once; this takes a minute`);
  const run = async (file: string, args: readonly string[]) => {
    const result = await runTool(file, args, making.signal);
    making.signal.throwIfAborted();
    if (result.failed) throw notInstalled(requirement, result, making.who);
    return result.stdout;
  };
  try {
    await run(interpreter, ["-m", "venv", folder]);
    const python = join(folder, "bin", "python");
    const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"];
    await run(python, [...pip, requirement]);
    const name = requirement.replace(/[[=].*/, "");
    const scripts = (await run(python, ["-c", LIST_SCRIPTS, name])).split("\n").filter(Boolean);
    const script = scriptOf(name, scripts);
    if (script !== undefined) symlinkSync(join(folder, "bin", script), join(folder, OWN_PROGRAM));
    const draft = `${folder}.link`;
    symlinkSync(folder, draft);
    renameSync(draft, link);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What was left by makers who were killed: who has the lock is alone with them. */
function removeUnfinished(link: string): void {
  const [folder, key] = [dirname(link), link.slice(dirname(link).length + 1)];
  for (const name of readdirSync(folder))
    if (name === key || (name.startsWith(`${key}.`) && !name.endsWith(".lock")))
      rmSync(join(folder, name), { recursive: true, force: true });
}

/** `source-faker` of `airbyte-source-faker`. */
function scriptOf(name: string, scripts: readonly string[]): string | undefined {
  const wanted = [name, name.replace(/^airbyte-/, "")];
  return scripts.length === 1 ? scripts[0] : scripts.find((script) => wanted.includes(script));
}

/** Runs a tool of the user's, with all of his environment: his proxies and package index count. */
async function runTool(file: string, args: readonly string[], signal: AbortSignal) {
  const child = execa(file, args, {
    reject: false,
    stdin: "ignore",
    detached: true,
    cancelSignal: signal,
  });
  // With us being killed, it is.
  const guard =
    child.pid === undefined
      ? undefined
      : guardGroup(child.pid, { graceSeconds: 0, stopSeconds: 1 });
  try {
    return await child;
  } finally {
    guard?.release();
  }
}

type ToolResult = Awaited<ReturnType<typeof runTool>>;

/** What pip says when it could not reach the index, beside that there is no such package. */
const NETWORK = /Retrying|NewConnectionError|ConnectTimeout|timed out|Temporary failure|SSLError/i;

function notInstalled(requirement: string, result: ToolResult, who: ConnectorName): Failure {
  const said =
    result.code === "ENOENT"
      ? ""
      : `${result.stderr}
${result.stdout}`;
  const words =
    wordsThatMatter(said.split("\n")) || result.originalMessage || "no reason was given";
  return new Failure(
    "connector.not_installed",
    `${who.label}: ${requirement} cannot be installed: ${words}`,
    {
      kind: NETWORK.test(said) ? "transient_error" : "config_error",
      hint:
        result.code === "ENOENT"
          ? "install Python with its module venv, or name one with `interpreter`"
          : "pip's settings and HTTPS_PROXY count; `interpreter` names another Python",
      origin: who.role,
    },
  );
}
