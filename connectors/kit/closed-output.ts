import type { Writable } from "node:stream";

/**
 * Has a reader of stdout or stderr that went away end nothing by itself: Node would end the process with
 * a stack. Whoever has to know hears of it from the write. Doing it again changes nothing.
 */
export function endureClosedOutput({
  stdout,
  stderr,
}: Readonly<Record<"stdout" | "stderr", Writable>>): void {
  for (const stream of [stdout, stderr])
    if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore);
}

/** Whether a write failed because nobody reads any more; a terminal that was closed says EIO. */
export function isReaderGone(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return (
    code === "EPIPE" || code === "EIO" || code === "ECONNRESET" || code.startsWith("ERR_STREAM")
  );
}

/** What to say where something else is the matter with the output, such as a full disk. */
export function unwritableText(error: Error): string {
  return `the output cannot be written: ${error.message}`;
}

function ignore(): void {}
