import { TABLE } from "../table.mjs";
import { inRounds, ratio, sync, writeProject } from "./scenario.mjs";

const PLAIN = "sync, no mapper";
const HASHED = "sync, one column hashed";

/** What hashing a column on the way costs. */
export const hashedColumn = {
  name: "hashed column",

  async run(stage, { rows, runs }) {
    const stream = {
      name: TABLE,
      namespace: "public",
      sync_mode: "full_refresh",
      destination_sync_mode: "append",
    };
    const mappers = [{ type: "hash", field: "name" }];
    await writeProject(stage, {
      plain: { streams: [stream] },
      hashed: { streams: [{ ...stream, mappers }] },
    });
    const prepare = () => stage.emptyDestination();
    const results = await inRounds(
      {
        [PLAIN]: { prepare, run: () => sync(stage, "plain") },
        [HASHED]: { prepare, run: () => sync(stage, "hashed") },
      },
      runs,
    );
    return {
      results,
      rows,
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
