import { isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json-text.ts";

/** How long a pipe given as a file may take to send something: `--config <(…)` takes its time. */
const PIPE_PATIENCE_MS = 10_000;
const PIPE_POLL_MS = 10;
const READ_BYTES = 1 << 20;

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
  const bytes = await readWhole(file);
  if (bytes.length === 0) throw unreadable(file, "is empty");
  const isUtf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) throw unreadable(file, "is UTF-16", "save it as UTF-8");
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = hasMark ? bytes.subarray(3) : bytes;
  if (!isUtf8(text)) throw unreadable(file, "is not UTF-8", "save it as UTF-8");
  if (text.toString("latin1").trim() === "") throw unreadable(file, "is empty");
  return text;
}

/** Parses what `readInputFile` read. Throws `config.unreadable` saying where, never what. */
export function parseInputFile({ option, path }: InputFile, bytes: Buffer): unknown {
  return parseJson(bytes, "config.unreadable", `the file given with ${option} (${path})`);
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
