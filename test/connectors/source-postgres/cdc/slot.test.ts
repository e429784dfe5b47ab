import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReplicationConnection } from "../../../../connectors/postgres/replication/replication-connection.ts";
import { openSession, type Session } from "../../../../connectors/postgres/session.ts";
import { dropSlot } from "../../../../connectors/source-postgres/cdc/slot/drop-slot.ts";
import { findSlot } from "../../../../connectors/source-postgres/cdc/slot/find-slot.ts";
import { followableTables } from "../../../../connectors/source-postgres/cdc/slot/followable.ts";
import { makeSlot } from "../../../../connectors/source-postgres/cdc/slot/make-slot.ts";
import { publish } from "../../../../connectors/source-postgres/cdc/slot/publication.ts";
import type { FullCdcMethod } from "../../../../connectors/source-postgres/cdc/slot/settings.ts";
import {
  lookAtSlot,
  type PublicationAs,
} from "../../../../connectors/source-postgres/cdc/slot/slot-facts.ts";
import {
  dropIfTooLarge,
  SlotWatch,
} from "../../../../connectors/source-postgres/cdc/slot/slot-watch.ts";
import {
  type PostgresServer,
  startPostgres,
  testBinaries,
} from "../../../support/postgres-server.ts";

const METHOD: FullCdcMethod = {
  method: "CDC",
  replication_slot: "syncline",
  publication: 'some "publication"',
  plugin: "pgoutput",
  create_slot: true,
  initial_waiting_seconds: 1200,
  lsn_commit_behaviour: "After loading Data in the destination",
  heartbeat_action_query: "",
  invalid_cdc_cursor_position_behavior: "Fail sync",
  max_slot_wal_behavior: "Warn",
};

const servers = testBinaries().filter(
  ({ major }, at, all) => all.findIndex((one) => one.major === major) === at,
);

describe.each(servers)("the slot of a PostgreSQL $major", (binaries) => {
  let server: PostgresServer;
  let client: Client;
  let session: Session;
  const said: string[] = [];
  const log = (level: string, text: string) => void said.push(`${level} ${text}`);

  const config = (username = "postgres") => ({
    host: server.host,
    port: server.port,
    database: "postgres",
    username,
    password: server.password,
  });
  const options = { applicationName: "slot test", pin: "nothing" as const };

  beforeAll(async () => {
    server = await startPostgres({ binaries });
    client = new Client({ connectionString: server.url(), types: { getTypeParser: () => String } });
    await client.connect();
    session = await openSession(config(), options);
    await client.query(`
      create table keyed (id int primary key, v text);
      create table added (id int, v text, primary key (v, id));
      create table keyless (v text);
      create table whole (v text);
      alter table whole replica identity full;
      create table by_index (a int not null, b int not null, id int primary key);
      create unique index by_b on by_index (b, a);
      alter table by_index replica identity using index by_b;
      create table late_key (id int primary key deferrable);
      create unlogged table unlogged (id int primary key);
      create table parted (id int primary key, v text) partition by range (id);
      create table parted_1 partition of parted for values from (0) to (100);
    `);
  });

  afterAll(async () => {
    await session?.close();
    await client?.end();
    await server?.stop("immediate");
  });

  const table = (name: string) => ({ schema: "public", name });
  const facts = (method = METHOD) => session.whileReading(() => lookAtSlot(session, method));

  it("is told of tables by which of their columns the log tells rows apart", async () => {
    const tables = await session.whileReading(() => followableTables(session, "p"));
    const told = tables.map(({ name, key, problem }) => [name, key.join(), problem?.slice(0, 30)]);
    expect(told).toEqual([
      ["added", "v,id", undefined],
      ["by_index", "b,a", undefined],
      ["keyed", "id", undefined],
      ["keyless", "", "public.keyless has no primary "],
      ["late_key", "", "public.late_key has no primary"],
      ["parted", "id", undefined],
      ["parted_1", "id", undefined],
      ["unlogged", "id", "public.unlogged is unlogged: i"],
      ["whole", "", undefined],
    ]);
  });

  it("is made with its publication, which breaks no table, and taken away again", async () => {
    const replication = await ReplicationConnection.open(config(), options);
    const { facts: before, verdict } = await findSlot(session, replication, METHOD, undefined);
    expect(before).toMatchObject({ slot: undefined, publication: undefined, walLevel: "logical" });
    expect(verdict).toEqual({ slot: "make", anew: undefined });

    const tables = ["keyed", "keyless", "parted"].map(table);
    await publish(session, before, METHOD, tables, log);
    const made = await makeSlot(session, replication, before, "syncline", verdict, log);
    expect(made.snapshotName).toBeDefined();
    await replication.close();

    await client.query("insert into keyless values ('x'); update keyless set v = 'y'");
    const after = await facts();
    expect(after.slot).toMatchObject({
      plugin: "pgoutput",
      database: "postgres",
      confirmedLsn: made.consistentPoint,
      lostWhy: undefined,
      activePid: undefined,
    });
    expect(after.slot!.retainedBytes).toBeGreaterThan(0);
    expect(after.publication).toEqual({
      as: expect.objectContaining({ leavesOut: [] }) as PublicationAs,
      viaRoot: true,
      isOurs: true,
      mayAlter: true,
      oid: expect.any(String) as string,
      entries: expect.any(String) as string,
    });

    await publish(session, after, METHOD, ["added", "keyed"].map(table), log);
    const published = (
      await session.whileReading(() => followableTables(session, METHOD.publication))
    )
      .filter(({ isPublished }) => isPublished)
      .map(({ name }) => name);
    expect(published).toEqual(["added", "keyed", "parted"]);

    said.length = 0;
    await dropSlot(session, METHOD, log);
    expect(said).toEqual([
      expect.stringMatching(
        /^INFO dropped the replication slot syncline, for which the server kept \d+ bytes of its log$/,
      ) as string,
      `INFO dropped the publication ${METHOD.publication}`,
    ]);
    expect(await facts()).toMatchObject({ slot: undefined, publication: undefined });
    said.length = 0;
    await dropSlot(session, METHOD, log);
    expect(said).toEqual([
      "INFO there is no replication slot syncline, and no publication of ours",
    ]);
  });

  it("leaves what others made, and refuses to drop what is read", async () => {
    await client.query("create publication theirs for table keyed");
    const method = { ...METHOD, publication: "theirs", replication_slot: "busy" };
    await publish(session, await facts(method), method, [table("added")], log);
    const replication = await ReplicationConnection.open(config(), options);
    await replication.createSlot("busy", { exportSnapshot: false });
    const receiver = { message: () => {}, keepalive: () => {}, chunkDone: () => undefined };
    const streaming = replication.stream("busy", 0n, "theirs", receiver);
    await expect.poll(async () => (await facts(method)).slot?.activePid).toBeDefined();

    await expect(dropSlot(session, method, log)).rejects.toMatchObject({
      code: "cdc.slot_in_use",
      message: expect.stringMatching(/read by the process \d+/) as string,
    });
    await replication.close();
    await streaming;
    await dropSlot(session, method, log);
    const rows = await client.query(
      "select tablename from pg_publication_tables where pubname = 'theirs'",
    );
    expect(rows.rows).toEqual([{ tablename: "keyed" }]);
    await client.query("drop publication theirs");
  });

  it("says what the owner of the tables has to run where the user may not", async () => {
    await client.query(`create role reader login replication password '${server.password}';
      grant select on all tables in schema public to reader`);
    const reader = await openSession(config("reader"), options);
    const seen = await reader.whileReading(() => lookAtSlot(reader, METHOD));
    await expect(publish(reader, seen, METHOD, [table("keyed")], log)).rejects.toMatchObject({
      code: "cdc.not_set_up",
      hint: expect.stringContaining(
        'create publication "some ""publication""" for table "public"."keyed" with (publish_via_partition_root = true',
      ) as string,
    });
    await reader.close();
  });

  it("is watched: a publication that is altered is told", async () => {
    await client.query("create table more (id int primary key)");
    await client.query("create publication altered for table keyed");
    const method = { ...METHOD, publication: "altered" };
    const failures: string[] = [];
    const watch = new SlotWatch(await openSession(config(), options), await facts(method), {
      method,
      log,
      beatMs: 20,
      onTooLarge: () => {},
      onAltered: ({ code, message }) => failures.push(`${code}: ${message}`),
    });
    const at = (await facts(method)).lsn;
    await expect.poll(async () => (await facts(method)).lsn > at).toBe(true);
    expect(failures).toEqual([]);
    await client.query("alter publication altered add table more");
    await expect
      .poll(() => failures[0])
      .toBe("source.schema_changed: the publication altered was altered");
    await watch.stop();
    await client.query("drop publication altered; drop table more");
  });

  it("is watched: it does not stand still, says when it keeps too much, and is dropped then", async () => {
    const replication = await ReplicationConnection.open(config(), options);
    await replication.createSlot("watched", { exportSnapshot: false });
    await replication.close();
    await client.query("create table beat (n int); insert into beat values (0)");
    const method: FullCdcMethod = {
      ...METHOD,
      replication_slot: "watched",
      heartbeat_action_query: "update public.beat set n = n + 1",
      max_slot_wal: "1MB",
      max_slot_wal_behavior: "Drop slot",
    };
    said.length = 0;
    const failures: string[] = [];
    const watch = new SlotWatch(await openSession(config(), options), await facts(method), {
      method,
      log,
      beatMs: 20,
      onTooLarge: ({ code }) => failures.push(code),
    });
    const at = (await facts(method)).lsn;
    await expect
      .poll(async () => (await client.query("select n from beat")).rows[0].n)
      .not.toBe("0");
    expect((await facts(method)).lsn).toBeGreaterThan(at);
    expect(failures).toEqual([]);
    await client.query(
      "insert into keyed select n, repeat('x', 1000) from generate_series(1, 3000) n",
    );
    await expect.poll(() => failures[0]).toBe("cdc.slot_too_large"); // and again while it grows
    await watch.stop();
    expect(said.filter((text) => text.includes("more than max_slot_wal (1MB)"))).not.toEqual([]);

    const now = await facts(method);
    await dropIfTooLarge(session, now, { ...method, max_slot_wal_behavior: "Warn" });
    await expect(dropIfTooLarge(session, now, method)).rejects.toMatchObject({
      code: "cdc.slot_too_large",
      message: expect.stringContaining("it was dropped") as string,
    });
    expect((await facts(method)).slot).toBeUndefined();
  });

  it("ends a read without waiting for a heartbeat that waits for somebody's lock", async () => {
    await client.query("create table held (n int)");
    await client.query("begin; lock table held");
    const method = { ...METHOD, heartbeat_action_query: "insert into held values (1)" };
    said.length = 0;
    const watched = await openSession(config(), options);
    const watch = new SlotWatch(watched, await facts(method), {
      method,
      log,
      beatMs: 10,
      onTooLarge: () => {},
    });
    const waits = `select from pg_locks where pid = ${watched.processId} and not granted`;
    await expect.poll(async () => (await client.query(waits)).rowCount).toBe(1);
    await watch.stop();

    await client.query("rollback; drop table held");
    expect(said).toEqual([]);
  });

  it("goes on beside a heartbeat that fails, and says why once", async () => {
    const method = { ...METHOD, heartbeat_action_query: "update nowhere set n = 1" };
    said.length = 0;
    const watch = new SlotWatch(await openSession(config(), options), await facts(method), {
      method,
      log,
      beatMs: 10,
      onTooLarge: () => {},
    });
    const lsn = watch.facts.lsn;
    await expect.poll(() => watch.facts.lsn > lsn).toBe(true);
    await watch.stop();
    expect(said).toEqual([
      expect.stringContaining("could not run heartbeat_action_query") as string,
    ]);
  });
});
