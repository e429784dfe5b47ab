import { expect } from "vitest";
import type { State } from "../../../../protocol/messages.ts";
import { readStateFile, type SavedState } from "../../../../protocol/state-file.ts";
import { ChangeSource, type Reading, until } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer();

/** A destination's word, given when the test says so. */
class Word {
  readonly #states: SavedState[] = [];
  #wake = () => {};
  #isOver = false;

  give(state: State): void {
    this.#states.push(readStateFile(Buffer.from(JSON.stringify([state]))));
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SavedState> {
    for (;;) {
      for (const state of this.#states.splice(0)) yield state;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

const lsnOf = (state: State | undefined) =>
  (state?.global?.shared_state as { lsn: string } | undefined)?.lsn;

it("moves the slot to what the destination has committed, and never beyond", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  const made = await source.confirmed();
  await database.exec("insert into t values (1)");
  // Nobody hears of anything: the slot stays where it is.
  const second = await source.readWell(streams, { state: first.lastState });
  expect(await source.confirmed()).toBe(made);
  // Whoever goes on from a state has everything before it.
  await database.exec("insert into t values (2)");
  const word = new Word();
  const reading = source.readWell(streams, {
    state: second.lastState,
    acknowledged: word,
    onMessage: async (message) => {
      if (message.type !== "STATE") return;
      await until(async () => (await source.confirmed()) === lsnOf(second.lastState));
      setTimeout(() => word.give(message.state), 50);
    },
  });
  const third = await reading;
  expect(await source.confirmed()).toBe(lsnOf(third.lastState));
});

it("ends without an acknowledgement that does not come, and moves nothing", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const { lastState: state } = await source.readWell(streams);
  await database.exec("insert into t values (1)");
  const limits = { acknowledgedSeconds: 0.1 };
  const read = await source.readWell(streams, { state, acknowledged: new Word(), limits });
  expect(read.story("t")).toEqual(['{"id":1}']);
  expect(await source.confirmed()).toBe(lsnOf(state));
  const over = new Word();
  over.end();
  await source.readWell(streams, { state, acknowledged: over });
  expect(await source.confirmed()).toBe(lsnOf(state));
});

it("follows until it is asked to stop, and then ends in good order", async ({ database }) => {
  await database.exec(`create table t (id int primary key);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const stop = new AbortController();
  const word = new Word();
  const seen: string[] = [];
  let last: State | undefined;
  const reading: Promise<Reading> = source.readWell(streams, {
    follow: true,
    stop: stop.signal,
    acknowledged: word,
    limits: { followSeconds: 0.05, quietSeconds: 0.2 },
    onMessage: (message) => {
      if (message.type === "RECORD") seen.push(JSON.stringify(message.record.data["id"]));
      if (message.type !== "STATE") return;
      seen.push("STATE");
      last = message.state;
      word.give(message.state);
    },
  });
  for (let id = 1; id <= 5; id++) {
    await until(() => seen.at(-1) === "STATE");
    const [row] = await database.query(
      `with new as (insert into t values (${id}) returning id) select pg_current_wal_insert_lsn()::text as lsn from new`,
    );
    await until(() => seen.includes(String(id)) && seen.at(-1) === "STATE");
    expect(row).toBeDefined();
  }
  await until(async () => (await source.confirmed()) === lsnOf(last));
  // Others' log moves the slot, too.
  const before = await source.confirmed();
  await database.exec("create table other (a int); insert into other values (1); drop table other");
  await until(async () => (await source.confirmed()) !== before);
  stop.abort();
  const { statuses, lastState } = await reading;
  expect(statuses).toEqual(["t STARTED", "t RUNNING", "t COMPLETE"]);
  expect(await source.confirmed()).toBe(lsnOf(lastState));
  expect(seen.filter((word_) => word_ !== "STATE")).toEqual(["1", "2", "3", "4", "5"]);
});

it("ends a large transaction before it stops", async ({ database }) => {
  await database.exec(`create table t (id int primary key, pad text);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const { lastState: state } = await source.readWell(streams);
  await database.exec(
    "insert into t select i, repeat('x', 500) from generate_series(1, 20000) i; insert into t values (0)",
  );
  const stop = new AbortController();
  const read = await source.readWell(streams, {
    state,
    stop: stop.signal,
    limits: { sourceBlockBytes: 1000 },
    onMessage: (message) => void (message.type === "RECORD" && stop.abort()),
  });
  expect(read.records("t")).toHaveLength(20001);
  const again = await source.readWell(streams, { state: read.lastState });
  expect(again.records("t")).toEqual([]);
});
