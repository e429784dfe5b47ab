import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { CatalogReader } from "../../protocol/catalog-rules.ts";
import { compileValidator } from "../../protocol/config/compile.ts";
import { withoutNulls } from "../../protocol/config/adapted.ts";
import { withDefaults } from "../../protocol/config/defaults.ts";
import { explain } from "../../protocol/config/explain.ts";
import { problemsFailure } from "../../protocol/config/problems.ts";
import { redactorOf, type Redact } from "../../protocol/config/secrets.ts";
import { encodingMistake, withoutMark } from "../../protocol/encoding.ts";
import { Failure } from "../../protocol/errors.ts";
import { isObject, type JsonObject } from "../../protocol/json.ts";
import { parseJson } from "../../protocol/json-text.ts";
import { NO_STATE, readStateFile, type SavedState } from "../../protocol/state-file.ts";
import type { ConnectorDefinition, Context } from "./contract.ts";
import { kindOf, kindOfLines, otherKind, otherLanguage, type FileKind } from "./file-kinds.ts";

/** A config is a page of text; more is a wrong file. */
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;

/** Node cannot hold a longer text. A catalog of 5,000 tables of 100 columns has about 100 MB. */
const MAX_INPUT_BYTES = 512 * 1024 * 1024 - 1;

/** How long a pipe given as a file may take to send something: `--config <(…)` takes its time. */
const PIPE_PATIENCE_MS = 10_000;
const PIPE_POLL_MS = 10;
const READ_BYTES = 1 << 20;

/** Who hears of what is found in a config. */
export interface ConfigListener {
  /** What to mask; told before anything can go wrong with the rest. */
  readonly redactWith: (redact: Redact) => void;
  readonly log: Context["log"];
}

/**
 * Reads the file given with `--config`, as the spec would have it spelled, with its defaults filled in,
 * and checks it against the spec. Says what had to be changed.
 *
 * Throws `config.unreadable` or, with all problems at once, `config.invalid`.
 */
export async function readConfig(
  definition: ConnectorDefinition<unknown>,
  path: string,
  { redactWith, log }: ConfigListener,
): Promise<JsonObject> {
  const file = { option: "--config", path, maxBytes: MAX_CONFIG_BYTES };
  const given = parseInputFile(file, await readInputFile(file));
  if (!isObject(given)) {
    refuseOther(file, given, "a config");
    throw new Failure("config.invalid", "the config is not a JSON object");
  }
  const schema = definition.spec.connectionSpecification;
  redactWith(redactorOf(schema, given as JsonObject));
  const known = withoutNulls(schema, given as JsonObject);
  const adapted = definition.adaptConfig?.(known.config) ?? known;
  const config = withDefaults(schema, adapted.config);
  const validator = definition.validateConfig ?? (await compileValidator(schema));
  const problems = [...adapted.problems, ...explain(validator, schema, config)];
  for (const warning of new Set([...known.warnings, ...adapted.warnings])) log("WARN", warning);
  if (problems.length === 0) return config;
  refuseOther(file, given, "a config");
  throw problemsFailure("config.invalid", "the config", problems);
}

/**
 * Reads the file given with `--catalog`. Throws `config.unreadable`, or `catalog.invalid` with all
 * problems that are `reader`'s business.
 */
export async function readCatalog(
  path: string,
  reader: CatalogReader,
  definition: ConnectorDefinition<unknown>,
): Promise<ConfiguredCatalog> {
  const file = { option: "--catalog", path, maxBytes: MAX_INPUT_BYTES };
  // Loaded here: its validators are of no use to `spec` and `check`.
  const [bytes, { parseConfiguredCatalog }] = await Promise.all([
    readInputFile(file),
    import("../../protocol/validate.ts"),
  ]);
  const given = parseInputFile(file, bytes);
  try {
    return parseConfiguredCatalog(given, reader);
  } catch (error) {
    refuseOther(file, given, "a configured catalog", requiredOf(definition));
    throw error;
  }
}

/**
 * Reads the file given with `--state`. No `--state` is no state; an empty file is not: it is what is
 * left when a write was cut short, and starting over would send everything again. Throws
 * `config.unreadable`, or `state.invalid` naming the place.
 */
export async function readState(
  path: string | undefined,
  definition: ConnectorDefinition<unknown>,
  log: Context["log"],
): Promise<SavedState> {
  if (path === undefined) return NO_STATE;
  const file = { option: "--state", path, maxBytes: MAX_INPUT_BYTES };
  const state = readStateFile(await readInputFile(file));
  // Whatever is an object may be the state of an old source: a file of another kind is one by mistake.
  if (state.data && state.data.length < MAX_CONFIG_BYTES)
    refuseOther(file, JSON.parse(state.data.toString()), "a state", requiredOf(definition));
  if (state.kind === "NONE")
    log(
      "WARN",
      `the file given with --state (${path}) holds no state: every stream is read from its beginning; give what \`write\` or a sync saved to go on from there`,
    );
  return state;
}

/** The settings that every config has. */
function requiredOf({ spec }: ConnectorDefinition<unknown>): readonly string[] {
  const { required } = spec.connectionSpecification;
  return Array.isArray(required) ? required.map(String) : [];
}

/** Throws `config.invalid` for a file that belongs to another option. */
function refuseOther(
  file: InputFile,
  given: unknown,
  wanted: FileKind,
  settings: readonly string[] = [],
): void {
  const kind = kindOf(given, settings);
  if (kind !== undefined && kind !== wanted) throw ofOtherKind(file, kind);
}

const ofOtherKind = (file: InputFile, kind: FileKind) =>
  new Failure(
    "config.invalid",
    `the file given with ${file.option} (${file.path}) ${otherKind(kind, file.option)}`,
  );

/** A file named on the command line. */
export interface InputFile {
  /** The option that named it, `--config`, for messages. */
  readonly option: string;
  readonly path: string;
  /** Largest size accepted, in bytes. */
  readonly maxBytes: number;
}

/**
 * Reads a small file named on the command line, whole. A named or shell-made pipe is read to its
 * end, so that a config need not lie on a disk. A byte order mark is dropped.
 *
 * Throws `config.unreadable` naming option and path, never content, for a file that is missing, not
 * permitted, a folder, empty, too large, a pipe nobody writes to, or not UTF-8.
 */
export async function readInputFile(file: InputFile): Promise<Buffer> {
  refuseNoName(file);
  const bytes = await readWhole(file);
  if (bytes.length === 0) throw unreadable(file, "is empty");
  const odd = encodingMistake(bytes);
  if (odd !== undefined) throw unreadable(file, odd, "save it as UTF-8");
  const text = withoutMark(bytes);
  if (text.toString("latin1").trim() === "") throw unreadable(file, "is empty");
  return text;
}

/** Parses what `readInputFile` read. Throws `config.unreadable` saying where, never what. */
export function parseInputFile(file: InputFile, bytes: Buffer): unknown {
  const { option, path } = file;
  try {
    return parseJson(bytes, "config.unreadable", `the file given with ${option} (${path})`);
  } catch (error) {
    const text = bytes.toString();
    const kind = kindOfLines(text);
    if (kind !== undefined) throw ofOtherKind(file, kind);
    const { code, message } = error as Failure;
    throw new Failure(code, message, { hint: otherLanguage(text), cause: error });
  }
}

/** Throws `config.unreadable` for what is no file's name. It is not shown: it may be a config. */
function refuseNoName({ option, path }: InputFile): void {
  const no = (what: string, hint: string) =>
    new Failure("config.unreadable", `${option} takes the name of a file, and was given ${what}`, {
      hint,
    });
  if (path === "") throw no("nothing", "a variable of the shell may be empty");
  if (path === "-") throw no("-", "/dev/stdin reads a pipe");
  if (/^\s*[{[]/.test(path)) throw no("JSON itself", `in bash: ${option} <(echo '…')`);
}

async function readWhole(file: InputFile): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would hang where nothing can stop it.
    handle = await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (stat.isDirectory()) throw unreadable(file, "is a folder");
    if (stat.size > file.maxBytes) throw tooLarge(file);
    return await readToEnd(handle, file, stat.isFIFO());
  } catch (error) {
    if (error instanceof Failure) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const why =
      { ENOENT: "does not exist", EACCES: "may not be read", ENOTDIR: "does not exist" }[code] ??
      `cannot be read (${code})`;
    throw unreadable(file, why, undefined, error);
  } finally {
    await handle?.close();
  }
}

async function readToEnd(handle: FileHandle, file: InputFile, isPipe: boolean): Promise<Buffer> {
  const parts: Buffer[] = [];
  let total = 0;
  const deadline = performance.now() + PIPE_PATIENCE_MS;
  for (;;) {
    const part = Buffer.allocUnsafe(READ_BYTES);
    const bytesRead = await readSome(handle, part);
    if (bytesRead > 0) {
      parts.push(part.subarray(0, bytesRead));
      total += bytesRead;
      if (total > file.maxBytes) throw tooLarge(file);
      continue;
    }
    // The end of a pipe looks the same as a pipe nobody has opened for writing yet.
    const isEnd = bytesRead === 0 && (!isPipe || total > 0);
    if (isEnd) return Buffer.concat(parts, total);
    if (performance.now() > deadline)
      throw unreadable(file, `is a pipe that sent nothing for ${PIPE_PATIENCE_MS / 1000} seconds`);
    await delay(PIPE_POLL_MS);
  }
}

/** Bytes read; 0 at the end; -1 when a pipe has nothing now. */
async function readSome(handle: FileHandle, into: Buffer): Promise<number> {
  try {
    return (await handle.read(into, 0, into.length, null)).bytesRead;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return -1;
    throw error;
  }
}

const tooLarge = (file: InputFile) =>
  unreadable(file, `is larger than ${file.maxBytes / 2 ** 20} MiB`);

function unreadable(file: InputFile, why: string, hint?: string, cause?: unknown): Failure {
  return new Failure(
    "config.unreadable",
    `the file given with ${file.option} (${file.path}) ${why}`,
    {
      ...(hint === undefined ? {} : { hint }),
      cause,
    },
  );
}
