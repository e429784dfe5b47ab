import { expect } from "vitest";
import { connect } from "../../../../connectors/postgres/connection.ts";
import type { State } from "../../../../protocol/messages.ts";
import { ChangeSource, Reading } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";
import { Replica } from "./replica.ts";

const it = onOwnServer();

/** A STATE for each piece that the server's answer comes in, which are several for 600 kB. */
const OFTEN = { checkpointSeconds: 0, sourceBlockBytes: 1 };

const loadingIn = (state: State) =>
  state.global!.stream_states.some(({ stream_state: blob }) => blob?.["ctid"] !== undefined);

/** What was printed up to and with each STATE in the middle of a load; a few of them. */
function interruptions(reading: Reading): { state: State; before: Reading }[] {
  const found = reading.messages.flatMap((message, at) => {
    if (message.type !== "STATE" || !loadingIn(message.state)) return [];
    const before = new Reading();
    before.messages.push(...reading.messages.slice(0, at));
    return [{ state: message.state, before }];
  });
  expect(found.length).toBeGreaterThan(3);
  return [0, 0.3, 0.7, 0.99].map((part) => found[Math.floor(part * found.length)]!);
}

it("goes on with a first load where it was interrupted, exactly once", async ({ database }) => {
  await database.exec(`create table t (id int primary key, n int, pad text, big text);
    alter table t alter big set storage external;
    insert into t select i, 0, repeat('x', 300), repeat('y', 3000) from generate_series(1, 3000) i;
    delete from t where id between 500 and 600;
    create publication syncline_test for all tables`);
  await database.exec("vacuum t");
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams, { limits: OFTEN });
  const loads = interruptions(first);
  // New versions of rows on both sides of every place, in the room that others left as well.
  await database.exec(`update t set n = 1 where id % 10 = 0; delete from t where id % 10 = 3;
    insert into t select i, 2, '', 'big' from generate_series(510, 590) i`);
  const now = await database.query(
    'select id, n, md5(big) as big from t order by id::text collate "C"',
  );
  for (const { state, before } of loads) {
    const after = await source.readWell(streams, { state });
    const loaded = (reading: Reading) =>
      reading
        .records("t")
        .filter(({ data }) => data["_ab_cdc_lsn"] === lsn)
        .map(({ data }) => data["id"]);
    const lsn = before.records("t")[0]!.data["_ab_cdc_lsn"];
    const ids = [...loaded(before), ...loaded(after)];
    expect(new Set(ids).size).toBe(ids.length);
    // Each change comes once, whatever the load had come to.
    const changes = after.records("t").filter(({ data }) => data["_ab_cdc_lsn"] !== lsn);
    expect(changes.length).toBe(289 + 290 + 81);
    const replica = new Replica("id");
    replica.take([...before.records("t"), ...after.records("t")]);
    expect(replica.rows.map(({ id, n }) => [id, n])).toEqual(
      now.map(({ id, n }) => [Number(id), Number(n)]),
    );
    // Values that the log leaves out are there for rows that the load had not come to.
    expect(replica.rows.filter(({ big }) => big === null || big === undefined)).toEqual([]);
  }
});

it("tells savepoints of a transaction that ran at the snapshot from those that had ended", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key, n int);
    insert into t values (1, 0);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const warm = await source.readWell(streams);
  await database.exec(`create table u (id int primary key, pad text);
    begin; savepoint a; insert into u select i, repeat('x', 300) from generate_series(1, 2000) i; release a; commit`);
  // While the slot for u is made this one runs, which began behind the first.
  const other = await connect(database.config, { applicationName: "test" });
  await other.query("begin; savepoint a; insert into public.t values (2, 0); release a");
  const all = await source.streams(["t", "u"]);
  const reading = source.readWell(all, { state: warm.lastState, limits: OFTEN });
  setTimeout(() => void other.query("commit"), 300);
  const first = await reading;
  await other.end();
  for (const { state, before } of interruptions(first)) {
    const after = await source.readWell(all, { state });
    const ids = [...before.records("u"), ...after.records("u")].map(({ data }) => data["id"]);
    expect(ids.length).toBe(2000);
    expect(new Set(ids).size).toBe(2000);
  }
});

it("reads a table again that was rewritten while its load was interrupted", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key, n int, pad text);
    insert into t select i, 0, repeat('x', 300) from generate_series(1, 2000) i;
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const [interruption] = interruptions(await source.readWell(streams, { limits: OFTEN }));
  const { state, before } = interruption!;
  await database.exec("update t set n = 1 where id % 2 = 0; delete from t where id % 5 = 0");
  await database.exec("vacuum full t");
  const after = await source.readWell(streams, { state });
  expect(after.logs.join()).toContain("the table was rewritten in the meantime");
  const replica = new Replica("id");
  replica.take([...before.records("t"), ...after.records("t")]);
  const now = await database.query('select id, n from t order by id::text collate "C"');
  expect(replica.rows.map(({ id, n }) => [id, n])).toEqual(
    now.map(({ id, n }) => [Number(id), Number(n)]),
  );
});

it("loads tables that are added later, while they and others are written to", async ({
  database,
}) => {
  await database.exec(`create table t0 (id int primary key, n int);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const names = ["t0"];
  let isOver = false;
  const writer = (async () => {
    for (let i = 0; !isOver; i++)
      for (const name of names)
        await database.exec(
          `begin; insert into ${name} values (${i}, 0); savepoint s; update ${name} set n = n + 1 where id in (${i >> 1}, ${i >> 2}); commit`,
        );
  })();
  const readings: Reading[] = [];
  try {
    for (let i = 1; i <= 4; i++) {
      await database.exec(`create table t${i} (id int primary key, n int)`);
      names.push(`t${i}`);
      const streams = await source.streams(names);
      readings.push(await source.readWell(streams, { state: readings.at(-1)?.lastState }));
    }
  } finally {
    isOver = true;
    await writer;
  }
  const streams = await source.streams(names);
  readings.push(await source.readWell(streams, { state: readings.at(-1)?.lastState }));
  for (const name of names) {
    const records = readings.flatMap((reading) => reading.records(name));
    const replica = new Replica("id");
    replica.take(records);
    const rows = await database.query(`select id, n from ${name}`);
    const ofReplica = replica.rows.map(
      ({ id, n }) => `${String(id as number)} ${String(n as number)}`,
    );
    expect(ofReplica.toSorted()).toEqual(rows.map(({ id, n }) => `${id!} ${n!}`).toSorted());
    const versions = records.map(({ data }) => JSON.stringify([data["id"], data["n"]]));
    expect(new Set(versions).size).toBe(versions.length);
  }
});
