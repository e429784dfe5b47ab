import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import { isFull, reasonOf } from "./unwritable.ts";

/** Where temporary files go, as an absolute path: connectors run in another folder than we do. */
export function temporaryFolder(): string {
  return resolve(tmpdir());
}

/** Makes a folder that only we can read. Throws `temporary.unwritable`. */
export function makeTemporaryFolder(prefix: string): string {
  const parent = temporaryFolder();
  try {
    return mkdtempSync(join(parent, prefix));
  } catch (error) {
    throw temporaryFailure(`no folder for temporary files can be made in ${parent}`, error);
  }
}

/** Errors that may pass by themselves. */
const PASSING = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO"]);

/** The `temporary.unwritable` for an error of the file system, in which it names the cause. */
export function temporaryFailure(what: string, error: unknown): Failure {
  const { code = "" } = error as NodeJS.ErrnoException;
  return new Failure("temporary.unwritable", `${what}: ${reasonOf(error)}`, {
    hint: isFull(error)
      ? "make room there, or name another folder with the variable TMPDIR"
      : "name a folder that exists and can be written to with the variable TMPDIR",
    cause: error,
    ...(PASSING.has(code) && { kind: "transient_error" as const }),
  });
}
