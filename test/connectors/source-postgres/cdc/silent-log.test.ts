import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { startProxy } from "../../../support/proxy.ts";
import { ChangeSource } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer();

it("says that a read ends before the end of the log, when nothing more comes of it, and goes on there", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec("insert into t values (1)");
  let log: number | undefined;
  const proxy = await startProxy(database.config, ({ from, text, connection }) => {
    if (from === "client" && text.startsWith("START_REPLICATION")) log = connection;
    return from === "server" && connection === log ? "freeze" : "pass";
  });
  const { host, port } = proxy;
  const patience = { initial_waiting_seconds: 1 };
  const silent = new ChangeSource(database, patience, { host, port });

  const second = await silent.readWell(streams, { state: first.lastState });
  await proxy.close();
  const isRead = "select 1 from pg_replication_slots where active";
  await expect.poll(() => database.query(isRead)).toEqual([]);
  const third = await source.readWell(streams, { state: second.lastState });

  expect(second.records()).toEqual([]);
  expect(second.logs.join("\n")).toContain(
    "WARN nothing came of the log for 1 s, and it is not at its end: the next read goes on where this one ends",
  );
  expect(third.story("t")).toEqual(['{"id":1}']);
  expect(third.logs).toEqual([]);
});

it("waits for the rest of a transaction, and reads what is behind it", async ({ database }) => {
  await database.exec(`create table t (id int primary key);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec("begin; insert into t values (1); insert into t values (2); commit");
  await database.exec("insert into t values (3)");
  let wasHeldUp = false;
  const proxy = await startProxy(database.config, async ({ from, type, body }): Promise<"pass"> => {
    // Behind the first row of the log, for longer than the read waits.
    const isRow = from === "server" && type === "d" && body[0] === 0x77 && body[25] === 0x49;
    if (isRow && !wasHeldUp) {
      wasHeldUp = true;
      await wait(3_500);
    }
    return "pass";
  });
  const { host, port } = proxy;
  const patience = { initial_waiting_seconds: 1 };

  const second = await new ChangeSource(database, patience, { host, port }).readWell(streams, {
    state: first.lastState,
  });
  await proxy.close();

  expect(wasHeldUp).toBe(true);
  expect(second.story("t")).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
  expect(second.logs).toEqual([]);
});
