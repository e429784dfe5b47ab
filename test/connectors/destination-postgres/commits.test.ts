import { describe, expect } from "vitest";
import { type Database, it } from "../../support/fixtures.ts";
import { complete, INTEGER, record, startWrite, state, stream, text } from "./drive.ts";

const things = (name: string, mode: "append" | "append_dedup" = "append") =>
  stream({ name, properties: { id: INTEGER }, incremental: true, mode, key: ["id"], cursor: "id" });

const incomplete = (name: string) => {
  const said = complete(name);
  said.trace.stream_status.status = "INCOMPLETE";
  return said;
};

const idsOf = async (destination: Database, table: string) => {
  const rows = await destination.rows(`select id from ${table} order by id`);
  return rows.map(([id]) => Number(id));
};

/** Waits until a session of the destination waits for a lock. */
async function untilBlocked(destination: Database): Promise<void> {
  for (;;) {
    const rows = await destination.rows(
      `select 1 from pg_locks join pg_database d on d.oid = database
        where d.datname = current_database() and not granted`,
    );
    if (rows.length > 0) return;
  }
}

/** @guarantee state-behind-rows */
describe("what is received while a commit is under way", () => {
  for (const mode of ["append", "append_dedup"] as const)
    it(`waits for the next one: a STATE is printed only when its rows are there (${mode})`, async ({
      destination,
      folder,
    }) => {
      const streams = [things("demo", mode)];
      const env = { SYNCLINE_CONNECTION_ID: "c" };
      const writing = await startWrite(destination, folder, streams, { env });
      writing.write(text([record("demo", { id: 1 }), state("demo", { n: 1 })]));
      await writing.line((line) => line.includes('"n":1'));
      await destination.exec("begin; lock table demo in access exclusive mode");

      writing.write(text([record("demo", { id: 2 }), state("demo", { n: 2 })]));
      await untilBlocked(destination);
      writing.write(text([record("demo", { id: 3 }), state("demo", { n: 3 })]));
      await destination.exec("commit");

      await writing.line((line) => line.includes('"n":3'));
      expect(await idsOf(destination, "demo")).toEqual([1, 2, 3]);
      writing.write(text([complete("demo")]));
      writing.endInput();
      expect((await writing.finished).exitCode).toBe(0);
    });
});

describe("a destination that waits for somebody's lock", () => {
  it("stops soon after SIGTERM, with what it has committed", async ({ destination, folder }) => {
    const env = { SYNCLINE_CONNECTION_ID: "c" };
    const writing = await startWrite(destination, folder, [things("demo")], { env });
    writing.write(text([record("demo", { id: 1 }), state("demo", { n: 1 })]));
    await writing.line((line) => line.includes('"n":1'));
    await destination.exec("begin; lock table demo in access exclusive mode");
    writing.write(text([record("demo", { id: 2 }), state("demo", { n: 2 })]));
    await untilBlocked(destination);

    const start = performance.now();
    writing.kill("SIGTERM");
    const { exitCode, stdout } = await writing.finished;
    await destination.exec("commit");

    expect(exitCode).toBe(143);
    // Without asking the server it would be a minute.
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(stdout).not.toContain('"n":2');
    expect(await idsOf(destination, "demo")).toEqual([1]);
  });
});

/** @guarantee streams-fail-alone */
describe("a stream that its source gives up", () => {
  for (const mode of ["append", "append_dedup"] as const)
    it(`loses what no STATE covers, and nothing else is touched (${mode})`, async ({
      destination,
      folder,
    }) => {
      const streams = [things("bad", mode), things("good", mode)];
      const env = {
        SYNCLINE_CONNECTION_ID: "c",
        // Every row is a batch: what no STATE covers is sent all the same.
        SYNCLINE_LIMITS: JSON.stringify({ batchRows: 1, lanes: 1 }),
      };
      const writing = await startWrite(destination, folder, streams, { env });
      writing.write(
        text([
          record("bad", { id: 1 }),
          state("bad", { n: 1 }),
          record("bad", { id: 2 }),
          record("bad", { id: 3 }),
          incomplete("bad"),
          record("good", { id: 1 }),
          record("good", { id: 2 }),
          state("good", { n: 2 }),
          complete("good"),
        ]),
      );
      writing.endInput();

      const finished = await writing.finished;

      expect(finished.exitCode).toBe(1);
      expect(finished.stdout).toContain("complete: bad");
      expect(await idsOf(destination, "bad")).toEqual([1]);
      expect(await idsOf(destination, "good")).toEqual([1, 2]);
      const states = finished.messages().filter(({ type }) => type === "STATE");
      expect(states).toHaveLength(2);
    });

  it("costs the others nothing when their records come between its own", async ({
    destination,
    folder,
  }) => {
    const streams = [things("bad"), things("good"), stream({ name: "new", mode: "overwrite" })];
    const env = {
      SYNCLINE_CONNECTION_ID: "c",
      SYNCLINE_LIMITS: JSON.stringify({ batchRows: 1, lanes: 3, chunkBytes: 40 }),
    };
    const writing = await startWrite(destination, folder, streams, { env });
    const lines: (object | string)[] = [state("good", { n: 0 })];
    for (let id = 1; id <= 20; id++) {
      lines.push(record("bad", { id }), record("good", { id }), record("new", { id, name: "x" }));
      if (id % 5 === 0) lines.push(state("good", { n: id }));
    }
    lines.push(complete("new"), complete("good"));
    writing.write(text(lines));
    writing.endInput();

    const finished = await writing.finished;

    expect(finished.exitCode).toBe(1);
    expect(await idsOf(destination, "good")).toHaveLength(20);
    expect(await idsOf(destination, "new")).toHaveLength(20);
    const [bad] = await destination.rows("select to_regclass('bad')");
    expect(bad).toEqual([null]);
  });
});

/** @guarantee tables-owned */
it("ends every session of a writer that was stopped, so that the next one does not wait for it", async ({
  destination,
  folder,
}) => {
  const streams = [things("a"), things("b"), things("c")];
  const env = {
    SYNCLINE_CONNECTION_ID: "c",
    SYNCLINE_LIMITS: JSON.stringify({ batchRows: 1, chunkBytes: 60 }),
  };
  const stopped = await startWrite(destination, folder, streams, { env });
  const lines: (object | string)[] = [record("a", { id: 0 }), state("a", { n: 0 })];
  for (let id = 1; id <= 5; id++)
    lines.push(...streams.map(({ name }) => record(name, { id: id * 10 })));
  stopped.write(text(lines));
  await untilSessions(destination, 3);
  stopped.kill("SIGSTOP");

  const next = await startWrite(destination, folder, streams, { env });
  next.write(text(streams.flatMap(({ name }) => [record(name, { id: 1 }), complete(name)])));
  next.endInput();

  expect((await next.finished).exitCode).toBe(0);
  stopped.kill("SIGCONT");
  stopped.endInput();
  expect((await stopped.finished).exitCode).toBe(1);
  for (const { name } of streams) expect(await idsOf(destination, name)).toContain(1);
  for (const name of ["b", "c"]) expect(await idsOf(destination, name)).toEqual([1]);
});

/** Waits until the destination has so many sessions with an open transaction that wrote something. */
async function untilSessions(destination: Database, count: number): Promise<void> {
  for (;;) {
    const [row] = await destination.rows(
      `select count(*) from pg_stat_activity
        where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()`,
    );
    if (Number(row![0]) >= count) return;
  }
}

/** @guarantee added-once */
it("adds no row twice when one of the streams that share a state is not complete", async ({
  destination,
  folder,
}) => {
  const streams = [things("a"), things("b")];
  const env = { SYNCLINE_CONNECTION_ID: "c" };
  const global = (at: number) => ({
    type: "STATE",
    state: { type: "GLOBAL", global: { shared_state: { at }, stream_states: [] } },
  });
  const run = async (lines: readonly (object | string)[]) => {
    const writing = await startWrite(destination, folder, streams, { env });
    writing.write(text(lines));
    writing.endInput();
    return writing.finished;
  };
  const ones = [record("a", { id: 1 }), record("b", { id: 1 }), global(1)];

  // COMPLETE of `a` stands for nothing yet: its source goes on from the state, and sends 2 again.
  const cut = await run([...ones, record("a", { id: 2 }), complete("a"), record("b", { id: 2 })]);
  expect(cut.exitCode).toBe(1);
  expect(await idsOf(destination, "a")).toEqual([1]);

  const twos = [record("a", { id: 2 }), complete("a"), record("b", { id: 2 }), complete("b")];
  const rest = await run(twos);

  expect(rest.exitCode).toBe(0);
  expect(await idsOf(destination, "a")).toEqual([1, 2]);
  expect(await idsOf(destination, "b")).toEqual([1, 2]);
});
