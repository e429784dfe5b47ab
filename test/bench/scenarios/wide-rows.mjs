import { measure } from "../measure.mjs";
import { completeLine, expectRows, inRounds, ratio, writeLines, writer } from "./scenario.mjs";

const MODES = ["append", "append_dedup"];

/** As many columns as fit a page, and more: 990 fit the table that rows are loaded into, but no other. */
const WIDTHS = { fit: 950, "fit before the merge": 990, "fit nowhere": 1_050 };

/** What rows cost of which none fits a page, beside rows of nearly as many columns that do. */
export const wideRows = {
  name: "wide rows",

  async run(stage, { rows, runs }) {
    const count = Math.max(400, Math.round(rows / 1_000));
    const ways = {};
    for (const mode of MODES)
      for (const [what, width] of Object.entries(WIDTHS)) {
        const stream = streamOf(width);
        const write = await writer(stage, `${mode}-${width}`, stream, {}, mode);
        const path = await writeLines(stage, `${width}.ndjson`, count + 1, (i) =>
          i === count ? completeLine(stream) : recordOf(i, width),
        );
        ways[nameOf(mode, what)] = {
          prepare: () => stage.emptyDestination(),
          run: () => measure([{ file: "cat", args: [path] }, write]),
          verify: () => expectRows(stage, "wide", count),
        };
      }
    const results = await inRounds(ways, runs);
    const aims = MODES.flatMap((mode) =>
      Object.keys(WIDTHS)
        .slice(1)
        .map((what) => ({
          aim: `${nameOf(mode, what)}, against rows that fit`,
          measured: ratio(results, nameOf(mode, what), nameOf(mode, "fit")),
          limit: 2,
          unit: "×",
        })),
    );
    return { results, rows: count, aims };
  },
};

function nameOf(mode, what) {
  return `${mode}, rows that ${what}`;
}

function streamOf(width) {
  const columns = Array.from({ length: width }, (_, n) => [`c${n}`, { type: "integer" }]);
  return {
    name: "wide",
    namespace: "public",
    supported_sync_modes: ["full_refresh"],
    source_defined_primary_key: [["c0"]],
    json_schema: { type: "object", properties: Object.fromEntries(columns) },
  };
}

function recordOf(i, width) {
  const data = Object.fromEntries(Array.from({ length: width }, (_, n) => [`c${n}`, i + n]));
  return JSON.stringify({
    type: "RECORD",
    record: { stream: "wide", namespace: "public", emitted_at: 1, data },
  });
}
