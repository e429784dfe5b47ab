import { afterEach, describe, expect, it } from "vitest";
import type { ConfiguredStream } from "../../../../protocol/catalog.ts";
import type { State } from "../../../../protocol/messages.ts";
import { connectDatabase, createDatabase, type Database } from "../../../support/database.ts";
import {
  type PostgresServer,
  startPostgres,
  testBinaries,
} from "../../../support/postgres-server.ts";
import { standbyOf } from "../../../support/standby.ts";
import { CHANGE_METHOD, ChangeSource, until } from "./change-source.ts";

const [binaries] = testBinaries();
const SLOT = CHANGE_METHOD.replication_slot;

/** What is ended after a test, in this order. */
let closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

interface Pair {
  readonly primary: Database;
  readonly standby: Database;
  readonly primaryServer: PostgresServer;
  readonly standbyServer: PostgresServer;
}

/** A primary and its standby, which keeps a slot there and lets no row be removed that it may need. */
async function pair(settings: Readonly<Record<string, string>> = {}): Promise<Pair> {
  const primaryServer = await startPostgres({
    binaries: binaries!,
    settings: { autovacuum: "off" },
  });
  closing.push(() => primaryServer.stop("immediate"));
  const { database: primary } = await createDatabase(primaryServer.url());
  await primary.query("select pg_create_physical_replication_slot('standby', true)");
  const standbyServer = await standbyOf(primaryServer, {
    binaries: binaries!,
    settings: { primary_slot_name: "standby", hot_standby_feedback: "on", ...settings },
  });
  closing.push(() => standbyServer.stop("immediate"));
  const { database: standby, close } = await connectDatabase(
    standbyServer.url(primary.config.database),
  );
  closing.push(close);
  return { primary, standby, primaryServer, standbyServer };
}

/** Until the standby has what the primary has now. */
async function followed({ primary, standby }: Pair): Promise<void> {
  const [end] = await primary.rows("select pg_current_wal_insert_lsn()::text");
  const isThere = "select pg_last_wal_replay_lsn() >= $1::pg_lsn";
  await until(async () => (await standby.rows(isThere, end))[0]![0] === "t");
}

/** A slot of a standby begins where the primary next says which transactions run. */
async function sayingWhatRuns<T>({ primary }: Pair, work: Promise<T>): Promise<T> {
  let isDone = false;
  const done = work.finally(() => (isDone = true));
  done.catch(() => {}); // awaited below
  await until(async () => {
    await primary.query("select pg_log_standby_snapshot()");
    return isDone;
  });
  return done;
}

/** The primary is gone for good, and its standby is what everybody uses. */
async function takeOver({ standby, primaryServer }: Pair): Promise<void> {
  await primaryServer.halt("immediate");
  await standby.query("select pg_promote()");
  await until(async () => (await standby.rows("select pg_is_in_recovery()"))[0]![0] === "f");
}

type Streams = readonly ConfiguredStream[];

const TABLE = `create table t (id int primary key, v int);
  insert into t select n, 0 from generate_series(1, 3) n`;

/** @guarantee every-row-arrives */
describe.skipIf(binaries!.major < 17)("when a standby takes over that has the slot", () => {
  const SETTINGS = { sync_replication_slots: "on" };

  /**
   * Reads on until the standby has the slot for good: at a place behind what was taken first, for which
   * its log is long enough.
   */
  async function synchronised(both: Pair, streams: Streams, from: State): Promise<State> {
    const { primary, standby } = both;
    let state = from;
    await until(async () => {
      await primary.query("select pg_log_standby_snapshot()");
      const source = new ChangeSource(primary);
      ({ lastState: state } = await source.readWell(streams, { state }));
      await followed(both);
      const [row] = await standby.rows(
        "select synced and not temporary from pg_replication_slots where slot_name = $1",
        [SLOT],
      );
      return row?.[0] === "t";
    });
    return state;
  }

  it("goes on with the change behind the last one that was taken, and loses and repeats none", async () => {
    const both = await pair(SETTINGS);
    const { primary, standby } = both;
    await primary.exec(TABLE);
    const source = new ChangeSource(primary);
    const streams = await source.streams(["t"]);
    const first = await source.readWell(streams);
    await primary.exec("update t set v = 1 where id = 1");
    const second = await source.readWell(streams, { state: first.lastState });
    const state = await synchronised(both, streams, second.lastState);
    const early = await new ChangeSource(standby).read(streams, { state });
    await primary.exec("delete from t where id = 3; insert into t values (4, 4)");
    await followed(both);
    await takeOver(both);
    await standby.exec("insert into t values (5, 5)");
    const after = new ChangeSource(standby);
    const third = await after.readWell(streams, { state });
    await standby.exec("insert into t values (6, 6)");
    const fourth = await after.readWell(streams, { state: third.lastState });

    expect(second.story("t")).toEqual(['{"id":1,"v":1}']);
    expect(early.failure).toMatchObject({
      code: "cdc.not_set_up",
      message: expect.stringContaining("is the primary's") as string,
    });
    expect(third.story("t")).toEqual(['- {"id":3,"v":null}', '{"id":4,"v":4}', '{"id":5,"v":5}']);
    expect(fourth.story("t")).toEqual(['{"id":6,"v":6}']);
  });

  it("refuses to go on where it lacks what was taken, or the slot", async () => {
    const both = await pair(SETTINGS);
    const { primary, standby, primaryServer, standbyServer } = both;
    await primary.exec(TABLE);
    const source = new ChangeSource(primary);
    const streams = await source.streams(["t"]);
    const first = await source.readWell(streams);
    const state = await synchronised(both, streams, first.lastState);
    await standbyServer.halt();
    await primary.exec("insert into t values (4, 4)");
    const ahead = await source.readWell(streams, { state });
    await primaryServer.halt("immediate");
    await standbyServer.start();
    await takeOver(both);
    await standby.exec("insert into t values (4, 5)");
    const after = new ChangeSource(standby);
    const refused = await after.read(streams, { state: ahead.lastState });
    const going = await after.readWell(streams, { state });
    await standby.query("select pg_drop_replication_slot($1)", [SLOT]);
    const without = await after.read(streams, { state: going.lastState });

    expect(ahead.story("t")).toEqual(['{"id":4,"v":4}']);
    expect(refused.failure).toMatchObject({
      code: "cdc.position_lost",
      message: expect.stringMatching(/a standby took over that did not have everything/) as string,
    });
    expect(refused.records()).toEqual([]);
    expect(going.story("t")).toEqual(['{"id":4,"v":5}']);
    expect(without.failure?.code).toBe("cdc.position_lost");
  });
});

/** @guarantee every-row-arrives */
describe.skipIf(binaries!.major < 16)("a standby as the source", () => {
  it("is followed with a slot of its own, and further when it takes over", async () => {
    const both = await pair();
    const { primary, standby } = both;
    await primary.exec(`${TABLE}; create publication ${CHANGE_METHOD.publication} for table t`);
    await followed(both);
    const source = new ChangeSource(standby);
    const streams = await source.streams(["t"]);
    const first = await sayingWhatRuns(both, source.readWell(streams));
    await primary.exec("update t set v = 1 where id = 1; delete from t where id = 2");
    await followed(both);
    const second = await source.readWell(streams, { state: first.lastState });
    await primary.exec("insert into t values (4, 4)");
    await followed(both);
    await takeOver(both);
    await standby.exec("insert into t values (5, 5)");
    const third = await source.readWell(streams, { state: second.lastState });
    await standby.exec("insert into t values (6, 6)");
    const fourth = await source.readWell(streams, { state: third.lastState });

    expect(first.story("t")).toEqual(['{"id":1,"v":0}', '{"id":2,"v":0}', '{"id":3,"v":0}']);
    expect(second.story("t")).toEqual(['{"id":1,"v":1}', '- {"id":2,"v":null}']);
    expect(third.story("t")).toEqual(['{"id":4,"v":4}', '{"id":5,"v":5}']);
    expect(fourth.story("t")).toEqual(['{"id":6,"v":6}']);
  });
});
