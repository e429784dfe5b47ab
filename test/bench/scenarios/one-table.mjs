import { oneAfterTheOther } from "../figures.mjs";
import { measure } from "../measure.mjs";
import { createCopy, NORMALIZE, RAW_TABLE, TABLE } from "../table.mjs";
import {
  discovered,
  expectRows,
  fullRefresh,
  inRounds,
  ratio,
  reader,
  sync,
  writeProject,
  writer,
} from "./scenario.mjs";

/** The way that everything is compared with. */
export const TEXT_COPY = "COPY | COPY, text";

const BINARY_COPY = "COPY | COPY, binary";
const CTAS = "COPY json, then CTAS";
const MODES = ["final_only", "raw_and_final"];

/** A table copied in full for the first time, in every way there is. */
export const oneTable = {
  name: "one table",

  async run(stage, { rows, runs }) {
    const stream = await discovered(stage, TABLE);
    const read = await reader(stage, "one", stream);
    await writeProject(
      stage,
      Object.fromEntries(
        MODES.map((tables) => [tables, { streams: [fullRefresh(TABLE)], destination: { tables } }]),
      ),
    );
    const filling = (table) => ({
      prepare: () => stage.emptyDestination(),
      verify: () => expectRows(stage, table, rows),
    });
    const ours = async (tables) => {
      const write = await writer(stage, tables, stream, { tables });
      return {
        [pipe(tables)]: { ...filling(TABLE), run: () => measure([read, write]) },
        [whole(tables)]: { ...filling(TABLE), run: () => sync(stage, tables) },
      };
    };
    const results = await inRounds(
      {
        [TEXT_COPY]: copyPipe(stage, rows),
        [BINARY_COPY]: copyPipe(stage, rows, "with (format binary)"),
        "source alone": sourceAlone(read, rows),
        ...(await ours("final_only")),
        [CTAS]: { ...filling("normalized"), run: () => copyThenNormalize(stage) },
        ...(await ours("raw_and_final")),
      },
      runs,
    );
    return { results, rows, base: TEXT_COPY, aims: aimsOf(results) };
  },
};

/** `psql | psql`, into a table without a key. */
export function copyPipe(stage, rows, format = "") {
  return {
    prepare: async () => {
      await stage.emptyDestination();
      await stage.query("destination", createCopy("copied"));
    },
    run: () =>
      measure([
        // Both name the columns' types, since the binary format does not convert.
        stage.sql(
          "source",
          `copy (select id, name, note, amount, active, updated_at, created_at, attributes from ${TABLE}) to stdout ${format}`,
        ),
        stage.sql("destination", `copy copied from stdin ${format}`),
      ]),
    verify: () => expectRows(stage, "copied", rows),
  };
}

function sourceAlone(read, rows) {
  let bytes;
  return {
    run: async () => {
      const measurement = await measure([read]);
      bytes = measurement.outputBytes;
      return measurement;
    },
    // What it printed goes nowhere, so that only its size can be looked at: a row is 300 bytes and more.
    verify: async () => {
      if (bytes < rows * 300) throw new Error(`the source printed only ${bytes} bytes`);
    },
  };
}

async function copyThenNormalize(stage) {
  await stage.query("destination", RAW_TABLE);
  const load = await measure([
    stage.sql("source", `copy (select row_to_json(t) from ${TABLE} t) to stdout`),
    stage.sql("destination", "copy raw (_airbyte_data) from stdin"),
  ]);
  const normalize = await measure([stage.sql("destination", NORMALIZE)]);
  return oneAfterTheOther(load, normalize);
}

const pipe = (tables) => `shell pipe, ${tables}`;
const whole = (tables) => `syncline sync, ${tables}`;

function aimsOf(results) {
  const aim = (name, base, limit) => ({
    aim: `${name}, against ${base}`,
    measured: ratio(results, name, base),
    limit,
    unit: "×",
    fullSize: true,
  });
  return [
    aim(pipe("final_only"), TEXT_COPY, 1.25),
    aim(whole("final_only"), TEXT_COPY, 1.35),
    aim(whole("final_only"), pipe("final_only"), 1.08),
    aim(whole("raw_and_final"), TEXT_COPY, 2.3),
    aim(whole("raw_and_final"), pipe("raw_and_final"), 1.08),
    aim(pipe("raw_and_final"), CTAS, 0.9),
  ];
}
