import type { Accounts } from "../sync/accounts.ts";
import { byteSize, grouped } from "./table.ts";

/** On a terminal the line is rewritten this often; elsewhere a line appears. */
const TERMINAL_EVERY_MS = 200;
const PLAIN_EVERY_MS = 15_000;

/** Shows how far a sync is, on stderr. */
export interface Progress {
  update(accounts: Accounts): void;
  /** Removes what would stand in the way of other output. */
  clear(): void;
}

/** @param connection put before the line. */
export function startProgress(connection: string, stderr: NodeJS.WriteStream): Progress {
  const rewrites = stderr.isTTY && !process.env["CI"] && process.env["TERM"] !== "dumb";
  const every = rewrites ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  const started = performance.now();
  let shownAt = rewrites ? 0 : started;
  let isShown = false;
  return {
    update(accounts) {
      const now = performance.now();
      if (now - shownAt < every) return;
      shownAt = now;
      const line = `${connection}: ${describe(accounts, (now - started) / 1000)}`;
      if (rewrites) stderr.write(`\r\u001b[2K${line.slice(0, (stderr.columns || 80) - 1)}`);
      else stderr.write(`${line}\n`);
      isShown = rewrites;
    },
    clear() {
      if (isShown) stderr.write("\r\u001b[2K");
      isShown = false;
    },
  };
}

function describe(accounts: Accounts, seconds: number): string {
  const sum = (key: "emitted" | "committed" | "bytes") =>
    accounts.all.reduce((total, account) => total + account[key], 0);
  const finished = accounts.all.filter((account) => account.isFinished).length;
  const emitted = sum("emitted");
  return [
    `${grouped(emitted)} rows read`,
    `${grouped(sum("committed"))} committed`,
    byteSize(sum("bytes")),
    `${grouped(emitted / Math.max(seconds, 0.001))} rows/s`,
    `${finished}/${accounts.all.length} streams`,
    `${Math.round(seconds)} s`,
  ].join(", ");
}
