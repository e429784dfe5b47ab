import { closeSync, fstatSync, openSync, utimesSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Time between two signs of life. */
export const BEAT_MS = 5_000;

/** So many looks fit between two signs of life, and after so many without one there is no life. */
const LOOKS_PER_BEAT = 10;
const LOOKS_BEFORE_GONE = 6 * LOOKS_PER_BEAT;

/**
 * Touches a file of ours now and then, for those who cannot see this process. When the file is not
 * there any more, because we were stopped so long that somebody took us for gone, `onRemoved` is
 * called once.
 */
export function showLife(path: string, beatMs: number, onRemoved: () => void): { stop(): void } {
  const timer = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") return; // the next one may work
      clearInterval(timer);
      onRemoved();
    }
  }, beatMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/**
 * Watches the file of somebody who cannot be seen, until that is clear: `alive` when it was touched,
 * `gone` when it was not for half a minute, `removed` when there is no file any more. No clock is
 * compared with that of another machine, and a nap of our own counts for nothing. Throws the reason
 * of `signal`.
 */
export async function watchForLife(
  path: string,
  beatMs: number,
  signal: AbortSignal | undefined,
): Promise<"alive" | "gone" | "removed"> {
  const first = lastSign(path);
  for (let looks = 0; looks < LOOKS_BEFORE_GONE; looks++) {
    const sign = lastSign(path);
    if (sign === undefined) return "removed";
    if (sign !== first) return "alive";
    await sleep(beatMs / LOOKS_PER_BEAT, undefined, { ...(signal && { signal }) });
  }
  return "gone";
}

/** When a file was touched last, in milliseconds of whoever did it; undefined: there is none. */
export function lastSign(path: string): number | undefined {
  try {
    // Opened, because NFS answers for a closed file from memory.
    const file = openSync(path, "r");
    try {
      return fstatSync(file).mtimeMs;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
