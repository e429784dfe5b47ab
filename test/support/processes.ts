import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Process ids of the descendants of `pid` whose command line contains `text`, oldest first. Works on
 * Linux and macOS.
 */
export function descendants(pid: number, text: string): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  const processes = lines
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ pid: Number(match[1]), parent: Number(match[2]), command: match[3]! }));
  const family = new Set([pid]);
  // Ids are not in order of birth for ever, so go round until nobody joins.
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const process of processes) if (family.has(process.parent)) family.add(process.pid);
  }
  return processes
    .filter((process) => family.has(process.pid) && process.pid !== pid)
    .filter((process) => process.command.includes(text))
    .map((process) => process.pid);
}

/** The most memory a process ever held, in MB (10⁶ bytes); 0 when it is gone. Linux only. */
export function residentMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
