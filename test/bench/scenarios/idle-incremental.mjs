import {
  expectRows,
  incremental,
  inRounds,
  makeTable,
  ratio,
  sync,
  writeProject,
} from "./scenario.mjs";

const TWO = "two rows, nothing new";

/** What an incremental sync costs when nothing is new, however large the table is. */
export const idleIncremental = {
  name: "idle incremental",

  async run(stage, { rows, runs }) {
    const large = 5 * rows;
    const table = (name, count) =>
      makeTable(
        stage,
        name,
        `create table ${name} (id bigint primary key, name text, updated_at timestamptz not null);
         insert into ${name} select n, 'customer ' || n, timestamptz '2022-09-01' + n * interval '1 second'
           from generate_series(1, ${count}) n;
         create index on ${name} (updated_at)`,
      );
    await table("idle", large);
    await table("idle_two", 2);
    await writeProject(stage, {
      large: { streams: [incremental("idle")] },
      two: { streams: [incremental("idle_two")] },
    });
    // The rounds have nothing new to move: first syncs bring what is there.
    await sync(stage, "large");
    await sync(stage, "two");
    const name = `${large.toLocaleString("en")} rows, nothing new`;
    const results = await inRounds(
      {
        [name]: { run: () => sync(stage, "large"), verify: () => expectRows(stage, "idle", large) },
        [TWO]: { run: () => sync(stage, "two"), verify: () => expectRows(stage, "idle_two", 2) },
      },
      runs,
    );
    return {
      results,
      aims: [
        {
          aim: `incremental sync of ${name}`,
          measured: results.get(name).seconds,
          limit: 0.35,
          unit: "s",
        },
        {
          aim: `incremental sync of ${name}, against one of two rows`,
          measured: ratio(results, name, TWO),
          limit: 1.5,
          unit: "×",
        },
      ],
    };
  },
};
