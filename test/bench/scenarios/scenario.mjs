import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { measure, medianOf } from "../measure.mjs";

/**
 * One more question about speed, with the table of results that answers it.
 *
 * @typedef {object} Scenario
 * @property {string} name what `--only` selects it by
 * @property {(stage: import("../stage.mjs").Stage, options: Options) => Promise<Answer>} run
 *
 * @typedef {{ rows: number, runs: number }} Options `rows` is that of the main table
 *
 * @typedef {object} Answer
 * @property {Map<string, import("../measure.mjs").Measurement>} results
 * @property {number} rows how many each of them moved
 * @property {import("../report.mjs").Aim[]} aims
 */

/** A way of doing something: `prepare` is not measured. */
/** @typedef {{ prepare?: () => Promise<unknown>, run: () => Promise<import("../measure.mjs").Measurement> }} Way */

/**
 * Runs all ways in rounds, so that a slow minute of the machine hits everybody, and takes medians.
 *
 * @param {Record<string, Way>} ways
 * @param {number} runs
 */
export async function inRounds(ways, runs) {
  const measured = new Map(Object.keys(ways).map((name) => [name, []]));
  for (let run = 1; run <= runs; run++)
    for (const [name, way] of Object.entries(ways)) {
      await way.prepare?.();
      const measurement = await way.run();
      measured.get(name).push(measurement);
      process.stdout.write(`run ${run}  ${name}: ${measurement.seconds.toFixed(2)} s\n`);
    }
  return new Map([...measured].map(([name, all]) => [name, medianOf(all)]));
}

/** How many times longer one way took than another. */
export function ratio(results, name, base) {
  return results.get(name).seconds / results.get(base).seconds;
}

/**
 * Writes the project of a scenario: a source, a destination with `config`, and connections, each with
 * its streams and its own destination options.
 *
 * @param {Record<string, { streams: object[], destination?: object, prefix?: string }>} connections
 */
export async function writeProject(stage, connections) {
  const names = Object.keys(connections);
  const each = (make) =>
    Object.fromEntries(names.map((name) => [name, make(connections[name], name)]));
  await stage.file("syncline.yaml", {
    sources: { source: { connector: "source-postgres", config: stage.config("source") } },
    destinations: each(({ destination }) => ({
      connector: "destination-postgres",
      config: { ...stage.config("destination"), tables: "final_only", ...destination },
    })),
    connections: each(({ streams, prefix }, name) => ({
      source: "source",
      destination: name,
      streams,
      ...(prefix === undefined ? {} : { prefix }),
    })),
  });
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
