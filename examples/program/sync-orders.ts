// Runs a connection from a program: `node sync-orders.ts [connection]`.
// The first Ctrl-C stops it with what was read committed, the second at once.
import { Failure, failureText, sync, type JobEvent } from "syncline";

const connection = process.argv[2] ?? "orders";
const gracefully = new AbortController();
const now = new AbortController();

process.on("SIGINT", () => {
  if (gracefully.signal.aborted) now.abort();
  gracefully.abort();
});

const print = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

function onEvent(event: JobEvent): void {
  if (event.event === "job_started") print(`job ${event.job} started`);
  if (event.event === "progress")
    for (const { stream, phase, rows } of event.progress.streams)
      print(`${stream}: ${phase}, ${rows} rows`);
  if (event.event === "retry")
    print(`${failureText(event.failure)}; trying again in ${event.wait_seconds} s`);
}

try {
  const { id, status, attempts } = await sync(connection, {
    config: "syncline.yaml",
    signal: gracefully.signal,
    signalNow: now.signal,
    onEvent,
  });
  const last = attempts.at(-1);
  for (const { name, committed } of last?.streams ?? [])
    print(`${name}: ${committed} rows committed`);
  for (const failure of last?.failures ?? []) complain(failureText(failure));
  print(`job ${id} ${status}`);
  process.exitCode = status === "succeeded" ? 0 : 1;
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  complain(failureText(error)); // before there was a job
  process.exitCode = error.code === "sync.locked" ? 4 : 2;
}
