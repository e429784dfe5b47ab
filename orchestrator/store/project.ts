import { readFileSync, realpathSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import { replaceFile } from "./atomic-file.ts";

/** The variable that names the project, for runs whose machine or folder is another one each time. */
export const PROJECT_VARIABLE = "SYNCLINE_PROJECT_ID";

/**
 * The name by which destinations tell a project's connections from those of another project: a line
 * in the file `project` of the folder `home`. It begins as the machine's name and the project's
 * folder. So a folder that is moved keeps it, one that is lost gets it again, and another project has
 * another one. Throws `state.unwritable`.
 *
 * @param env may name it, which the file then does not.
 */
export function projectOf(home: string, env: NodeJS.ProcessEnv): string {
  const named = env[PROJECT_VARIABLE]?.trim();
  if (named) return named;
  const path = join(home, "project");
  const kept = read(path);
  if (kept) return kept;
  const place = realpathSync(home);
  const project = `${hostname()}:${basename(place) === ".syncline" ? dirname(place) : place}`;
  try {
    replaceFile(path, `${project}\n`, { durable: false });
  } catch (error) {
    throw new Failure("state.unwritable", `${path} cannot be written`, { cause: error });
  }
  return project;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Failure("state.unwritable", `${path} cannot be read`, { cause: error });
  }
}
