import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { performance } from "node:perf_hooks";

/** How often the processes of a run are looked at, in milliseconds. Peaks only grow, so a look just before the end is nearly exact. */
const LOOK_EVERY_MS = 20;

const STDIO = ["ignore", "pipe", "pipe"];

/** Clock ticks per second in /proc/<pid>/stat; 100 on every Linux. */
const TICKS_PER_SECOND = 100;

/**
 * @typedef {object} Command
 * @property {string} file
 * @property {string[]} args
 * @property {string} [cwd]
 *
 * @typedef {object} Usage
 * @property {string} label
 * @property {number} cpuSeconds user and system time
 * @property {number} peakMegabytes largest resident size
 *
 * @typedef {object} Measurement
 * @property {number} seconds wall time from the first start to the last end
 * @property {Usage[]} processes
 * @property {number} outputBytes what the last command printed
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
 * of the servers. The last one's
 * output is counted and thrown away. Throws when one of them fails.
 *
 * @param {Command[]} commands
 * @returns {Promise<Measurement>}
 */
export async function measure(commands) {
  const words = commands.flatMap(({ file, args }) => ["|", file, ...args]).slice(1);
  const before = new Map([...servers].map(([label, pid]) => [label, cpuOfAll(pid)]));
  const started = performance.now();
  const shell =
    commands.length === 1
      ? spawn(words[0], words.slice(1), { cwd: commands[0].cwd, stdio: STDIO })
      : spawn("bash", ["-c", PIPE_SCRIPT, "bash", ...words], { stdio: STDIO });
  let outputBytes = 0;
  shell.stdout.on("data", (chunk) => (outputBytes += chunk.length));
  const errors = tail(shell.stderr);
  const usage = new Map();
  const timer = setInterval(() => lookAt(shell.pid, usage), LOOK_EVERY_MS);
  const [code] = await once(shell, "close");
  clearInterval(timer);
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${words.join(" ")}\nended with status ${code}\n${errors()}`);
  const processes = [...usage.values()].filter(({ label }) => label !== "bash");
  for (const [label, pid] of servers)
    processes.push({ label, cpuSeconds: cpuOfAll(pid) - before.get(label), peakMegabytes: 0 });
  return { seconds, processes, outputBytes };
}

/** Keeps the end of a stream, for the message when the process fails. */
function tail(stream) {
  let text = "";
  stream.setEncoding("utf8").on("data", (more) => (text = (text + more).slice(-4000)));
  return () => text;
}

/** Notes a process and its children in `usage`; nothing where there is no /proc. */
function lookAt(pid, usage) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const peakKilobytes = Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0);
    if (peakKilobytes > 0) {
      const label = nameOf(pid);
      usage.set(pid, { label, cpuSeconds, peakMegabytes: peakKilobytes / 1024 });
    }
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    for (const child of children === "" ? [] : children.split(" ")) {
      lookAt(Number(child), usage);
    }
  } catch {
    // it ended between two looks, or this is not Linux
  }
}

/** CPU seconds of a process, of its children, and of those that ended; 0 where there is no /proc. */
function cpuOfAll(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // user, system, and both of the children that were waited for
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    const living = children === "" ? [] : children.split(" ").map(Number);
    return ticks / TICKS_PER_SECOND + living.reduce((sum, child) => sum + cpuOfAll(child), 0);
  } catch {
    return 0;
  }
}

function nameOf(pid) {
  const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  const script = words.find((word) => /\/(bin|main)\.js$/.test(word));
  if (script) return basename(dirname(script)).replace("orchestrator", "syncline");
  const direction = words.some((word) => word.includes("to stdout")) ? "out" : "in";
  return words[0].endsWith("bash") ? "bash" : `${basename(words[0])} ${direction}`;
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Two steps as one.
 *
 * @param {Measurement} first
 * @param {Measurement} second
 * @returns {Measurement}
 */
export function oneAfterTheOther(first, second) {
  const labels = new Set([...first.processes, ...second.processes].map(({ label }) => label));
  const of = (label) =>
    [...first.processes, ...second.processes].filter((process) => process.label === label);
  return {
    seconds: first.seconds + second.seconds,
    outputBytes: first.outputBytes,
    processes: [...labels].map((label) => ({
      label,
      cpuSeconds: of(label).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      peakMegabytes: Math.max(...of(label).map(({ peakMegabytes }) => peakMegabytes)),
    })),
  };
}

/**
 * The measurement of median wall time, with the median CPU time and the largest peak of each process.
 *
 * @param {Measurement[]} runs
 * @returns {Measurement}
 */
export function medianOf(runs) {
  const labels = [...new Set(runs.flatMap((run) => run.processes.map(({ label }) => label)))];
  const of = (label) =>
    runs.flatMap((run) => run.processes.filter((process) => process.label === label));
  return {
    seconds: median(runs.map((run) => run.seconds)),
    outputBytes: runs[0].outputBytes,
    processes: labels.map((label) => ({
      label,
      cpuSeconds: median(of(label).map((process) => process.cpuSeconds)),
      peakMegabytes: Math.max(...of(label).map((process) => process.peakMegabytes)),
    })),
  };
}
