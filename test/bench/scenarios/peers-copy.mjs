import { measure } from "../measure.mjs";
import { startAnew } from "../peers.mjs";
import { TABLE } from "../table.mjs";
import { copyPipe, TEXT_COPY } from "./one-table.mjs";
import { expectRows, fullRefresh, inRounds, sync, writeProject } from "./scenario.mjs";

const MODES = ["final_only", "raw_and_final"];

/** The main table copied in full for the first time, by us and by others. */
export const peersCopy = {
  name: "peers: one table",
  isOfPeers: true,

  async run(stage, { rows, runs, peers }) {
    const connection = (tables) => ({ streams: [fullRefresh(TABLE)], destination: { tables } });
    await writeProject(
      stage,
      Object.fromEntries(MODES.map((tables) => [tables, connection(tables)])),
    );
    const ours = (tables) => ({
      prepare: () => stage.emptyDestination(),
      run: () => sync(stage, tables),
      verify: () => expectRows(stage, TABLE, rows),
    });
    const theirs = ({ peer, file }) => ({
      prepare: () => startAnew(stage, peer),
      run: async () => measure([await peer.copy(stage, file, [TABLE])]),
      verify: () => expectRows(stage, peer.landsIn([TABLE])[0], rows),
    });
    const results = await inRounds(
      {
        [TEXT_COPY]: copyPipe(stage, rows),
        ...Object.fromEntries(MODES.map((tables) => [`syncline sync, ${tables}`, ours(tables)])),
        ...Object.fromEntries(peers.map((each) => [each.peer.name, theirs(each)])),
      },
      runs,
    );
    return { results, rows, base: TEXT_COPY, aims: [] };
  },
};
