import { TABLE } from "../table.mjs";
import { expectRows, fullRefresh, inRounds, sync, writeProject } from "./scenario.mjs";
import { copyPipe, TEXT_COPY } from "./one-table.mjs";

const WITHOUT_HISTORY = "append_dedup, no history";
const WITH_HISTORY = "append_dedup, history";

/** A table with a key, loaded for the first time. */
export const appendDedup = {
  name: "first deduped load",

  async run(stage, { rows, runs }) {
    const streams = [{ ...fullRefresh(TABLE, "append_dedup"), primary_key: ["id"] }];
    await writeProject(stage, {
      plain: { streams, destination: { history: false } },
      history: { streams, destination: { history: true } },
    });
    const load = (connection, tables) => ({
      prepare: () => stage.emptyDestination(),
      run: () => sync(stage, connection),
      verify: async () => {
        for (const table of tables) await expectRows(stage, table, rows);
      },
    });
    const results = await inRounds(
      {
        [TEXT_COPY]: copyPipe(stage, rows),
        [WITHOUT_HISTORY]: load("plain", [TABLE]),
        [WITH_HISTORY]: load("history", [TABLE, `${TABLE}_scd`]),
      },
      runs,
    );
    const aim = (name, limit) => ({
      aim: `first load: ${name}`,
      measured: results.get(name).seconds,
      limit,
      unit: "s",
      fullSize: true,
    });
    return {
      results,
      rows,
      base: TEXT_COPY,
      aims: [aim(WITHOUT_HISTORY, 6), aim(WITH_HISTORY, 11)],
    };
  },
};
