import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Clock ticks per second in /proc/<pid>/stat; 100 on every Linux. */
const TICKS_PER_SECOND = 100;

/**
 * @typedef {object} Usage
 * @property {string} label which program it is, and which of its commands
 * @property {number} cpuSeconds user and system time
 * @property {number} peakMegabytes largest resident size; 0 where it is not looked at
 */

/**
 * Notes a process and its children in `usage`, by their ids; nothing where there is no /proc.
 *
 * @param {number} pid
 * @param {Map<number, Usage>} usage
 */
export function lookAt(pid, usage) {
  try {
    const [user, system] = ticks(pid);
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const peakKilobytes = Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0);
    const label = labelOf(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0"));
    // One that is about to end has neither.
    if (peakKilobytes > 0 && label !== "") {
      const cpuSeconds = (user + system) / TICKS_PER_SECOND;
      usage.set(pid, { label, cpuSeconds, peakMegabytes: peakKilobytes / 1024 });
    }
    for (const child of childrenOf(pid)) lookAt(child, usage);
  } catch {
    // it ended between two looks, or this is not Linux
  }
}

/** CPU seconds of a process, of its children, and of those that ended; 0 where there is no /proc. */
export function cpuOfAll(pid) {
  try {
    const own = ticks(pid).reduce((sum, value) => sum + value, 0) / TICKS_PER_SECOND;
    return childrenOf(pid).reduce((sum, child) => sum + cpuOfAll(child), own);
  } catch {
    return 0;
  }
}

/** CPU seconds of all children of this process that ended, and of theirs; exact, however short they were. */
export function cpuOfEndedChildren() {
  try {
    const [, , user, system] = ticks("self");
    return (user + system) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** Which program a command line starts: ours with the command, since `discover` and `read` are one file. */
export function labelOf(words) {
  const at = words.findIndex((word) => /\/(bin|main)\.js$/.test(word));
  if (at !== -1) {
    const program = basename(dirname(words[at])).replace("orchestrator", "syncline");
    const command = words.slice(at + 1).find((word) => word !== "" && !word.startsWith("-"));
    return command === undefined ? program : `${program} ${command}`;
  }
  const program = basename(words[0]);
  const isCopy = program === "psql" || words.some((word) => word.endsWith("/bench/copy.mjs"));
  if (!isCopy) return program;
  return words.some((word) => word.includes("to stdout")) ? `${program} out` : `${program} in`;
}

/** User and system time, and both of the children that were waited for. */
function ticks(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).map(Number);
}

function childrenOf(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? [] : children.split(" ").map(Number);
}
