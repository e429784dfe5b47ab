import type { HostProcess } from "./lifecycle.ts";

/**
 * Has a reader of stdout or stderr that went away end nothing by itself: Node would end the process with
 * a stack. Whoever has to know hears of it from the write. Doing it again changes nothing.
 */
export function endureClosedOutput({
  stdout,
  stderr,
}: Pick<HostProcess, "stdout" | "stderr">): void {
  for (const stream of [stdout, stderr])
    if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore);
}

function ignore(): void {}
