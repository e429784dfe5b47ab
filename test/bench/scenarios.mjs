import { appendDedup } from "./scenarios/append-dedup.mjs";
import { badRows } from "./scenarios/bad-rows.mjs";
import { catchUp } from "./scenarios/catch-up.mjs";
import { distantServers } from "./scenarios/distant-servers.mjs";
import { following } from "./scenarios/following.mjs";
import { fourTables } from "./scenarios/four-tables.mjs";
import { hashedColumn } from "./scenarios/hashed-column.mjs";
import { idleIncremental } from "./scenarios/idle-incremental.mjs";
import { largeShapes } from "./scenarios/large-shapes.mjs";
import { manyTables } from "./scenarios/many-tables.mjs";
import { merge } from "./scenarios/merge.mjs";
import { oneGigabyte } from "./scenarios/one-gigabyte.mjs";
import { oneTable } from "./scenarios/one-table.mjs";
import { overwrite } from "./scenarios/overwrite.mjs";
import { peersCopy } from "./scenarios/peers-copy.mjs";
import { peersMerge } from "./scenarios/peers-merge.mjs";
import { peersTables } from "./scenarios/peers-tables.mjs";
import { start } from "./scenarios/start.mjs";
import { wideRows } from "./scenarios/wide-rows.mjs";

/** @type {import("./scenarios/scenario.mjs").Scenario[]} */
export const SCENARIOS = [
  oneTable,
  overwrite,
  appendDedup,
  merge,
  start,
  idleIncremental,
  catchUp,
  following,
  manyTables,
  fourTables,
  distantServers,
  hashedColumn,
  badRows,
  wideRows,
  largeShapes,
  oneGigabyte,
  peersCopy,
  peersMerge,
  peersTables,
];
