import { createSmallTables, ROWS_OF_SMALL } from "../table.mjs";
import { expectRows, fullRefresh, inRounds, sync, writeProject } from "./scenario.mjs";

const TABLES = 200;
const APPEND = `${TABLES} tables of ${ROWS_OF_SMALL} rows, append`;
const OVERWRITE = `${TABLES} tables of ${ROWS_OF_SMALL} rows, overwrite`;

/** What a table costs that has next to no rows. */
export const manyTables = {
  name: "many tables",

  async run(stage, { runs }) {
    const names = Array.from({ length: TABLES }, (_, at) => `small_${at + 1}`);
    await stage.query("source", createSmallTables(names));
    await writeProject(stage, {
      append: { streams: names.map((name) => fullRefresh(name)) },
      overwrite: { streams: names.map((name) => fullRefresh(name, "overwrite")) },
    });
    const way = (connection) => ({
      prepare: () => stage.emptyDestination(),
      run: () => sync(stage, connection),
      verify: async () => {
        for (const name of names) await expectRows(stage, name, ROWS_OF_SMALL);
      },
    });
    const results = await inRounds(
      { [APPEND]: way("append"), [OVERWRITE]: way("overwrite") },
      runs,
    );
    const aim = (name) => ({ aim: name, measured: results.get(name).seconds, limit: 2, unit: "s" });
    return { results, aims: [aim(APPEND), aim(OVERWRITE)] };
  },
};
