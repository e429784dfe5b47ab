import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import {
  type Checkpoint,
  checkpointsOf,
  countsAreTrue,
  keysOf,
  OFTEN,
  some,
} from "./checkpointed.ts";
import { type Printed, SourceDriver } from "./drive.ts";

type Mode = "overwrite" | "append";

async function refresh(
  source: Database,
  folder: string,
  mode: Mode = "overwrite",
  options = OFTEN,
) {
  const driver = new SourceDriver(source, folder, options);
  const streams = await driver.configure(["t"], { destination_sync_mode: mode });
  return {
    isResumable: streams[0]!.stream.is_resumable,
    read: (states?: readonly State[]) => driver.read(streams, states),
    start: (states?: readonly State[]) => driver.startReading(streams, states),
  };
}

/** A checkpoint in the middle of a read that was not the last. */
function middleOf(printed: Printed): Checkpoint {
  const all = checkpointsOf(printed);
  return all[Math.floor((all.length - 1) / 2)]!;
}

const shown = async (source: Database) =>
  (await source.rows("select id || ' ' || version from t")).map(([key]) => key!).toSorted();

const warnings = (printed: Printed) => printed.logs.filter((line) => line.startsWith("WARN"));

const TABLE = `create table t (id int, version int, pad text) with (autovacuum_enabled = false);
  insert into t select i, 0, repeat('x', 100) from generate_series(1, 8000) i`;

/** @guarantee one-moment */
it("resumes a full refresh at every checkpoint with exactly what the table shows then", async ({
  source,
  folder,
}) => {
  await source.exec(`${TABLE}; delete from t where id between 100 and 300`);
  await source.exec("vacuum t");
  const stream = await refresh(source, folder);
  const late = await connect(source.config, { applicationName: "test" });
  // Fills space of the first blocks, from a transaction and a savepoint that are open meanwhile.
  await late.query(
    "begin; insert into public.t values (-1, 1); savepoint s; insert into public.t values (-2, 1)",
  );
  await source.exec("insert into t values (-3, 1)");

  const whole = await stream.read();
  await late.query("commit");
  await late.end();
  await source.exec(
    "insert into t select -i, 1 from generate_series(10, 50) i; insert into t select 10000 + i, 1, repeat('y', 100) from generate_series(1, 500) i",
  );
  const expected = await shown(source);

  expect(stream.isResumable).toBe(true);
  expect(countsAreTrue(whole)).toBe(true);
  const checkpoints = checkpointsOf(whole).slice(0, -1);
  expect(checkpoints.length).toBeGreaterThan(5);
  for (const { state, before } of some(checkpoints)) {
    const resumed = await stream.read([state]);
    expect(resumed.exitCode).toBe(0);
    expect(warnings(resumed)).toEqual([]);
    expect([...keysOf(before), ...keysOf(resumed.rows("t"))].toSorted()).toEqual(expected);
    expect(countsAreTrue(resumed)).toBe(true);
    // And a crash of the resumed read is resumed like the first.
    for (const again of some(checkpointsOf(resumed).slice(0, -1)).slice(0, 2)) {
      const third = await stream.read([again.state]);
      const all = [...keysOf(before), ...keysOf(again.before), ...keysOf(third.rows("t"))];
      expect(all.toSorted()).toEqual(expected);
    }
  }
});

it("reads everything again when the last full refresh was finished", async ({ source, folder }) => {
  await source.exec(TABLE);
  const stream = await refresh(source, folder);
  const first = await stream.read();

  const second = await stream.read(first.states.slice(-1));

  expect(second.rows("t")).toHaveLength(8000);
});

it.for([
  ["updated", "update t set version = 1 where id = 3"],
  ["deleted", "delete from t where id in (3, 4)"],
] as const)(
  "mixes no two moments in a replaced table: a row delivered before was %s",
  async ([, change], { source, folder }) => {
    await source.exec(TABLE);
    const replacing = await refresh(source, folder);
    const appending = await refresh(source, folder, "append");
    const { state, before } = middleOf(await replacing.read());
    await source.exec(change);

    const replaced = await replacing.read([state]);
    const appended = await appending.read([state]);

    expect(replaced.exitCode).toBe(1);
    expect(replaced.rows("t")).toEqual([]);
    expect(replaced.statuses).toEqual(["t STARTED", "t INCOMPLETE"]);
    expect(replaced.errors[0]).toMatchObject({
      failure_type: "transient_error",
      internal_message: expect.stringMatching(/^state\.superseded/),
      message: expect.stringMatching(/ of \d+ rows .* changed or deleted/),
    });
    expect(appended.exitCode).toBe(0);
    expect(warnings(appended)).toEqual([expect.stringMatching(/public\.t: [12] of \d+ rows/)]);
    const keys = new Set([...keysOf(before), ...keysOf(appended.rows("t"))]);
    expect((await shown(source)).filter((key) => !keys.has(key))).toEqual([]);
    expect(keys.size).toBe(before.length + appended.rows("t").length);
  },
);

it("goes on when rows changed that were not delivered yet", async ({ source, folder }) => {
  await source.exec(TABLE);
  const stream = await refresh(source, folder);
  const { state, before } = middleOf(await stream.read());
  await source.exec("update t set version = 1 where id > 7900; delete from t where id = 7900");

  const resumed = await stream.read([state]);

  const keys = [...keysOf(before), ...keysOf(resumed.rows("t"))];
  expect(keys.toSorted()).toEqual(await shown(source));
});

it.for([
  ["VACUUM FULL moved its rows", "vacuum full t"],
  ["it was truncated", "truncate t"],
  ["it is another table now", "drop table t; create table t (id int, version int, pad text)"],
] as const)(
  "starts a full refresh again when its table is not the same: %s",
  async ([, change], { source, folder }) => {
    await source.exec(TABLE);
    const replacing = await refresh(source, folder);
    const appending = await refresh(source, folder, "append");
    const { state } = middleOf(await replacing.read());
    await source.exec(change);

    const replaced = await replacing.read([state]);
    const appended = await appending.read([state]);

    expect(replaced.errors[0]?.internal_message).toMatch(/^state\.superseded/);
    expect(replaced.rows("t")).toEqual([]);
    expect(appended.exitCode).toBe(0);
    expect(warnings(appended)).toEqual([expect.stringMatching(/everything is read again/)]);
    expect(keysOf(appended.rows("t")).toSorted()).toEqual(await shown(source));
  },
);

it("carries no places to resume from where the read ends before the first checkpoint", async ({
  source,
  folder,
}) => {
  await source.exec(TABLE);
  const stream = await refresh(source, folder, "overwrite", {
    checkpoint_target_interval_seconds: 3600,
  });

  const printed = await stream.read();

  expect(printed.states).toHaveLength(1);
  expect(printed.rows("t")).toHaveLength(8000);
});

it("prints a last state when a full refresh is asked to stop, and resumes there", async ({
  source,
  folder,
}) => {
  await source.exec(
    "create table t as select i as id, 0 as version, repeat('x', 1000) as pad from generate_series(1, 100000) i",
  );
  const stream = await refresh(source, folder, "overwrite", {
    checkpoint_target_interval_seconds: 20,
  });
  const running = await stream.start();
  await running.line((line) => line.startsWith('{"type":"RECORD"'));
  running.kill("SIGINT");
  const finished = await running.finished;
  const messages = finished.messages();

  const states = messages.flatMap((message) => (message.type === "STATE" ? [message.state] : []));
  const before = messages.filter((message) => message.type === "RECORD").length;
  expect(finished.exitCode).toBe(130);
  expect(states.map((state) => state.sourceStats?.recordCount)).toEqual([before]);
  expect(before).toBeLessThan(100_000);
  const resumed = await stream.read(states);
  expect(resumed.rows("t")).toHaveLength(100_000 - before);
});
