/** @guarantee every-row-arrives */
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { type Action, startProxy } from "../../support/proxy.ts";
import { complete, errorOf, INTEGER, record, stream, write } from "./drive.ts";

const ROWS = 400;
const properties = {
  id: INTEGER,
  code: { type: "string", "x-postgres-type": "character varying(6)" },
};
/** Values that only the server can judge: some alone, some in batches that follow each other. */
const isBad = (id: number) => id % 31 === 0 || (id > 200 && id < 220) || id === ROWS;
const rows = Array.from({ length: ROWS }, (_, at) => ({
  id: at + 1,
  code: isBad(at + 1) ? "too long by far" : `c${at + 1}`,
}));

it.for(["final_only", "raw_and_final"])(
  "batches that are under way behind a refused one arrive behind it, once each: %s",
  async (tables, { destination, folder }) => {
    const seen = { underWay: 0, most: 0, behindRefused: 0 };
    const proxy = await startProxy(
      destination.config,
      async ({ from, type, text }): Promise<Action> => {
        if (from === "client" && type === "Q" && text.startsWith("savepoint load"))
          seen.most = Math.max(seen.most, ++seen.underWay);
        if (from === "client") return "pass";
        if (type === "E" && text.includes("25P02")) seen.behindRefused++;
        const isAnswer = type === "E" || (type === "C" && text.startsWith("COPY"));
        if (isAnswer) await wait(5); // as if the server were far away
        if (isAnswer) seen.underWay--;
        return "pass";
      },
    );
    const { host, port } = proxy;
    const far = { config: { ...destination.config, host, port } };
    try {
      const run = await write(
        far,
        folder,
        [stream({ properties })],
        [...rows.map((row) => record("demo", row)), complete("demo")],
        {
          config: { column_types: "native", tables },
          env: { SYNCLINE_LIMITS: JSON.stringify({ batchRows: 5, chunkBytes: 400 }) },
        },
      );

      expect(errorOf(run)).toBe("");
      expect(await destination.rows("select id, code from demo order by ctid")).toEqual(
        rows.map(({ id, code }) => [`${id}`, isBad(id) ? null : code]),
      );
      expect(seen.most).toBeGreaterThan(1);
      expect(seen.behindRefused).toBeGreaterThan(0);
    } finally {
      await proxy.close();
    }
  },
);
