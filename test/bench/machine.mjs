import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";

/**
 * What the figures depend on.
 *
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {number} memoryGigabytes
 * @property {string} system
 * @property {string} node
 * @property {string} postgres
 * @property {string} data the file system of both servers' data
 * @property {number} load of the minute before: more than nothing disturbs
 * @property {string} commit of what is measured
 */

/**
 * @param {import("./stage.mjs").Stage} stage
 * @returns {Promise<Machine>}
 */
export async function machineOf(stage) {
  const [{ server_version }] = await stage.query("source", "show server_version");
  const settings = [];
  for (const name of ["fsync", "full_page_writes", "synchronous_commit"])
    settings.push(`${name} ${(await stage.query("destination", `show ${name}`))[0][name]}`);
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    postgres: `${server_version} (${settings.join(", ")})`,
    data: fileSystemOf(stage.servers.destination.dataFolder),
    load: loadavg()[0],
    commit: commit(),
  };
}

/** The machine in one paragraph. */
export function describe(machine) {
  const { cpu, cores, memoryGigabytes, system, node, postgres, data, load, commit } = machine;
  return [
    `${cores} cores of ${cpu}, ${memoryGigabytes} GB, ${system}, Node ${node}`,
    `PostgreSQL ${postgres}`,
    `data on ${data}`,
    `load ${load.toFixed(1)} before it began${load > 1 ? " (others took part of the cores: not for comparing)" : ""}`,
    `commit ${commit}`,
  ].join("; ");
}

/** The type of the file system that holds a path; unknown where there is no /proc. */
function fileSystemOf(path) {
  try {
    const mounts = readFileSync("/proc/mounts", "utf8").trim().split("\n");
    const [, kind] = mounts
      .map((line) => line.split(" ").slice(1, 3))
      .filter(([at]) => `${path}/`.startsWith(at === "/" ? at : `${at}/`))
      .toSorted(([a], [b]) => a.length - b.length)
      .at(-1);
    return kind === "tmpfs" ? "tmpfs (memory, where fsync costs nothing)" : `disk (${kind})`;
  } catch {
    return "an unknown file system";
  }
}

function commit() {
  const git = (...args) =>
    execFileSync("git", args, {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${changed ? " with changes" : ""}`;
  } catch {
    return "unknown";
  }
}
