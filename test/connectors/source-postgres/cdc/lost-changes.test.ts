import { describe, expect } from "vitest";
import { ChangeSource, CHANGE_METHOD } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer();

const PUBLICATION = CHANGE_METHOD.publication;
const TWO_TABLES = `create schema shop;
  create table shop.t (id int primary key); insert into shop.t values (1);
  create table shop.u (id int primary key); insert into shop.u values (1);`;
const CHANGE_T = "delete from shop.t where id = 1; insert into shop.t values (2);";
const LOADED_ANEW = ['- {} {"operation":"truncate"}', '{"id":2}', '{"id":3}'];

/** How a publication may have a table, and how changes of it are lost. */
const GAPS = {
  "the table": [
    `create publication ${PUBLICATION} for table shop.t, shop.u`,
    `alter publication ${PUBLICATION} drop table shop.t`,
    `alter publication ${PUBLICATION} add table shop.t`,
  ],
  "its schema": [
    `create publication ${PUBLICATION} for tables in schema shop`,
    `alter publication ${PUBLICATION} drop tables in schema shop`,
    `alter publication ${PUBLICATION} add tables in schema shop`,
  ],
} as const;

/** @guarantee every-row-arrives */
describe.each(Object.entries(GAPS))(
  "a table of a publication for %s",
  (_, [create, takeOut, putBack]) => {
    it("is loaded anew when it was not published for a time", async ({ database, skip }) => {
      const [server] = await database.query("show server_version_num");
      skip(create.includes("tables in schema") && Number(server!["server_version_num"]) < 150000);
      await database.exec(`${TWO_TABLES} ${create}`);
      const source = new ChangeSource(database);
      const streams = await source.streams(["t"]);
      const { lastState: state } = await source.readWell(streams);
      await database.exec(takeOut);
      await database.exec(CHANGE_T);
      await database.exec(putBack);
      await database.exec("insert into shop.t values (3)");
      const second = await source.readWell(streams, { state });
      expect(second.story("t")).toEqual(LOADED_ANEW);
      expect(second.logs.filter((line) => line.startsWith("WARN"))).toEqual([
        "WARN shop.t: the table was taken out of the publication and put back, and changes in between are not in the log; it is read anew",
      ]);
      await database.exec("insert into shop.t values (4)");
      const third = await source.readWell(streams, { state: second.lastState });
      expect(third.story("t")).toEqual(['{"id":4}']);
    });
  },
);

it.for([
  [
    "for a time between two reads",
    `alter publication ${PUBLICATION} set (publish = 'insert, update')`,
    "may have left out changes for a time",
  ],
  ["from the start until now", "", "left out every delete, truncate so far"],
] as const)(
  "is noticed of a publication that it left out deletions %s: every table is loaded anew",
  async ([, leaveOut, why], { database }) => {
    const start = leaveOut === "" ? "with (publish = 'insert, update')" : "";
    await database.exec(
      `${TWO_TABLES} create publication ${PUBLICATION} for table shop.t, shop.u ${start}`,
    );
    const source = new ChangeSource(database);
    const streams = await source.streams(["t", "u"]);
    const first = await source.readWell(streams);
    await database.exec(leaveOut);
    await database.exec(CHANGE_T);
    await database.exec(
      `alter publication ${PUBLICATION} set (publish = 'insert, update, delete, truncate')`,
    );
    await database.exec("insert into shop.t values (3)");
    const second = await source.readWell(streams, { state: first.lastState });
    expect(second.story("t")).toEqual(LOADED_ANEW);
    expect(second.story("u")).toEqual(['- {} {"operation":"truncate"}', '{"id":1}']);
    expect(second.logs.join("\n")).toContain(why);
    await database.exec("insert into shop.t values (4)");
    const third = await source.readWell(streams, { state: second.lastState });
    expect(third.records().map(({ data }) => data["id"])).toEqual([4]);
  },
);

it("goes on where a publication got other tables, another owner or another option, and leaves out nothing", async ({
  database,
}) => {
  await database.exec(`${TWO_TABLES} create publication ${PUBLICATION} for table shop.t`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec(`alter publication ${PUBLICATION} set (publish_via_partition_root = true);
    alter publication ${PUBLICATION} add table shop.u`);
  await database.exec("insert into shop.t values (2)");
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.story("t")).toEqual(['{"id":2}']);
  await database.exec(`create role another; alter publication ${PUBLICATION} owner to another`);
  try {
    await database.exec("insert into shop.t values (3)");
    const third = await source.readWell(streams, { state: second.lastState });
    expect(third.story("t")).toEqual(['{"id":3}']);
  } finally {
    await database.exec("drop owned by another; drop role another");
  }
});

it("goes on where a table is published by its schema instead of itself, and was all the time", async ({
  database,
  skip,
}) => {
  const [server] = await database.query("show server_version_num");
  skip(Number(server!["server_version_num"]) < 150000);
  await database.exec(`${TWO_TABLES} create publication ${PUBLICATION} for table shop.t`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec(`alter publication ${PUBLICATION} add tables in schema shop`);
  const second = await source.readWell(streams, { state: first.lastState });
  await database.exec(`insert into shop.t values (2);
    alter publication ${PUBLICATION} drop table shop.t; insert into shop.t values (3)`);
  const third = await source.readWell(streams, { state: second.lastState });
  expect(second.records()).toEqual([]);
  expect(third.story("t")).toEqual(['{"id":2}', '{"id":3}']);
});

it("loads a stream anew that others were read without", async ({ database }) => {
  await database.exec(TWO_TABLES);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t", "u"]);
  const first = await source.readWell(streams);
  await database.exec(CHANGE_T);
  const alone = await source.readWell(streams.slice(1), { state: first.lastState });
  const again = await source.readWell(streams.slice(1), { state: alone.lastState });
  await database.exec("insert into shop.t values (3); insert into shop.u values (2)");
  const both = await source.readWell(streams, { state: again.lastState });
  expect(both.story("t")).toEqual(LOADED_ANEW);
  expect(both.story("u")).toEqual(['{"id":2}']);
});

it("loads a stream anew that was read whole for a while", async ({ database }) => {
  await database.exec(TWO_TABLES);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t", "u"]);
  const first = await source.readWell(streams);
  const whole = await source.streams(["t", "u"], { t: "full_refresh" });
  const second = await source.readWell(whole, { state: first.lastState });
  await database.exec(CHANGE_T);
  await database.exec("insert into shop.t values (3)");
  const third = await source.readWell(streams, { state: second.lastState });
  expect(third.story("t")).toEqual(LOADED_ANEW);
});

it("does not go on with a stream that was to be read whole meanwhile", async ({ database }) => {
  await database.exec(TWO_TABLES);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t", "u"]);
  const first = await source.readWell(streams);
  await database.exec(CHANGE_T);
  await database.exec("alter table shop.t rename to gone");
  const whole = (await source.streams(["u"])).concat({ ...streams[0]!, sync_mode: "full_refresh" });
  const refused = await source.read(whole, { state: first.lastState });
  expect(refused.failure?.code).toBe("stream.incomplete");
  expect(refused.statuses).toEqual(["u STARTED", "t INCOMPLETE", "u COMPLETE"]);
  await database.exec("alter table shop.gone rename to t; insert into shop.t values (3)");
  const followed = await source.readWell(streams, { state: refused.lastState });
  expect(followed.story("t")).toEqual(LOADED_ANEW);
});
