import { randomBytes } from "node:crypto";
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface ReplaceOptions {
  /** Whether the content must survive a power cut. */
  readonly durable: boolean;
}

/**
 * Puts `content` at `path`: a crash at any instant leaves the file as it was or as it is now, never
 * a mixture. The file is 0600 from its first byte on. A draft left by a crash is
 * `.<name>.<random>.tmp` in the same folder. Throws what the file system throws.
 */
export function replaceFile(
  path: string,
  content: string | readonly Buffer[],
  { durable }: ReplaceOptions,
): void {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const file = openSync(
      draft,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      for (const part of typeof content === "string" ? [Buffer.from(content)] : content)
        writeWhole(file, part);
      if (durable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path); // the same folder, so the swap is atomic
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  if (durable) syncFolder(dirname(path));
}

function writeWhole(file: number, bytes: Buffer): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(file, bytes, at);
}

/** Makes renames in a folder durable. File systems without it (NFS, some overlays) are tolerated. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "EISDIR") throw error;
  } finally {
    closeSync(handle);
  }
}
