import { TABLE } from "../table.mjs";
import { expectRows, fullRefresh, inRounds, ratio, sync, writeProject } from "./scenario.mjs";

const PLAIN = "sync, no mapper";
const HASHED = "sync, one column hashed";

/** What hashing a column on the way costs. */
export const hashedColumn = {
  name: "hashed column",

  async run(stage, { rows, runs }) {
    const stream = fullRefresh(TABLE);
    const mappers = [{ type: "hash", field: "name" }];
    await writeProject(stage, {
      plain: { streams: [stream] },
      hashed: { streams: [{ ...stream, mappers }] },
    });
    const way = (connection) => ({
      prepare: () => stage.emptyDestination(),
      run: () => sync(stage, connection),
      verify: () => expectRows(stage, TABLE, rows),
    });
    const results = await inRounds({ [PLAIN]: way("plain"), [HASHED]: way("hashed") }, runs);
    return {
      results,
      rows,
      base: PLAIN,
      aims: [
        {
          aim: "sync with a hashed column, against one without",
          measured: ratio(results, HASHED, PLAIN),
          limit: 2,
          unit: "×",
        },
      ],
    };
  },
};
