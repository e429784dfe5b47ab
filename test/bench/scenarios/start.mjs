import { measure } from "../measure.mjs";
import { expectRows, fullRefresh, inRounds, sync, writeProject } from "./scenario.mjs";

/** More rounds than elsewhere, since they are short. */
const AT_LEAST = 7;

const NODE = "node, nothing else";
const SPEC = "source-postgres spec";
const TWO_ROWS = "syncline sync, two rows";

/** What the shortest runs take. */
export const start = {
  name: "start",

  async run(stage, { runs }) {
    await stage.query("source", "create table two (id int primary key, name text)");
    await stage.query("source", "insert into two values (1, 'Mary X'), (2, 'John D')");
    const tables = "raw_and_final";
    await writeProject(stage, { two: { streams: [fullRefresh("two")], destination: { tables } } });
    let printed;
    let synced = 0;
    const results = await inRounds(
      {
        [NODE]: {
          run: () => measure([{ file: process.execPath, args: ["-e", "0"] }]),
          verify: async () => {},
        },
        [SPEC]: {
          run: async () => {
            const measurement = await measure([stage.node("source-postgres", "spec")]);
            printed = measurement.outputBytes;
            return measurement;
          },
          verify: async () => {
            if (printed === 0) throw new Error("spec printed nothing");
          },
        },
        [TWO_ROWS]: {
          run: () => sync(stage, "two"),
          verify: () => expectRows(stage, "two", 2 * ++synced),
        },
      },
      Math.max(runs, AT_LEAST),
    );
    return {
      results,
      aims: [
        { aim: SPEC, measured: results.get(SPEC).seconds * 1000, limit: 150, unit: "ms" },
        { aim: TWO_ROWS, measured: results.get(TWO_ROWS).seconds, limit: 0.35, unit: "s" },
      ],
    };
  },
};
