import { getSystemErrorMap } from "node:util";
import { Failure } from "../../protocol/errors.ts";

const IS_FULL = new Set(["ENOSPC", "EDQUOT"]);

/** What the system means, where its own words are not those of whoever looks at a disk. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EEXIST: "there is something else than a folder",
  EDQUOT: "the user's share of the disk is full",
  ENOSPC: "the disk is full",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
};

/** Why the system does not do what was asked of it: `the disk is full (ENOSPC)`. */
export function reasonOf(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return message;
  const words = REASONS[code] ?? getSystemErrorMap().get(errno ?? 0)?.[1];
  return words === undefined ? code : `${words} (${code})`;
}

/** Whether there is no room. */
export function isFull(error: unknown): boolean {
  return IS_FULL.has((error as NodeJS.ErrnoException).code ?? "");
}

/**
 * The `state.unwritable` for an error of the file system.
 *
 * @param what is not possible: `no lock can be written in /home/me/.syncline/locks`.
 */
export function stateUnwritable(what: string, error: unknown): Failure {
  return new Failure("state.unwritable", `${what}: ${reasonOf(error)}`, {
    hint: `${isFull(error) ? "make room there" : "let this user write there"}; --home names another folder, which begins without what is kept in this one`,
    cause: error,
  });
}
