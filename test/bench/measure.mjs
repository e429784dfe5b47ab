import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { cpuOfAll, cpuOfEndedChildren, lookAt } from "./processes.mjs";

/** How often the processes of a run are looked at, in milliseconds. Peaks only grow, so a look just before the end is nearly exact. */
const LOOK_EVERY_MS = 20;

/**
 * @typedef {object} Command
 * @property {string} file
 * @property {string[]} args
 * @property {string} [cwd] only of a command that is not part of a pipe, like `env`
 * @property {Record<string, string>} [env] on top of ours
 *
 * @typedef {object} Measurement
 * @property {number} seconds wall time from the first start to the last end
 * @property {number} cpuSeconds of all processes and both servers; 0 where there is no /proc
 * @property {import("./processes.mjs").Usage[]} processes
 * @property {number} outputBytes what the last command printed
 * @property {number} [turns] how often a client waited for a server's answer, where that was counted
 */

/** Servers whose work belongs to what is measured: the label and the first process of each. */
const servers = new Map();

/** Has the CPU time of a server and all its processes counted from now on. */
export function countServer(label, pid) {
  servers.set(label, pid);
}

/** Runs its arguments, a list of commands separated by `|`, as a pipe. */
const PIPE_SCRIPT = `
  set -o pipefail
  run() { local words=(); while [ $# -gt 0 ] && [ "$1" != "|" ]; do words+=("$1"); shift; done
    if [ $# -eq 0 ]; then exec "\${words[@]}"; else shift; (exec "\${words[@]}") | run "$@"; fi; }
  run "$@"
`;

/**
 * Runs commands as a shell pipe and measures all their processes, children included, and the CPU time
 * of the servers. The last one's output is counted and thrown away. Throws when one of them fails.
 *
 * @param {Command[]} commands
 * @param {{ beside?: (pid: number) => Promise<void> }} [options] what is done meanwhile, with the first process
 * @returns {Promise<Measurement>}
 */
export async function measure(commands, { beside } = {}) {
  const words = commands.flatMap(({ file, args }) => ["|", file, ...args]).slice(1);
  const [file, ...args] =
    commands.length === 1 ? words : ["bash", "-c", PIPE_SCRIPT, "bash", ...words];
  const { cwd, env } = commands[0];
  const before = new Map([...servers].map(([label, pid]) => [label, cpuOfAll(pid)]));
  const endedBefore = cpuOfEndedChildren();
  const started = performance.now();
  const stdio = ["ignore", "pipe", "pipe"];
  const first = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio });
  let outputBytes = 0;
  first.stdout.on("data", (chunk) => (outputBytes += chunk.length));
  const errors = tail(first.stderr);
  const usage = new Map();
  const timer = setInterval(() => lookAt(first.pid, usage), LOOK_EVERY_MS);
  const [[code]] = await Promise.all([once(first, "close"), beside?.(first.pid)]).finally(() =>
    clearInterval(timer),
  );
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${words.join(" ")}\nended with status ${code}\n${errors()}`);
  const ofServers = [...servers].map(([label, pid]) => {
    return { label, cpuSeconds: cpuOfAll(pid) - before.get(label), peakMegabytes: 0 };
  });
  return {
    seconds,
    cpuSeconds: ofServers.reduce(
      (sum, server) => sum + server.cpuSeconds,
      cpuOfEndedChildren() - endedBefore,
    ),
    processes: [...[...usage.values()].filter(({ label }) => label !== "bash"), ...ofServers],
    outputBytes,
  };
}

/** Keeps the end of a stream, for the message when the process fails. */
function tail(stream) {
  let text = "";
  stream.setEncoding("utf8").on("data", (more) => (text = (text + more).slice(-4000)));
  return () => text;
}
