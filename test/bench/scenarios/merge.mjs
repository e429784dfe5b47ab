import { ChangedTable } from "../changed-table.mjs";
import { expectRows, incremental, inRounds, sync, writeProject } from "./scenario.mjs";

const KINDS = {
  plain: { label: "no history", limit: 0.9 },
  history: { label: "history", limit: 1.3 },
};

/** Changes merged into tables with a key: few into a small and a large table, and many; beside the same by hand. */
export const merge = {
  name: "merge",

  async run(stage, { rows, runs }) {
    const few = Math.ceil(rows / 100);
    const many = Math.ceil(rows / 10);
    const small = await ChangedTable.make(stage, "small_items", many);
    const large = await ChangedTable.make(stage, "items", rows);
    await writeProject(stage, { ...connections(small), ...connections(large) });
    for (const table of [small, large]) {
      await table.loadByHand();
      for (const connection of Object.keys(connections(table))) await sync(stage, connection);
    }
    await stage.query("destination", "vacuum analyze");
    const results = new Map([
      ...(await inRounds({ ...ways(small, few), ...ways(large, few) }, runs, async () => {
        await small.change(few);
        await large.change(few);
      })),
      ...(await inRounds(ways(large, many), runs, () => large.change(many))),
    ]);
    return { results, aims: Object.values(KINDS).flatMap((kind) => aimsOf(kind, results, few)) };

    function aimsOf({ label, limit }, results, changes) {
      const seconds = (table) => results.get(nameOf(table, changes, label)).seconds;
      return [
        {
          aim: `merge: ${nameOf(large, changes, label)}`,
          measured: seconds(large),
          limit,
          unit: "s",
          fullSize: true,
        },
        {
          aim: `merge: the same ${label}, against into ${small.size}`,
          measured: seconds(large) / seconds(small),
          limit: 1.25,
          unit: "×",
          fullSize: true,
        },
      ];
    }
  },
};

function connections({ name }) {
  const streams = [incremental(name, "append_dedup")];
  const connection = (kind) => [
    `${kind}_${name}`,
    { streams, prefix: `${kind}_`, destination: { history: kind === "history" } },
  ];
  return Object.fromEntries(Object.keys(KINDS).map(connection));
}

function ways(table, changes) {
  const ours = Object.entries(KINDS).map(([kind, { label }]) => [
    nameOf(table, changes, label),
    {
      run: () => sync(table.stage, `${kind}_${table.name}`),
      verify: async () => {
        await table.expectEqual(`${kind}_${table.name}`);
        if (kind === "history")
          await expectRows(table.stage, `${kind}_${table.name}_scd`, table.rows + table.changed);
      },
    },
  ]);
  return {
    [nameOf(table, changes, "by hand")]: {
      run: () => table.mergeByHand(),
      verify: () => table.expectEqual(table.byHand),
    },
    ...Object.fromEntries(ours),
  };
}

function nameOf({ size }, changes, label) {
  return `${changes.toLocaleString("en")} into ${size}, ${label}`;
}
