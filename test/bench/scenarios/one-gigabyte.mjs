import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { measure } from "../measure.mjs";
import { completeLine, expectRows, inRounds, writeLines, writer } from "./scenario.mjs";

/** For each row of the main table: a gigabyte at the default size. */
const BYTES_PER_ROW = 1_000;
const CHUNK_ROWS = 100_000;

const STREAM = {
  name: "events",
  namespace: "public",
  supported_sync_modes: ["full_refresh"],
  json_schema: {
    type: "object",
    properties: { id: { type: "integer" }, note: { type: "string" }, body: { type: "object" } },
  },
};

/** Whether the destination needs more memory the longer it runs: a gigabyte at the default size, without a STATE. */
export const oneGigabyte = {
  name: "one gigabyte",

  async run(stage, { rows, runs }) {
    const lineOf = (i) =>
      `{"type":"RECORD","record":{"stream":"events","namespace":"public","emitted_at":1663940000000,"data":{"id":${i},"note":"${"a note, ".repeat(20)}","body":{"n":${i},"tags":["a","b"],"text":"${"b".repeat(100)}"}}}}`;
    const chunk = await writeLines(stage, "chunk.ndjson", CHUNK_ROWS, lineOf);
    const end = join(stage.folder, "end.ndjson");
    await writeFile(end, `${completeLine(STREAM)}\n`);
    const times = Math.ceil((BYTES_PER_ROW * rows) / (CHUNK_ROWS * lineOf(CHUNK_ROWS).length));
    const input = { file: "cat", args: [...Array(times).fill(chunk), end] };
    const load = async (tables) => {
      const write = await writer(stage, tables, STREAM, { tables });
      return {
        prepare: () => stage.emptyDestination(),
        run: () => measure([input, write]),
        verify: () => expectRows(stage, "events", times * CHUNK_ROWS),
      };
    };
    const results = await inRounds(
      {
        final_only: await load("final_only"),
        raw_and_final: await load("raw_and_final"),
      },
      Math.min(runs, 1),
    );
    return {
      results,
      rows: times * CHUNK_ROWS,
      aims: [],
    };
  },
};
