import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { figuresOf } from "../figures.mjs";
import { measure } from "../measure.mjs";

/**
 * One question about speed, with the table of results that answers it.
 *
 * @typedef {object} Scenario
 * @property {string} name what `--only` selects it by
 * @property {boolean} [isOfPeers] whether it is only for `--peers`
 * @property {boolean} [hasHugeRows] whether its rows take more memory than ordinary ones may
 * @property {(stage: import("../stage.mjs").Stage, size: Size) => Promise<Answer>} run
 *
 * @typedef {object} Size
 * @property {number} rows of the main table
 * @property {number} runs that are counted
 * @property {import("../peers.mjs").Contestant[]} peers those that are there
 *
 * @typedef {object} Answer
 * @property {Map<string, import("../figures.mjs").Figures>} results
 * @property {number} [rows] how many each of them moved, where that is the same
 * @property {string} [base] the way that the others are compared with
 * @property {import("../report.mjs").Aim[]} aims
 */

/**
 * A way of doing something. Only `run` is measured; `verify` throws when not everything arrived.
 *
 * @typedef {object} Way
 * @property {() => Promise<unknown>} [prepare]
 * @property {() => Promise<import("../measure.mjs").Measurement>} run
 * @property {() => Promise<unknown>} verify
 */

/**
 * Runs all ways in rounds, so that a slow minute of the machine hits everybody, each round beginning with
 * another one, so that nobody always follows the same. The first round warms up and is not counted.
 *
 * @param {Record<string, Way>} ways
 * @param {number} runs
 * @param {() => Promise<unknown>} [beforeRound]
 */
export async function inRounds(ways, runs, beforeRound = async () => {}) {
  const names = Object.keys(ways);
  const measured = new Map(names.map((name) => [name, []]));
  for (let round = 0; round <= runs; round++) {
    await beforeRound();
    for (const name of rotated(names, round)) {
      const { prepare, run, verify } = ways[name];
      await prepare?.();
      const measurement = await run();
      await verify();
      if (round > 0) measured.get(name).push(measurement);
      const what = round === 0 ? "warm-up" : `run ${round}`;
      process.stdout.write(`${what}  ${name}: ${measurement.seconds.toFixed(2)} s\n`);
    }
  }
  return new Map([...measured].map(([name, all]) => [name, figuresOf(all)]));
}

/** The same in another order: what comes first is another one each time. */
export function rotated(names, by) {
  const first = by % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}

/** How many times longer one way took than another; undefined when either was not run. */
export function ratio(results, name, base) {
  const [seconds, of] = [results.get(name)?.seconds, results.get(base)?.seconds];
  return seconds === undefined || of === undefined ? undefined : seconds / of;
}

/**
 * Throws when a table of the destination has not so many rows.
 *
 * @param {import("../stage.mjs").Stage} stage
 */
export async function expectRows(stage, table, wanted) {
  const [{ count }] = await stage.query("destination", `select count(*)::int from ${table}`);
  if (count !== wanted) throw new Error(`${table} has ${count} rows instead of ${wanted}`);
}

/**
 * Writes the project of a scenario: a source, a destination and a connection for each of `connections`, by
 * its name, with its streams; `source` and `destination` are options on top of the usual ones.
 *
 * @param {Record<string, { streams: object[], source?: object, destination?: object, prefix?: string }>} connections
 */
export async function writeProject(stage, connections) {
  const names = Object.keys(connections);
  const each = (make) =>
    Object.fromEntries(names.map((name) => [name, make(connections[name], name)]));
  await stage.file("syncline.yaml", {
    sources: each(({ source }) => ({
      connector: "source-postgres",
      config: { ...stage.config("source"), ...source },
    })),
    destinations: each(({ destination }) => ({
      connector: "destination-postgres",
      config: { ...stage.config("destination"), tables: "final_only", ...destination },
    })),
    connections: each(({ streams, prefix }, name) => ({
      source: name,
      destination: name,
      streams,
      ...(prefix === undefined ? {} : { prefix }),
    })),
  });
}

/** A whole table, read anew each time. */
export function fullRefresh(name, mode = "append") {
  return {
    name,
    namespace: "public",
    sync_mode: "full_refresh",
    destination_sync_mode: mode,
  };
}

/** What is new in a table with the columns `id` and `updated_at`. */
export function incremental(name, mode = "append") {
  return {
    name,
    namespace: "public",
    sync_mode: "incremental",
    destination_sync_mode: mode,
    cursor_field: "updated_at",
    ...(mode === "append_dedup" ? { primary_key: ["id"] } : {}),
  };
}

/** Runs one connection of the project. */
export function sync(stage, connection) {
  return measure([stage.node("syncline", "sync", connection)]);
}

/** Makes a table anew at the source. */
export async function makeTable(stage, name, definition) {
  await stage.query("source", `drop table if exists ${name}`);
  await stage.query("source", definition);
  await stage.query("source", `vacuum analyze ${name}`);
}

/** What `discover` announces of one table. */
export async function discovered(stage, table) {
  const config = await stage.file("discover.json", stage.config("source"));
  const { file, args } = stage.node("source-postgres", "discover", "--config", config);
  const output = execFileSync(file, args, { encoding: "utf8", maxBuffer: 1e9 });
  for (const line of output.split("\n")) {
    const message = line === "" ? {} : JSON.parse(line);
    if (message.type === "CATALOG")
      return message.catalog.streams.find((stream) => stream.name === table);
  }
  throw new Error(`discover does not announce ${table}`);
}

/** The command of `write` with a catalog of one stream, which is appended to unless `mode` says else. */
export async function writer(stage, name, stream, config = {}, mode = "append") {
  const configured = { stream, sync_mode: "full_refresh", destination_sync_mode: mode };
  if (mode === "append_dedup") configured.primary_key = stream.source_defined_primary_key;
  const catalog = await stage.file(`${name}-catalog.json`, { streams: [configured] });
  const settings = { ...stage.config("destination"), tables: "final_only", ...config };
  const path = await stage.file(`${name}-config.json`, settings);
  return stage.node("destination-postgres", "write", "--config", path, "--catalog", catalog);
}

/** The command of `read` of one stream. */
export async function reader(stage, name, stream) {
  const configured = { stream, sync_mode: "full_refresh", destination_sync_mode: "append" };
  const catalog = await stage.file(`${name}-catalog.json`, { streams: [configured] });
  const path = await stage.file(`${name}-source.json`, stage.config("source"));
  return stage.node("source-postgres", "read", "--config", path, "--catalog", catalog);
}

/** Writes RECORD lines to a file, a batch at a time. */
export async function writeLines(stage, name, count, lineOf) {
  const path = join(stage.folder, name);
  await writeFile(path, "");
  for (let at = 0; at < count; at += 10_000) {
    const lines = [];
    for (let i = at; i < Math.min(at + 10_000, count); i++) lines.push(lineOf(i));
    await writeFile(path, `${lines.join("\n")}\n`, { flag: "a" });
  }
  return path;
}

/** The line that ends a stream. */
export function completeLine(stream) {
  const { name, namespace } = stream;
  const status = { stream_descriptor: { name, namespace }, status: "COMPLETE" };
  return JSON.stringify({
    type: "TRACE",
    trace: { type: "STREAM_STATUS", emitted_at: 1, stream_status: status },
  });
}
