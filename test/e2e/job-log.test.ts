import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

it("the log of a job shows the SQL behind every mode once, how many records, and where cursors stand", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(`
    create table a (id int primary key, name text, at timestamp);
    insert into a values (1, 'canary', '2020-01-02'), (2, 'canary', '2020-01-03');
    create table b as select * from a;
    create table c as select * from a;
    create table d (code text, name text);
    insert into d values ('canary', 'x');
  `);
  const incremental = { namespace: "public", sync_mode: "incremental", cursor_field: "at" };
  const project = await Project.create(folder, {
    source,
    destination,
    connections: {
      c: {
        streams: [
          { name: "a", namespace: "public" },
          { ...incremental, name: "b", destination_sync_mode: "append" },
          { ...incremental, name: "c", destination_sync_mode: "append_dedup", primary_key: "id" },
          { ...incremental, name: "d", destination_sync_mode: "append", cursor_field: "code" },
        ],
      },
    },
  });

  const first = await project.sync("c");
  await source.exec(`
    update b set name = 'canary', at = '2020-01-04' where id = 2;
    update c set name = 'canary', at = '2020-01-04' where id = 2;
  `);
  const second = await project.sync("c");

  for (const statement of [
    /create table "_syncline"\."staging_/,
    /alter table .* rename to "a"/,
    /create table "public"\."b" /,
    /copy "public"\."b" .* from stdin/,
    /create temporary table "stage_/,
    /insert into "public"\."c" /,
    /insert into "public"\."c_scd" /,
    /create index .* on "public"\."c" /,
  ])
    expect(first.log).toMatch(statement);
  expect(first.log.match(/copy "public"\."b" /g)).toHaveLength(1);
  expect(first.log).toContain("public.a: 2 records");
  expect(first.log).toContain("public.b: 2 records, cursor at: none → 2020-01-03 00:00:00");
  for (const name of ["b", "c"])
    expect(second.log).toMatch(
      new RegExp(`public\\.${name}: 1 records, cursor at: 2020-01-03 .* → 2020-01-04 `),
    );
  expect(second.log).toMatch(/update "public"\."c" /);
  expect(second.log).toContain("public.d: 0 records, cursor code: as before");
  expect(first.log + second.log).not.toContain("canary");
  expect(second.stdout).toContain("c: job 2 succeeded (attempt 0)");
});
