import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { measure } from "./measure.mjs";
import { dlt } from "./peers/dlt.mjs";
import { ingestr } from "./peers/ingestr.mjs";
import { pgcopydb } from "./peers/pgcopydb.mjs";
import { pgloader } from "./peers/pgloader.mjs";
import { sling } from "./peers/sling.mjs";
import { expectRows } from "./scenarios/scenario.mjs";
import { createSmallTables, ROWS_OF_SMALL } from "./table.mjs";

/**
 * Another tool, asked for the same things as we are.
 *
 * @typedef {object} Peer
 * @property {string} name also that of its executable, which is looked for on the PATH
 * @property {(tables: string[]) => string[]} landsIn the destination's tables that these come to
 * @property {(stage: Stage, file: string, tables: string[]) => Promise<Command>} copy whole tables into an empty destination
 * @property {boolean} copiesMany whether one command copies many tables, and in a time that can be waited for
 * @property {(stage: Stage, file: string, table: string) => Promise<Command>} [merge] what is new since the last time, by the column `updated_at`, merged by the key `id`
 * @property {(stage: Stage) => Promise<unknown>} [forget] what it keeps of its own beside the destination
 *
 * @typedef {import("./stage.mjs").Stage} Stage
 * @typedef {import("./measure.mjs").Command} Command
 */

/** @type {Peer[]} */
const PEERS = [sling, ingestr, dlt, pgcopydb, pgloader];

/**
 * Looks for the others, and has each that is there copy a small table, since some come without what they
 * need for these servers.
 *
 * @param {Stage} stage
 * @returns {Promise<{ found: Contestant[], missing: string[] }>} those that work, and the others with the reason
 *
 * @typedef {{ peer: Peer, file: string, version: string }} Contestant
 */
export async function findPeers(stage) {
  const found = [];
  const missing = [];
  await stage.query("source", createSmallTables(["trial"]));
  for (const peer of PEERS) {
    const file = onPath(peer.name);
    if (file === undefined) missing.push(`${peer.name} (not installed)`);
    else {
      const problem = await tryOut(stage, peer, file);
      if (problem === undefined) found.push({ peer, file, version: versionOf(file) });
      else missing.push(`${peer.name} (${problem})`);
    }
  }
  await stage.tidySource();
  return { found, missing };
}

/** What goes wrong with a small table; undefined when nothing does. */
async function tryOut(stage, peer, file) {
  await startAnew(stage, peer);
  try {
    await measure([await peer.copy(stage, file, ["trial"])]);
    await expectRows(stage, peer.landsIn(["trial"])[0], ROWS_OF_SMALL);
    return undefined;
  } catch ({ message }) {
    const lines = message.trim().split("\n");
    return (lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1)).trim();
  }
}

/** Empties the destination, and has a peer forget what it knows of it. */
export async function startAnew(stage, peer) {
  await stage.emptyDestination();
  await peer.forget?.(stage);
}

function onPath(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    try {
      const file = join(folder, name);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this folder
    }
  return undefined;
}

function versionOf(file) {
  const output = execFileSync(file, ["--version"], { encoding: "utf8", stdio: "pipe" });
  return /\d+(\.\d+)+/.exec(output)?.[0] ?? "of unknown version";
}
