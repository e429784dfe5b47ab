import { TABLE } from "../table.mjs";
import { expectRows, fullRefresh, inRounds, sync, writeProject } from "./scenario.mjs";
import { copyPipe, TEXT_COPY } from "./one-table.mjs";

const MODES = ["final_only", "raw_and_final"];

/** A table replaced that is there already, with all its rows. */
export const overwrite = {
  name: "overwrite",

  async run(stage, { rows, runs }) {
    await writeProject(
      stage,
      Object.fromEntries(
        MODES.map((tables) => [
          tables,
          { streams: [fullRefresh(TABLE, "overwrite")], destination: { tables } },
        ]),
      ),
    );
    const again = (tables) => ({
      prepare: async () => {
        await stage.emptyDestination();
        await sync(stage, tables);
        await stage.query("destination", "checkpoint");
      },
      run: () => sync(stage, tables),
      verify: () => expectRows(stage, TABLE, rows),
    });
    const results = await inRounds(
      {
        [TEXT_COPY]: copyPipe(stage, rows),
        ...Object.fromEntries(MODES.map((tables) => [`syncline sync, ${tables}`, again(tables)])),
      },
      runs,
    );
    return { results, rows, base: TEXT_COPY, aims: [] };
  },
};
