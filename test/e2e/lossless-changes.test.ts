/** @guarantee exact-values */
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { columns } from "../support/tables.ts";

it("follows types that change at the source, sync by sync, without losing a value", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(`
    create schema shop;
    create type shop.mood as enum ('ok', 'happy');
    create type shop.pair as (a int, b text);
    create table shop.t (id int primary key, m shop.mood, n int4, s varchar(3), p numeric(6,2),
      at timestamp(0), ps shop.pair[]);
    insert into shop.t values (1, 'ok', 1, 'abc', 1.25, '2022-09-01 16:30:13', '{"(1,x)"}');
  `);
  const streams = [
    {
      name: "t",
      sync_mode: "incremental",
      destination_sync_mode: "append_dedup",
      cursor_field: "id",
      primary_key: ["id"],
    },
  ];
  const project = await Project.create(folder, {
    source,
    destination,
    destinationConfig: { column_types: "native" },
    connections: { shop: { namespace: "source", streams } },
  });
  await project.sync("shop");

  await source.exec("alter type shop.mood add value 'so-so' before 'ok'");
  await source.exec(`
    alter table shop.t alter n type int8, alter s type text, alter p type numeric(8,4), alter at type timestamptz;
    insert into shop.t values (2, 'so-so', 9223372036854775807, 'abcdef', 1.2345,
      '2022-09-01 16:30:13.123456+00', '{"(2,\\"y,\\")",NULL}');
  `);
  await project.sync("shop");
  await source.exec(`
    alter table shop.t alter m type text, alter n type numeric;
    insert into shop.t values (3, 'anything', 9223372036854775808.5, 'x', 3, 'infinity', '{}');
  `);
  await project.sync("shop");

  const rows = "select id, m, n, s, p, at, ps from shop.t order by id";
  expect(await destination.rows(rows)).toEqual(await source.rows(rows));
  expect((await columns(destination, "shop.t")).slice(1, 8)).toEqual([
    "id integer",
    "m text",
    "n numeric",
    "s text",
    "p numeric(8,4)",
    "at timestamp with time zone",
    "ps shop.pair[]",
  ]);
  expect(await destination.rows("select enum_range(null::shop.mood)")).toEqual([
    ["{so-so,ok,happy}"],
  ]);
});
