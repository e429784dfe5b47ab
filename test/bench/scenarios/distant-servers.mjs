import { openDistance } from "../distance.mjs";
import { measure } from "../measure.mjs";
import { createCopy, createSmallTables, createTable, ROWS_OF_SMALL } from "../table.mjs";
import {
  expectRows,
  fullRefresh,
  inRounds,
  makeTable,
  ratio,
  sync,
  writeProject,
} from "./scenario.mjs";

const MILLISECONDS = 20;
const NAMES = Array.from({ length: 20 }, (_, at) => `small_${at + 1}`);
const MEDIUM = "medium";
const SMALL = { streams: NAMES.map((name) => fullRefresh(name, "overwrite")) };

/** What servers cost that are 20 ms away, each way: there every answer that is waited for takes 40 ms. */
export const distantServers = {
  name: "distant servers",

  async run(stage, { rows, runs }) {
    const some = Math.ceil(rows * 0.3);
    const { source, destination } = stage.servers;
    const near = await openDistance(destination, 0);
    const far = await openDistance(destination, MILLISECONDS);
    const nearSource = await openDistance(source, 0);
    const farSource = await openDistance(source, MILLISECONDS);
    const distances = [near, far, nearSource, farSource];
    try {
      await stage.query("source", createSmallTables(NAMES));
      await makeTable(stage, MEDIUM, createTable(some, MEDIUM));
      const mediumTable = { streams: [fullRefresh(MEDIUM)] };
      await writeProject(stage, {
        small_near: { ...SMALL, source: at(nearSource), destination: at(near) },
        small_far: { ...SMALL, destination: at(far) },
        small_far_source: { ...SMALL, source: at(farSource) },
        medium_near: { ...mediumTable, destination: at(near) },
        medium_far: { ...mediumTable, destination: at(far) },
      });
      const label = `${some.toLocaleString("en")} rows`;
      const way = (connection, tables, wanted, through) => ({
        prepare: async () => {
          await stage.emptyDestination();
          await through.turns(); // those of the last run
        },
        run: async () => ({ ...(await sync(stage, connection)), turns: await through.turns() }),
        verify: async () => {
          for (const table of tables) await expectRows(stage, table, wanted);
        },
      });
      const small = (connection, through) => way(connection, NAMES, ROWS_OF_SMALL, through);
      const results = await inRounds(
        {
          [`${NAMES.length} small tables, both near`]: small("small_near", near),
          [FAR]: small("small_far", far),
          [FAR_SOURCE]: small("small_far_source", farSource),
          [`COPY | COPY, ${label}, destination far`]: copyPipe(stage, some, far),
          [`${label}, both near`]: way("medium_near", [MEDIUM], some, near),
          [`${label}, destination far`]: way("medium_far", [MEDIUM], some, far),
        },
        runs,
      );
      const seconds = (name) => results.get(name).seconds;
      return {
        results,
        aims: [
          { aim: FAR, measured: seconds(FAR), limit: 3, unit: "s" },
          { aim: FAR_SOURCE, measured: seconds(FAR_SOURCE), limit: 1.5, unit: "s" },
          {
            aim: `${label}, destination far, against near`,
            measured: ratio(results, `${label}, destination far`, `${label}, both near`),
            limit: 1.15,
            unit: "×",
            fullSize: true,
          },
        ],
      };
    } finally {
      for (const distance of distances) await distance.close();
    }
  },
};

const FAR = `${NAMES.length} small tables, destination far`;
const FAR_SOURCE = `${NAMES.length} small tables, source far`;

const at = ({ port }) => ({ port });

function copyPipe(stage, rows, far) {
  return {
    prepare: async () => {
      await stage.emptyDestination();
      await stage.query("destination", createCopy("copied"));
      await far.turns();
    },
    run: async () => {
      const measurement = await measure([
        stage.sql("source", `copy ${MEDIUM} to stdout`),
        stage.sqlAt(stage.url("destination", far.port), "copy copied from stdin"),
      ]);
      return { ...measurement, turns: await far.turns() };
    },
    verify: () => expectRows(stage, "copied", rows),
  };
}
