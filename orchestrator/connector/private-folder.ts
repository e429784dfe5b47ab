import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "../store/process-identity.ts";

const PREFIX = "syncline-";

/**
 * A folder only we can read, for what connectors are given: configs hold passwords. Its name tells
 * the process it belongs to, so that the next start can remove what a killed one left behind.
 */
export class PrivateFolder {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    chmodSync(this.path, 0o700); // mkdtemp asks for it already; a strange umask may not
  }

  /** Writes a file, 0600 from its first byte on. Returns its path. */
  write(name: string, content: string | Buffer): string {
    const path = join(this.path, name);
    writeFileSync(path, content, { mode: 0o600, flag: "wx" });
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Removes the private folders of processes that are gone. Never fails. */
export function sweepPrivateFolders(): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      const pid = /^syncline-(\d+)-[A-Za-z0-9]{6}$/.exec(name)?.[1];
      if (pid === undefined || isRunning(Number(pid))) continue;
      const path = join(tmpdir(), name);
      if (statSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // Another start may be sweeping too; what is left is swept by the next one.
  }
}
