import { readFileSync, realpathSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { replaceFile } from "./atomic-file.ts";
import { stateUnwritable } from "./unwritable.ts";

/** The variable that names the project, for runs whose machine or folder is another one each time. */
export const PROJECT_VARIABLE = "SYNCLINE_PROJECT_ID";

/**
 * The name by which destinations tell a project's connections from those of another project: the one
 * kept by `keepProject`, else the machine's name and the project's folder. Throws `state.unwritable`.
 *
 * @param home the folder the orchestrator keeps its files in.
 * @param env may name it.
 */
export function projectOf(home: string, env: NodeJS.ProcessEnv): string {
  const named = env[PROJECT_VARIABLE]?.trim();
  if (named) return named;
  const place = realpathSync(home);
  const folder = basename(place) === ".syncline" ? dirname(place) : place;
  return read(home) || `${hostname()}:${folder}`;
}

/**
 * Writes the name down in `home` before a destination learns it: a folder that is moved then keeps
 * it. A name of the environment is not written. Throws `state.unwritable`.
 */
export function keepProject(home: string, project: string, env: NodeJS.ProcessEnv): void {
  if (env[PROJECT_VARIABLE]?.trim() || read(home)) return;
  const path = fileIn(home);
  try {
    replaceFile(path, `${project}\n`, { durable: false });
  } catch (error) {
    throw stateUnwritable(`${path} cannot be written`, error);
  }
}

function fileIn(home: string): string {
  return join(home, "project");
}

function read(home: string): string | undefined {
  const path = fileIn(home);
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw stateUnwritable(`${path} cannot be read`, error);
  }
}
