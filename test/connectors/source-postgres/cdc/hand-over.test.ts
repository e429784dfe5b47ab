import { describe, expect } from "vitest";
import { ChangeSource, Reading } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";
import { Replica } from "./replica.ts";

const it = onOwnServer();

describe("under change data capture", () => {
  it("loads tables, then follows them, and goes on from every state it printed", async ({
    database,
  }) => {
    await database.exec(`create table t (id int primary key, v text);
      create table u (a int, b text); alter table u replica identity full;
      insert into t select i, 'v' || i from generate_series(1, 3) i; insert into u values (1, 'x');
      create publication syncline_test for all tables`);
    const source = new ChangeSource(database);
    const streams = await source.streams(["t", "u"]);

    const first = await source.readWell(streams);
    expect(first.story("t")).toEqual([
      '{"id":1,"v":"v1"}',
      '{"id":2,"v":"v2"}',
      '{"id":3,"v":"v3"}',
    ]);
    expect(first.statuses).toEqual([
      "t STARTED",
      "t RUNNING",
      "u STARTED",
      "u RUNNING",
      "t COMPLETE",
      "u COMPLETE",
    ]);
    await database.exec(`insert into t values (4, 'four')`);
    await database.exec(`begin; update t set v = 'three' where id = 3; update t set id = 20 where id = 2;
      delete from t where id = 1; update u set b = 'y'; commit`);
    await database.exec("truncate u");

    const second = await source.readWell(streams, { state: first.lastState });
    expect(second.story("t")).toEqual([
      '{"id":4,"v":"four"}',
      '{"id":3,"v":"three"}',
      '- {"id":2,"v":null}',
      '{"id":20,"v":"v2"}',
      '- {"id":1,"v":null}',
    ]);
    expect(second.story("u")).toEqual(['{"a":1,"b":"y"}', '- {} {"operation":"truncate"}']);
    expect((await source.readWell(streams, { state: second.lastState })).records()).toEqual([]);
  });

  it("tells the same story from wherever it goes on", async ({ database }) => {
    await database.exec(`create table t (id int primary key, v int, filler text);
      create publication syncline_test for all tables;
      insert into t select i, 0 from generate_series(1, 20) i`);
    const source = new ChangeSource(database);
    const streams = await source.streams(["t"]);
    const limits = { checkpointSeconds: 0 };
    let { lastState: state } = await source.readWell(streams);
    for (let i = 1; i <= 30; i++)
      await database.exec(
        `update t set v = ${i} where id % 7 = ${i % 7}; insert into t values (${100 + i}, 0, repeat('x', 8000))`,
      );
    const whole = await source.readWell(streams, { state, limits });
    expect(whole.states.length).toBeGreaterThan(1);
    const story = whole.story("t");
    for (const [at, message] of whole.messages.entries()) {
      if (message.type !== "STATE") continue;
      const before = new Reading();
      before.messages.push(...whole.messages.slice(0, at));
      state = message.state;
      const after = await source.readWell(streams, { state });
      expect([...before.story("t"), ...after.story("t")]).toEqual(story);
    }
  });

  it("hands over from table to log without a gap or a repetition, whatever commits meanwhile", async ({
    database,
  }) => {
    await database.exec(`create table t (id int primary key, v int);
      create publication syncline_test for all tables`);
    const source = new ChangeSource(database);
    const streams = await source.streams(["t"]);
    let isOver = false;
    let writes = 0;
    const writer = (async () => {
      for (; !isOver; writes++)
        await database.exec(
          `begin; insert into t values (${writes}, 0); savepoint s; update t set v = v + 1 where id = ${writes >> 1}; commit`,
        );
    })();
    const readings: Reading[] = [];
    try {
      for (let i = 0; i < 5; i++)
        readings.push(await source.readWell(streams, { state: readings.at(-1)?.lastState }));
    } finally {
      isOver = true;
      await writer;
    }
    readings.push(await source.readWell(streams, { state: readings.at(-1)!.lastState }));
    const replica = new Replica("id");
    const records = readings.flatMap((reading) => reading.records("t"));
    replica.take(records);
    const rows = await database.query('select id, v from t order by id::text collate "C"');
    expect(replica.rows).toEqual(rows.map(({ id, v }) => ({ id: Number(id), v: Number(v) })));
    const versions = records.map(({ data }) => JSON.stringify([data["id"], data["v"]]));
    expect(new Set(versions).size).toBe(versions.length);
  });
});
