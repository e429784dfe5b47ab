import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * What tells a process from every other one: a pid alone is used again, and every machine and every
 * container has its own.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Comparable on one boot only. Undefined where the system does not tell, like the next two. */
  readonly startTime: string | undefined;
  readonly bootId: string | undefined;
  /** In which its pid means something. */
  readonly pidNamespace: string | undefined;
  readonly host: string;
}

/** What can be seen of a process from here. `out of sight`: it may be anywhere, and alive or not. */
export type Sighting = "alive" | "gone" | "out of sight";

/** Ourselves, as others will look for us. */
export function thisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    startTime: statIn("/proc/self/stat")?.startTime,
    ...surroundings(),
  };
}

/** Looks for a process that wrote down who it is. */
export function lookFor(wanted: ProcessIdentity): Sighting {
  const here = surroundings();
  const isHere =
    wanted.host === here.host &&
    wanted.bootId === here.bootId &&
    wanted.pidNamespace === here.pidNamespace;
  if (!isHere) return "out of sight";
  if (!isRunning(wanted.pid)) return "gone";
  const { startTime, isOver } = statOf(wanted.pid) ?? {};
  if (isOver) return "gone";
  if (startTime === wanted.startTime) return "alive";
  return startTime === undefined || wanted.startTime === undefined ? "out of sight" : "gone";
}

function surroundings(): Pick<ProcessIdentity, "bootId" | "pidNamespace" | "host"> {
  return {
    bootId: tell(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()),
    pidNamespace: tell(() => readlinkSync("/proc/self/ns/pid")),
    host: hostname(),
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

interface Stat {
  readonly startTime: string | undefined;
  /** Killed or ended, and its parent has not asked how: nothing of it runs any more. */
  readonly isOver: boolean;
}

/** Undefined, too, where /proc is that of another namespace, in which the pid is somebody else's. */
function statOf(pid: number): Stat | undefined {
  const isOurs = tell(() => readlinkSync("/proc/self")) === String(process.pid);
  return isOurs ? statIn(`/proc/${pid}/stat`) : undefined;
}

function statIn(path: string): Stat | undefined {
  return tell(() => {
    const stat = readFileSync(path, "latin1");
    // The second field is the program's name in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { startTime: fields[19], isOver: fields[0] === "Z" || fields[0] === "X" };
  });
}

function tell<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
