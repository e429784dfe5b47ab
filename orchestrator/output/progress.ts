import type { SyncStats } from "../sync/relay/stream-stats.ts";
import { byteSize, grouped } from "./table.ts";

/** The line is rewritten this often. */
const EVERY_MS = 200;

/** Shows how far a sync is, on stderr, if that is a terminal: a log file wants results only. */
export interface Progress {
  update(stats: SyncStats): void;
  /** Removes what would stand in the way of other output. */
  clear(): void;
}

/** @param connection put before the line. */
export function startProgress(connection: string, stderr: NodeJS.WriteStream): Progress {
  const isShowing = stderr.isTTY && !process.env["CI"] && process.env["TERM"] !== "dumb";
  const started = performance.now();
  let shownAt = 0;
  let isShown = false;
  return {
    update(stats) {
      const now = performance.now();
      if (!isShowing || now - shownAt < EVERY_MS) return;
      shownAt = now;
      const line = `${connection}: ${describe(stats, (now - started) / 1000)}`;
      stderr.write(`\r\u001b[2K${line.slice(0, (stderr.columns || 80) - 1)}`);
      isShown = true;
    },
    clear() {
      if (isShown) stderr.write("\r\u001b[2K");
      isShown = false;
    },
  };
}

function describe({ streams }: SyncStats, seconds: number): string {
  const sum = (key: "emitted" | "committed" | "bytes") =>
    streams.reduce((total, stream) => total + stream[key], 0);
  const finished = streams.filter((stream) => stream.isFinished).length;
  const emitted = sum("emitted");
  return [
    `${grouped(emitted)} rows read`,
    `${grouped(sum("committed"))} committed`,
    byteSize(sum("bytes")),
    `${grouped(emitted / Math.max(seconds, 0.001))} rows/s`,
    `${finished}/${streams.length} streams`,
    `${Math.round(seconds)} s`,
  ].join(", ");
}
