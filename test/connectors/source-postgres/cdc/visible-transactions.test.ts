import { Client } from "pg";
import { expect } from "vitest";
import { ChangeSource, until } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer();

it.for([
  [
    "values of a row under another key",
    "update t set id = 2",
    ['- {"id":1,"big":null}', expect.stringMatching(/"sum":12,"id":2.*"unchanged":\["big"\]/)],
    undefined,
  ],
  [
    "values that the server computes",
    "insert into t (id) values (5)",
    [expect.stringMatching(/"sum":15,"id":5/)],
    undefined,
  ],
  [
    "a table that was made anew",
    "create table t (id int primary key); insert into t values (5)",
    [],
    "source.schema_changed",
  ],
] as const)(
  "looks up %s when the transaction can be seen, which is later than in the log",
  async ([, change, story, code], { database }) => {
    await database.exec(`create table t (id int primary key, big text,
        sum int generated always as (id + 10) stored);
      alter table t alter big set storage external;
      create publication syncline_test for all tables`);
    await database.exec("insert into t values (1, repeat('x', 9000))");
    const source = new ChangeSource(database);
    const streams = await source.streams(["t"]);
    const { lastState: state } = await source.readWell(streams);
    const stop = new AbortController();
    let isRunning = false;
    let records = 0;
    const reading = source.read(streams, {
      state,
      follow: true,
      stop: stop.signal,
      limits: { followSeconds: 0.05, quietSeconds: 0.05 },
      onMessage: ({ type }) => {
        if (type === "STATE") isRunning = true;
        if (type === "RECORD") records++;
      },
    });
    await database.query("select pg_logical_emit_message(true, 'test', '')");
    await until(() => isRunning);
    if (code !== undefined) await database.exec("drop table t");
    // A commit is in the log, and waits for a standby that is not there.
    await database.query("alter system set synchronous_standby_names = 'nobody'");
    await database.query("select pg_reload_conf()");
    await until(async () => (await setting()) === "nobody");
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const committed = client.query(`begin; ${change}; commit`);
    await until(isSent);
    await database.query("alter system reset synchronous_standby_names");
    await database.query("select pg_reload_conf()");
    await committed;
    await client.end();
    if (code === undefined) await until(() => records === story.length);
    stop.abort();
    const read = await reading;
    expect(read.failure?.code).toBe(code);
    expect(read.story("t")).toEqual(story);

    async function setting() {
      const [row] = await database.query(
        "select current_setting('synchronous_standby_names') as s",
      );
      return row!["s"];
    }
    async function isSent() {
      const [row] = await database.query(
        // Before PostgreSQL 14, the server waits for the table itself before it says what was inserted.
        `select (exists (select from pg_stat_activity where wait_event = 'SyncRep')
            and (sent_lsn >= pg_current_wal_flush_lsn()
              or exists (select from pg_stat_activity
                where pid = r.pid and wait_event_type = 'Lock')))::text as is_sent
          from pg_stat_replication r`,
      );
      return row?.["is_sent"] === "true";
    }
  },
);
