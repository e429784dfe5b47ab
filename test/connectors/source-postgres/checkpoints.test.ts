import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { checkpointsOf, countsAreTrue, keysOf, OFTEN, some } from "./checkpointed.ts";
import { SourceDriver } from "./drive.ts";

async function incremental(source: Database, folder: string, cursor: string, options = OFTEN) {
  const driver = new SourceDriver(source, folder, options);
  const streams = await driver.configure(["t"], {
    sync_mode: "incremental",
    cursor_field: [cursor],
  });
  return {
    read: (states?: readonly State[]) => driver.read(streams, states),
    start: (states?: readonly State[]) => driver.startReading(streams, states),
  };
}

const TABLE = "create table t (id int primary key, c timestamp not null, version int, pad text)";

/** @guarantee added-once */
it("resumes a first load at every checkpoint, with what changed in between, exactly once", async ({
  source,
  folder,
}) => {
  await source.exec(`${TABLE};
    insert into t select i, '2024-01-01'::timestamp + i * interval '0.1 s', 0, repeat('x', 100) from generate_series(1, 8000) i;
    delete from t where id between 100 and 300`);
  await source.exec("vacuum t");
  const stream = await incremental(source, folder, "c");
  const late = await connect(source.config, { applicationName: "test" });
  await late.query("begin; insert into public.t values (150, '2024-01-01 00:02:30', 0)");
  await source.exec("insert into t values (151, '2024-01-01 00:02:31', 0)");

  const whole = await stream.read();
  await late.query("commit");
  await late.end();
  await source.exec(`update t set version = 1, c = '2024-02-01' where id % 40 = 0;
    insert into t values (9001, '2024-02-01', 0), (200, '2024-02-01', 0)`);
  const expected = (await source.rows("select id || ' ' || version from t")).map(([key]) => key!);

  const checkpoints = checkpointsOf(whole);
  expect(checkpoints.length).toBeGreaterThan(5);
  expect(countsAreTrue(whole)).toBe(true);
  for (const { state, before } of some(checkpoints)) {
    const resumed = await stream.read([state]);
    const keys = [...keysOf(before), ...keysOf(resumed.rows("t"))];
    expect(new Set(keys).size).toBe(keys.length);
    expect(expected.filter((key) => !keys.includes(key))).toEqual([]);
    // Only versions that are gone now were printed besides.
    expect(keys.filter((key) => !expected.includes(key) && !key.endsWith(" 0"))).toEqual([]);
    // And a crash of the resumed read is resumed like the first.
    for (const again of some(checkpointsOf(resumed)).slice(0, 2)) {
      const third = await stream.read([again.state]);
      const all = [...keysOf(before), ...keysOf(again.before), ...keysOf(third.rows("t"))];
      expect(all.toSorted()).toEqual(keys.toSorted());
    }
  }
});

/** @guarantee added-once */
it("resumes a read from the cursor at every checkpoint, never within a tie", async ({
  source,
  folder,
}) => {
  await source.exec(`${TABLE}; insert into t values (0, '2024-01-01 01:00', 0)`);
  const stream = await incremental(source, folder, "c");
  const late = await connect(source.config, { applicationName: "test" });
  // More than one chunk of late rows: no state may come between them.
  await late.query(`begin; insert into public.t
    select -i, '2024-01-01 01:00'::timestamp - i * interval '1 s', 0, repeat('x', 100) from generate_series(1, 3000) i`);
  const first = await stream.read();
  await late.query("commit; begin; insert into public.t values (-5001, '2024-01-01 01:01', 0)");
  await source.exec(`insert into t select i, '2024-01-01 01:00'::timestamp + (i / 7) * interval '1 s', 0, repeat('x', 100)
    from generate_series(8000, 1, -1) i`);

  const whole = await stream.read(first.states.slice(-1));
  await late.query("commit");
  await late.end();
  await source.exec("insert into t values (-5002, '2024-03-01', 0)");

  const checkpoints = checkpointsOf(whole);
  expect(checkpoints.length).toBeGreaterThan(5);
  expect(countsAreTrue(whole)).toBe(true);
  const all = keysOf(whole.rows("t"));
  for (const { state, before } of some(checkpoints)) {
    const last = before.at(-1)?.["c"];
    expect(whole.rows("t")[before.length]?.["c"]).not.toBe(last);
    const resumed = await stream.read([state]);
    const keys = [...keysOf(before), ...keysOf(resumed.rows("t"))];
    expect(keys.toSorted()).toEqual([...all, "-5001 0", "-5002 0"].toSorted());
  }
});

it("loses no row whose cursor is infinite or equal under another spelling", async ({
  source,
  folder,
}) => {
  await source.exec(
    "create table t (id int, version int, c numeric not null, pad text); insert into t values (0, 0, 0)",
  );
  const stream = await incremental(source, folder, "c");
  const first = await stream.read();
  await source.exec(`insert into t select i, 0, case when i % 2 = 0 then i / 1000 + 1 else (i / 1000 + 1) * 1.00 end, repeat('x', 100)
    from generate_series(1, 8000) i`);
  const ties = await stream.read(first.states.slice(-1));
  await source.exec(`insert into t select i, 1, 10 + i, repeat('x', 100) from generate_series(1, 3000) i;
    insert into t values (0, 1, 'NaN')`);
  const infinite = await stream.read(ties.states.slice(-1));

  expect(ties.states.length).toBeGreaterThan(2);
  for (const [whole, states] of [
    [ties, checkpointsOf(ties)],
    [infinite, checkpointsOf(infinite)],
  ] as const)
    for (const { state, before } of some(states)) {
      const resumed = await stream.read([state]);
      const keys = new Set([...keysOf(before), ...keysOf(resumed.rows("t"))]);
      expect(keysOf(whole.rows("t")).filter((key) => !keys.has(key))).toEqual([]);
    }
});

it("prints no state within 100,000 rows that share one cursor value", async ({
  source,
  folder,
}) => {
  await source.exec(`${TABLE}; insert into t values (0, '2024-01-01', 0)`);
  const stream = await incremental(source, folder, "c");
  const first = await stream.read();
  await source.exec("insert into t select i, '2024-01-02', 0 from generate_series(1, 100000) i");

  const second = await stream.read(first.states.slice(-1));

  expect(second.states.map((state) => state.sourceStats?.recordCount)).toEqual([100_000]);
});

it("starts a first load again when the table was rewritten meanwhile, and says so", async ({
  source,
  folder,
}) => {
  await source.exec(
    `${TABLE}; insert into t select i, '2024-01-01', 0, repeat('x', 100) from generate_series(1, 8000) i`,
  );
  const stream = await incremental(source, folder, "c");
  const whole = await stream.read();
  await source.exec("vacuum full t");

  const resumed = await stream.read(whole.states.slice(0, 1));

  expect(resumed.rows("t")).toHaveLength(8000);
  expect(resumed.logs.filter((line) => line.startsWith("WARN"))).toEqual([
    expect.stringContaining("the table was rewritten"),
  ]);
});

it("prints as many states as the interval asks for", async ({ source, folder }) => {
  await source.exec(
    `${TABLE}; insert into t select i, '2024-01-01', 0, repeat('x', 100) from generate_series(1, 8000) i`,
  );
  const rarely = await incremental(source, folder, "c", {
    checkpoint_target_interval_seconds: 3600,
  });

  const printed = await rarely.read();

  expect(printed.states).toHaveLength(1);
});

it.for([
  ["in a first load", false],
  ["in a read from the cursor", true],
] as const)(
  "prints a last state when it is asked to stop %s, and resumes there",
  async ([, isFollowing], { source, folder }) => {
    await source.exec(`${TABLE}; insert into t values (0, '2023-01-01', 0)`);
    const stream = await incremental(source, folder, "c", {
      checkpoint_target_interval_seconds: 3600,
    });
    const first = isFollowing ? (await stream.read()).states : undefined;
    await source.exec(
      "insert into t select i, '2024-01-01'::timestamp + (i / 3) * interval '1 s', 0, repeat('x', 1000) from generate_series(1, 100000) i",
    );
    const running = await stream.start(first);
    await running.line((line) => line.startsWith('{"type":"RECORD"'));
    running.kill("SIGTERM");
    const finished = await running.finished;
    const printed = finished.messages();

    const states = printed.flatMap((message) => (message.type === "STATE" ? [message.state] : []));
    const before = printed.filter((message) => message.type === "RECORD").length;
    expect(finished.exitCode).toBe(143);
    expect(states).toHaveLength(1);
    expect(states[0]?.sourceStats?.recordCount).toBe(before);
    expect(before).toBeLessThan(100_000);
    const resumed = await stream.read(states);
    expect(resumed.rows("t")).toHaveLength((isFollowing ? 100_000 : 100_001) - before);
  },
);
