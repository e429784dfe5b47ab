import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { lookFor, thisProcess, type ProcessIdentity } from "../store/process-identity.ts";
import { BEAT_MS, lastSign, showLife } from "../store/sign-of-life.ts";
import {
  makeTemporaryFolder,
  temporaryFailure,
  temporaryFolder,
} from "../store/temporary-folder.ts";

/** What the names of our folders look like. */
const NAME = /^syncline-\d+-[A-Za-z0-9]{6}$/;

/** The file in a folder that tells whose it is, and is touched while that process lives. */
const OWNER = "owner";

/** An owner that cannot be seen, and gave no sign of life for this long, is taken for gone. */
const ABANDONED_MS = 10 * 60 * 1000;

/**
 * A folder only we can read, for what connectors are given: configs hold passwords. It tells the
 * process it belongs to, so that a later start can remove what a killed one left behind.
 */
export class PrivateFolder {
  readonly path: string;
  readonly #life: { stop(): void };

  /** Throws `temporary.unwritable`, as `write` does. */
  constructor() {
    this.path = makeTemporaryFolder(`syncline-${process.pid}-`);
    chmodSync(this.path, 0o700); // mkdtemp asks for it already; a strange umask may not
    try {
      const owner = this.write(OWNER, JSON.stringify(thisProcess()));
      this.#life = showLife(owner, BEAT_MS, () => {});
    } catch (error) {
      rmSync(this.path, { recursive: true, force: true });
      throw error;
    }
  }

  /** Writes a file, 0600 from its first byte on. Returns its path. */
  write(name: string, content: string | Buffer, folder = this.path): string {
    const path = join(folder, name);
    try {
      writeFileSync(path, content, { mode: 0o600, flag: "wx" });
      if (folder !== this.path) chmodSync(path, 0o644);
    } catch (error) {
      throw temporaryFailure(`${path}, which a connector needs, cannot be written`, error);
    }
    return path;
  }

  /**
   * A folder below this one for files that anybody may read who gets there, as the user of a container
   * does: on this machine, the folder above keeps everybody out.
   */
  openFolder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755);
    return path;
  }

  remove(): void {
    this.#life.stop();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Removes our user's private folders whose processes are gone. Never fails. */
export function sweepPrivateFolders(): void {
  const parent = temporaryFolder();
  for (const name of namesIn(parent)) {
    if (!NAME.test(name)) continue;
    try {
      const path = join(parent, name);
      const isOurs = lstatSync(path).uid === process.getuid?.();
      if (isOurs && isAbandoned(path)) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another start may be sweeping too; what is left is swept by the next one.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Processes of other containers may share the folder for temporary files, and use any pid of ours. */
function isAbandoned(path: string): boolean {
  const owner = ownerOf(path);
  const sighting = owner ? lookFor(owner) : "out of sight";
  if (sighting !== "out of sight") return sighting === "gone";
  const sign = lastSign(owner ? join(path, OWNER) : path);
  return sign !== undefined && Date.now() - sign > ABANDONED_MS;
}

/** Undefined while the folder is being made. */
function ownerOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(join(path, OWNER), "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
