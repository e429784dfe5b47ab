import { expect } from "vitest";
import type { ConfiguredStream } from "../../../../protocol/catalog.ts";
import { ChangeSource } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer();

const mergedBy = (stream: ConfiguredStream, ...names: string[]): ConfiguredStream => ({
  ...stream,
  destination_sync_mode: "append_dedup",
  primary_key: names.map((name) => [name]),
});

it("takes a row out from under its old key, where the user says what the key is", async ({
  database,
}) => {
  await database.exec(`create table t (x int not null, y text); alter table t replica identity full;
    create table u (id int primary key, code text, n int); alter table u replica identity full;
    insert into t values (1, 'a'), (2, 'b'); insert into u values (1, 'a', 0), (2, 'b', 0)`);
  const source = new ChangeSource(database);
  const [t, u] = await source.streams(["t", "u"]);
  const streams = [mergedBy(t!, "x"), mergedBy(u!, "code")];
  const first = await source.readWell(streams);
  await database.exec(`update t set x = 10 where x = 1; update t set y = 'bb' where x = 2;
    update u set code = 'aa' where id = 1; update u set id = 20 where id = 2; update u set n = 1 where id = 1`);
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.story("t")).toEqual(['- {"x":1,"y":"a"}', '{"x":10,"y":"a"}', '{"x":2,"y":"bb"}']);
  expect(second.story("u")).toEqual([
    '- {"id":1,"code":"a","n":0}',
    '{"id":1,"code":"aa","n":0}',
    '- {"id":2,"code":"b","n":0}',
    '{"id":20,"code":"b","n":0}',
    '{"id":1,"code":"aa","n":1}',
  ]);
});

it("refuses to merge by columns that the log does not have of deleted rows", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key, code text not null);
    create table other (id int primary key); insert into t values (1, 'a'); insert into other values (1)`);
  const source = new ChangeSource(database);
  const [t, other] = await source.streams(["t", "other"]);
  const read = await source.read([mergedBy(t!, "code"), mergedBy(other!, "id")]);
  expect(read.statuses).toContain("t INCOMPLETE");
  expect(read.story("other")).toEqual(['{"id":1}']);
  expect(JSON.stringify(read.messages)).toContain(
    "the rows of the stream public.t are to be merged by code, which the log does not have of deleted rows: only id",
  );
  await database.exec("alter table t replica identity full");
  await source.readWell([mergedBy(t!, "code"), mergedBy(other!, "id")], { state: read.lastState });
});
