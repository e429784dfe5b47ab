import { execa } from "execa";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** A connector of a user, compiled. */
export interface UserProject {
  /** The project: files for the connector may lie here, too. */
  readonly folder: string;
  /** The compiled file. */
  readonly executable: string;
  remove(): Promise<void>;
}

/**
 * Makes a project as a user would have it, with this package installed and one TypeScript file of the
 * repository in it, and compiles it strictly.
 */
export async function compileForUser(file: string): Promise<UserProject> {
  const folder = await mkdtemp(join(tmpdir(), "syncline-user-"));
  await mkdir(join(folder, "node_modules"));
  await symlink(ROOT, join(folder, "node_modules/syncline"));
  await symlink(join(ROOT, "node_modules/@types"), join(folder, "node_modules/@types"));
  await cp(join(ROOT, file), join(folder, basename(file)));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const compilerOptions = { target: "es2023", module: "nodenext", strict: true, types: ["node"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  await execa(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder]);
  return {
    folder,
    executable: join(folder, basename(file).replace(/\.ts$/, ".js")),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
