import { ChangedTable } from "../changed-table.mjs";
import { measure } from "../measure.mjs";
import { startAnew } from "../peers.mjs";
import { incremental, inRounds, sync, writeProject } from "./scenario.mjs";

const NAME = "items";
const OURS = "syncline sync";

/** A table with a key: loaded, some changes merged, and nothing new; by us without history, and by others. */
export const peersMerge = {
  name: "peers: merge",
  isOfPeers: true,

  async run(stage, { rows, runs, peers }) {
    const few = Math.ceil(rows / 100);
    const table = await ChangedTable.make(stage, NAME, rows);
    const streams = [incremental(NAME, "append_dedup")];
    await writeProject(stage, {
      ours: { streams, prefix: "ours_", destination: { history: false } },
    });
    const merging = peers.filter(({ peer }) => peer.merge !== undefined);
    const way = ({ peer, file }) => ({
      run: async () => measure([await peer.merge(stage, file, NAME)]),
      verify: () => table.expectEqual(peer.landsIn([NAME])[0]),
    });
    const ours = {
      run: () => sync(stage, "ours"),
      verify: () => table.expectEqual(`ours_${NAME}`),
    };
    const named = (what, make = (way) => way) => ({
      [`${what}, ${OURS}`]: make(ours),
      ...Object.fromEntries(
        merging.map((each) => [`${what}, ${each.peer.name}`, make(way(each), each.peer)]),
      ),
    });
    const anew = (way, peer = {}) => ({ ...way, prepare: () => startAnew(stage, peer) });
    const first = await inRounds(named("first load", anew), runs);
    // Once more side by side, to have what is merged into.
    await stage.emptyDestination();
    for (const { peer } of merging) await peer.forget?.(stage);
    for (const { run } of Object.values(named("load"))) await run();
    await table.loadByHand();
    await stage.query("destination", "vacuum analyze");
    const what = `${few.toLocaleString("en")} changes`;
    const byHand = {
      [`${what}, by hand`]: {
        run: () => table.mergeByHand(),
        verify: () => table.expectEqual(table.byHand),
      },
    };
    const changed = await inRounds({ ...byHand, ...named(what) }, runs, () => table.change(few));
    const idle = await inRounds(named("nothing new"), runs);
    return { results: new Map([...first, ...changed, ...idle]), aims: [] };
  },
};
