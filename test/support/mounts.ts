import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether this machine lets us mount: not in every container, and for root only. */
export function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), "syncline-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], { stdio: "ignore" });
    execFileSync("umount", [probe]);
    return true;
  } catch {
    return false; // a container without the right to
  } finally {
    rmdirSync(probe);
  }
}

/** A disk in a folder. */
export interface Disk {
  readonly path: string;
  resize(size: string): void;
  /** From now on it can only be read. */
  forbidWriting(): void;
  unmount(): void;
}

/** Mounts a disk of `size`, such as `100k`, where `canMount`. */
export function mountDisk(path: string, size: string): Disk {
  mkdirSync(path, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `mode=755,size=${size}`, "tmpfs", path]);
  return {
    path,
    resize: (wanted) => void execFileSync("mount", ["-o", `remount,size=${wanted}`, path]),
    forbidWriting: () => void execFileSync("mount", ["-o", "remount,ro", path]),
    unmount: () => void execFileSync("umount", [path]),
  };
}
