import { measure } from "../measure.mjs";
import { completeLine, expectRows, inRounds, ratio, writeLines, writer } from "./scenario.mjs";

const CLEAN = "no bad rows";
const MISFITS = "1 % bad rows, found by us";
const REFUSED = "1 % bad rows, refused by the server";

const STREAM = {
  name: "orders",
  namespace: "public",
  supported_sync_modes: ["full_refresh"],
  json_schema: {
    type: "object",
    properties: {
      id: { type: "integer", "x-postgres-type": "bigint" },
      code: { type: "string", "x-postgres-type": "character varying(20)" },
      amount: { type: "number", "x-postgres-type": "numeric(12,2)" },
      note: { type: "string", "x-postgres-type": "text" },
      at: {
        type: "string",
        format: "date-time",
        airbyte_type: "timestamp_with_timezone",
        "x-postgres-type": "timestamp with time zone",
      },
    },
  },
};

/** What rows cost that do not fit their columns, beside a load of the same rows that all do. */
export const badRows = {
  name: "bad rows",

  async run(stage, { rows, runs }) {
    const count = Math.max(1000, Math.round(rows / 4));
    const write = await writer(stage, "orders", STREAM, { column_types: "native" });
    const load = async (name, line) => {
      const path = await writeLines(stage, name, count + 1, (i) =>
        i === count ? completeLine(STREAM) : line(i),
      );
      return {
        prepare: () => stage.emptyDestination(),
        run: () => measure([{ file: "cat", args: [path] }, write]),
        verify: () => expectRows(stage, "orders", count),
      };
    };
    const results = await inRounds(
      {
        [CLEAN]: await load("clean.ndjson", (i) => recordOf(i)),
        [MISFITS]: await load("misfits.ndjson", (i) =>
          recordOf(i, isBad(i) ? { at: '"n/a"' } : {}),
        ),
        [REFUSED]: await load("refused.ndjson", (i) =>
          recordOf(i, isBad(i) ? { code: `"${"x".repeat(30)}"` } : {}),
        ),
      },
      runs,
    );
    return {
      results,
      rows: count,
      base: CLEAN,
      aims: [MISFITS, REFUSED].map((name) => ({
        aim: `${name}, against none`,
        measured: ratio(results, name, CLEAN),
        limit: 2,
        unit: "×",
      })),
    };
  },
};

/** Spread as chance would spread them, the same in every run. */
function isBad(i) {
  return (Math.imul(i + 1, 2_654_435_761) >>> 8) % 100 === 0;
}

function recordOf(i, { code = `"c-${i}"`, at = '"2022-09-01T16:30:13.939030Z"' } = {}) {
  const data = `{"id":${i},"code":${code},"amount":${i / 100},"note":"a note of some length, and ${i * 7919}","at":${at}}`;
  return `{"type":"RECORD","record":{"stream":"orders","namespace":"public","emitted_at":1663940000000,"data":${data}}}`;
}
