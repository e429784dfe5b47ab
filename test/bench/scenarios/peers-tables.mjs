import { measure } from "../measure.mjs";
import { startAnew } from "../peers.mjs";
import { createSmallTables, ROWS_OF_SMALL } from "../table.mjs";
import { expectRows, fullRefresh, inRounds, sync, writeProject } from "./scenario.mjs";

const TABLES = 200;
const NAMES = Array.from({ length: TABLES }, (_, at) => `small_${at + 1}`);

/** Many small tables, by us and by those others that copy more than one with one command. */
export const peersTables = {
  name: "peers: many tables",
  isOfPeers: true,

  async run(stage, { runs, peers }) {
    await stage.query("source", createSmallTables(NAMES));
    await writeProject(stage, { many: { streams: NAMES.map((name) => fullRefresh(name)) } });
    const verify = async (tables) => {
      for (const table of tables) await expectRows(stage, table, ROWS_OF_SMALL);
    };
    const theirs = ({ peer, file }) => ({
      prepare: () => startAnew(stage, peer),
      run: async () => measure([await peer.copy(stage, file, NAMES)]),
      verify: () => verify(peer.landsIn(NAMES)),
    });
    const able = peers.filter(({ peer }) => peer.copiesMany);
    const results = await inRounds(
      {
        "syncline sync": {
          prepare: () => stage.emptyDestination(),
          run: () => sync(stage, "many"),
          verify: () => verify(NAMES),
        },
        ...Object.fromEntries(able.map((each) => [each.peer.name, theirs(each)])),
      },
      runs,
    );
    return { results, aims: [] };
  },
};
