import { measure } from "../measure.mjs";
import { createCopy, createTable } from "../table.mjs";
import { expectRows, fullRefresh, inRounds, makeTable, sync, writeProject } from "./scenario.mjs";

const NAMES = ["first", "second", "third", "fourth"];
const COPY = "COPY | COPY, text, one after the other";

/** Several tables of some size in one sync. */
export const fourTables = {
  name: "four tables",

  async run(stage, { rows, runs }) {
    const each = Math.ceil(rows / 2);
    for (const name of NAMES) await makeTable(stage, name, createTable(each, name));
    const streams = NAMES.map((name) => fullRefresh(name));
    await writeProject(stage, { four: { streams } });
    const verify = async () => {
      for (const name of NAMES) await expectRows(stage, name, each);
    };
    const results = await inRounds(
      {
        [COPY]: {
          prepare: async () => {
            await stage.emptyDestination();
            for (const name of NAMES) await stage.query("destination", createCopy(name));
          },
          run: () => copyAll(stage),
          verify,
        },
        [`syncline sync, ${NAMES.length} tables of ${each.toLocaleString("en")} rows`]: {
          prepare: () => stage.emptyDestination(),
          run: () => sync(stage, "four"),
          verify,
        },
      },
      runs,
    );
    return { results, rows: NAMES.length * each, base: COPY, aims: [] };
  },
};

/** In one shell, so that it is one measurement. */
function copyAll(stage) {
  const quoted = ({ file, args }) => [file, ...args].map((word) => `'${word}'`).join(" ");
  const lines = NAMES.map(
    (name) =>
      `${quoted(stage.sql("source", `copy ${name} to stdout`))} | ${quoted(stage.sql("destination", `copy ${name} from stdin`))}`,
  );
  return measure([{ file: "bash", args: ["-ec", `set -o pipefail\n${lines.join("\n")}`] }]);
}
