import { spawnSync } from "node:child_process";
import { followed } from "../followed-tables.mjs";
import { measure } from "../measure.mjs";
import { inRounds, ratio, sync, writeProject } from "./scenario.mjs";

const RECEIVE = "pg_recvlogical > /dev/null";
const SUBSCRIPTION = "PostgreSQL's own subscription";
const DEDUPED = "append_dedup, no history";

const RECEIVER_SLOT = "bench_receiver";

/** The subscription's tables have the names of the source's; ours, a prefix. */
const KINDS = {
  append: { way: "append", mode: "append" },
  deduped: { way: DEDUPED, mode: "append_dedup", destination: { history: false } },
  history: { way: "append_dedup, history", mode: "append_dedup", destination: { history: true } },
};

/** As many changes as the main table has rows: they wait in the log, and are brought all at once. */
export const catchUp = {
  name: "catch-up with changes",

  async run(stage, { rows, runs }) {
    const tables = await followed(stage, rows);
    try {
      const ways = await prepare(stage, tables);
      const results = await inRounds(ways, runs, () => tables.change(rows));
      return {
        results,
        rows,
        base: SUBSCRIPTION,
        aims: [
          {
            aim: `catch-up: ${DEDUPED}, against ${SUBSCRIPTION}`,
            measured: ratio(results, DEDUPED, SUBSCRIPTION),
            limit: 1.3,
            unit: "×",
            fullSize: true,
          },
        ],
      };
    } finally {
      await tables.close([RECEIVER_SLOT, ...Object.keys(KINDS).map(slotOf)]);
    }
  },
};

/** Everybody who follows has what is there, and a slot of its own that keeps what comes. */
async function prepare(stage, tables) {
  await writeProject(stage, connections(tables));
  for (const name of Object.keys(KINDS)) await sync(stage, name);
  await tables.subscribe();
  await stage.query("destination", "vacuum analyze");
  const ours = ([name, { way }]) => [
    way,
    {
      run: () => sync(stage, name),
      verify: async () => {
        // Of an append, the last version of each row is one of many.
        if (name !== "append") await tables.expectEqual(`${name}_`);
      },
    },
  ];
  return {
    ...(await receiver(tables)),
    [SUBSCRIPTION]: {
      run: () => measure([tables.letSubscriptionCatchUp()]),
      verify: () => tables.haltSubscription(),
    },
    ...Object.fromEntries(Object.entries(KINDS).map(ours)),
  };
}

function connections(tables) {
  const connection = ([name, { mode, destination }]) => [
    name,
    {
      streams: tables.streams(mode),
      prefix: `${name}_`,
      source: tables.source(slotOf(name)),
      destination,
    },
  ];
  return Object.fromEntries(Object.entries(KINDS).map(connection));
}

/** What the server needs to decode and send all of it; not everybody has the program. */
async function receiver(tables) {
  if (spawnSync("pg_recvlogical", ["--version"]).status !== 0) return {};
  await tables.makeSlot(RECEIVER_SLOT);
  const run = () => measure([tables.receive(RECEIVER_SLOT)]);
  return { [RECEIVE]: { run, verify: async () => {} } };
}

const slotOf = (name) => `bench_${name}`;
