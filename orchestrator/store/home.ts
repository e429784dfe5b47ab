import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import { projectOf } from "./project.ts";
import { stateUnwritable } from "./unwritable.ts";

/** The folder the orchestrator keeps its files in, and where they are. */
export interface Home {
  readonly path: string;
  readonly state: string;
  readonly jobs: string;
  readonly locks: string;
  /** What destinations know the project by; see `projectOf`. */
  readonly project: string;
}

/**
 * Makes the folder where it is missing, 0700. A folder somebody else owns, or that everybody may
 * write to, is refused: state decides what is read next. Throws `state.unwritable`.
 */
export function openHome(path: string): Home {
  const folders = {
    path,
    state: join(path, "state"),
    jobs: join(path, "jobs"),
    locks: join(path, "locks"),
  };
  try {
    for (const folder of Object.values(folders)) {
      makeFolder(folder);
      accessSync(folder, constants.R_OK | constants.X_OK);
    }
  } catch (error) {
    throw stateUnwritable(`${path} cannot be made or used`, error);
  }
  for (const folder of Object.values(folders)) refuseForeign(folder);
  for (const name of readdirSync(folders.state)) removeStaleDraft(folders.state, name);
  return { ...folders, project: projectOf(path, process.env) };
}

/** With the folders it is in. Node's own way never ends where no folder can be made, as in /proc. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || existsSync(dirname(path))) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

function refuseForeign(folder: string): void {
  const stat = lstatSync(folder);
  const uid = process.getuid?.();
  const isOurs = uid === undefined || stat.uid === uid;
  if (stat.isDirectory() && isOurs && (stat.mode & 0o002) === 0) return;
  throw new Failure(
    "state.unwritable",
    `${folder} is not a folder of our own: it is a link, belongs to somebody else, or everybody may write to it`,
    { hint: "make it yours (chown, chmod 700), or name another folder with --home" },
  );
}

/** A day: no draft is being written that long. */
const DRAFT_AGE_MS = 24 * 60 * 60 * 1000;

function removeStaleDraft(folder: string, name: string): void {
  if (!/^\..*\.tmp$/.test(name)) return;
  const path = join(folder, name);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat && Date.now() - stat.mtimeMs > DRAFT_AGE_MS) rmSync(path, { force: true });
}
