import { describe, expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { limitsEnvironment } from "../../support/run.ts";
import { complete, INTEGER, record, startWrite, state, stream, text, write } from "./drive.ts";

/** Every row is a batch, and commits wait for the end. */
const env = {
  SYNCLINE_CONNECTION_ID: "shop",
  ...limitsEnvironment({ batchRows: 1, commitMs: 100_000, idleMs: 100_000, lanes: 1 }),
};

const things = (name: string, mode: "append" | "append_dedup") =>
  stream({ name, properties: { id: INTEGER }, incremental: true, mode, key: ["id"], cursor: "id" });

const globalState = (at: number) => ({
  type: "STATE",
  state: { type: "GLOBAL", global: { shared_state: { at }, stream_states: [] } },
});

/** @guarantee streams-fail-alone */
describe("what was sent behind the last STATE and taken back", () => {
  for (const mode of ["append", "append_dedup"] as const)
    it(`takes with it the tables made for it, and leaves the rows before it (${mode})`, async ({
      destination,
      folder,
    }) => {
      const streams = [things("first", mode), things("second", mode)];
      const lines = [
        record("first", { id: 1 }),
        globalState(1),
        record("first", { id: 2 }),
        record("second", { id: 1 }),
      ];

      const finished = await write(destination, folder, streams, lines, { env });

      expect(finished.exitCode).toBe(1);
      expect(finished.stdout).toContain("complete: first, second");
      expect(finished.messages().filter(({ type }) => type === "STATE")).toHaveLength(1);
      expect(await destination.rows("select id from first")).toEqual([["1"]]);
      expect(await destination.rows("select to_regclass('second')")).toEqual([[null]]);
    });
});

describe("what is in hand behind the last STATE of a stream that is given up", () => {
  it("is forgotten, and the rows before it are committed", async ({ destination, folder }) => {
    const streams = [things("bad", "append"), things("good", "append")];
    const said = complete("bad");
    said.trace.stream_status.status = "INCOMPLETE";
    const limits = limitsEnvironment({ batchRows: 1, idleMs: 1 });
    const writing = await startWrite(destination, folder, streams, { env: { ...env, ...limits } });
    writing.write(
      text([record("bad", { id: 1 }), state("bad", { at: 1 }), record("bad", { id: 2 }), said]),
    );
    await writing.line((line) => line.includes('"at":1'));

    writing.write(text([record("good", { id: 1 }), complete("good")]));
    writing.endInput();
    const finished = await writing.finished;

    expect(finished.stdout).toContain("complete: bad");
    expect(await destination.rows("select id from bad")).toEqual([["1"]]);
    expect(await destination.rows("select id from good")).toEqual([["1"]]);
  });
});
