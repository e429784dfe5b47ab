import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { columns, leftovers, quoted, relations } from "../support/tables.ts";

/** Names that are legal and that somebody's tools trip over. */
const NAMES = [
  'q"uo"te',
  "new\nline",
  "a.b",
  "sp ace",
  "semi;--",
  "per%cent%s",
  "back\\slash",
  "select",
  "1st",
  "Ünï😀",
  "$1",
  "tab\there",
  "__proto__",
  "constructor",
  "toString",
];

/** As long as a name can be, in one byte, two and four bytes a character. */
const LONG = ["x".repeat(63), `${"д".repeat(31)}x`, `${"😀".repeat(15)}xyz`];

describe("a name", () => {
  it("may be anything PostgreSQL allows: as table, column, key and cursor", async ({
    source,
    destination,
    folder,
  }) => {
    const names = [...NAMES, ...LONG];
    for (const name of names)
      await source.exec(`
        create table ${quoted(name)} (${quoted(name)} int primary key, other text);
        insert into ${quoted(name)} values (1, 'one'), (2, 'two')`);
    const project = await Project.create(folder, {
      source,
      destination,
      connections: {
        c: {
          streams: names.map((name) => ({
            name,
            sync_mode: "incremental",
            destination_sync_mode: "append_dedup",
            cursor_field: name,
            primary_key: [name],
          })),
        },
      },
    });

    await project.sync("c");
    for (const name of names) await source.exec(`insert into ${quoted(name)} values (3, 'three')`);
    const again = await project.sync("c");

    for (const name of names)
      expect(
        await destination.rows(`select ${quoted(name)}, other from ${quoted(name)} order by 1`),
        name,
      ).toEqual([
        ["1", "one"],
        ["2", "two"],
        ["3", "three"],
      ]);
    expect(Object.values(await project.counts(again.job))).toEqual(names.map(() => [1, 1]));
  });

  it("may be anything as a schema, and two schemas may have one table", async ({
    source,
    destination,
    folder,
  }) => {
    const schemas = ['s"1', "S", "s", "a.b", "😀\n"];
    for (const schema of schemas)
      await source.exec(`
        create schema ${quoted(schema)};
        create table ${quoted(schema)}.t (id int);
        insert into ${quoted(schema)}.t values (${schemas.indexOf(schema)})`);
    const project = await Project.create(folder, {
      source,
      destination,
      sourceConfig: { schemas },
      connections: {
        c: {
          namespace: "source",
          streams: [{ name: "t", sync_mode: "full_refresh", destination_sync_mode: "overwrite" }],
        },
      },
    });

    await project.sync("c");
    await project.sync("c");

    for (const [index, schema] of schemas.entries())
      expect(await destination.rows(`select id from ${quoted(schema)}.t`)).toEqual([[`${index}`]]);
  });

  it("keeps its case, and its twin stays another", async ({ source, destination, folder }) => {
    await source.exec(`
      create table "Twin" ("Id" int, "id" int, "ID" int);
      create table twin ("Id" int, "id" int, "ID" int);
      insert into "Twin" values (1, 2, 3);
      insert into twin values (4, 5, 6)`);
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { c: { streams: ["Twin", "twin"] } },
    });

    await project.sync("c");

    expect(await destination.rows(`select "Id", "id", "ID" from "Twin"`)).toEqual([
      ["1", "2", "3"],
    ]);
    expect(await destination.rows(`select "Id", "id", "ID" from twin`)).toEqual([["4", "5", "6"]]);
  });

  it("that is ours or the server's gets underscores, and its values arrive", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      create table t (id int, _airbyte_ab_id text, _airbyte_meta int, _airbyte_unique_key text,
                      _airbyte_t_hashid text, "_airbyte_ab_id_" text);
      insert into t values (1, 'mine', 2, 'key', 'hash', 'other')`);
    const project = await Project.create(folder, {
      source,
      destination,
      connections: {
        c: {
          streams: [
            {
              name: "t",
              sync_mode: "full_refresh",
              destination_sync_mode: "append_dedup",
              primary_key: ["id"],
            },
          ],
        },
      },
    });

    const first = await project.sync("c");
    await project.sync("c");

    expect(
      await destination.rows(
        `select _airbyte_ab_id__, _airbyte_meta_, _airbyte_unique_key_, _airbyte_t_hashid_,
                _airbyte_ab_id_ from t`,
      ),
    ).toEqual([["mine", "2", "key", "hash", "other"]]);
    expect(await destination.rows("select count(_airbyte_ab_id::uuid) from t")).toEqual([["1"]]);
    expect(first.log).toContain('the field "_airbyte_meta" is the column _airbyte_meta_');
  });

  it("that gets too long is shortened, the same way each time, and names of two stay two", async ({
    source,
    destination,
    folder,
  }) => {
    const [left, right] = ["left", "right"].map((end) => `${"long_".repeat(11)}${end}`);
    await source.exec(`
      create table ${left} (id int primary key); create table ${right} (id int primary key);
      insert into ${left} values (1); insert into ${right} values (2)`);
    const project = await Project.create(folder, {
      source,
      destination,
      connections: {
        c: {
          prefix: "with_a_prefix_",
          streams: [left, right].map((name) => ({
            name,
            sync_mode: "full_refresh",
            destination_sync_mode: "append_dedup",
            primary_key: ["id"],
          })),
        },
      },
    });

    await project.sync("c");
    const tables = await relations(destination);
    await project.sync("c");

    expect(await relations(destination)).toEqual(tables);
    expect(tables).toHaveLength(6);
    const finals = tables.filter((name) => /^with_a_prefix_long.*[0-9a-f]{16}$/.test(name));
    const withId: string[] = [];
    for (const name of finals)
      if ((await columns(destination, quoted(name))).includes("id bigint")) withId.push(name);
    expect(withId).toHaveLength(4);
    expect(await leftovers(destination)).toEqual([]);
  });
});

describe("two tables that would be one", () => {
  const dedup = (name: string) => ({
    name,
    sync_mode: "full_refresh",
    destination_sync_mode: "append_dedup",
    primary_key: ["id"],
  });

  it.for([
    ["a stream and another one's history", ["users", "users_scd"]],
    ["a stream and another one's raw table", ["users", "_airbyte_raw_users"]],
    ["a stream and another one's index", ["users", "users_airbyte_unique_key"]],
  ] as const)(
    "%s are refused before anything is created",
    async ([, names], { source, destination, folder }) => {
      for (const name of names) await source.exec(`create table ${name} (id int primary key)`);
      const project = await Project.create(folder, {
        source,
        destination,
        connections: { c: { streams: names.map(dedup) } },
      });

      const { exitCode, stdout, stderr, log } = await project.trySync("c");

      expect(exitCode).toBe(2);
      expect(stdout + stderr + log).toContain(`would both be public.${names[1]}`);
      expect(await relations(destination)).toEqual([]);
    },
  );

  it("of two schemas are refused when they go into one", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(
      "create schema other; create table t (id int); create table other.t (id int)",
    );
    const project = await Project.create(folder, {
      source,
      destination,
      sourceConfig: { schemas: ["public", "other"] },
      connections: { c: { streams: ["t"] } },
    });

    const { exitCode, stdout, stderr } = await project.trySync("c");

    expect(exitCode).toBe(2);
    expect(stdout + stderr).toMatch(/public\.t.*other\.t|other\.t.*public\.t/s);
    expect(await relations(destination)).toEqual([]);
  });

  it("of two connections are refused", async ({ source, destination, folder }) => {
    await source.exec("create table t (id int)");
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { a: { streams: ["t"] }, b: { streams: ["t"] } },
    });

    const { exitCode, stdout, stderr } = await project.trySync("b");

    expect(exitCode).toBe(2);
    expect(stdout + stderr).toContain("connection a");
    expect(await relations(destination)).toEqual([]);
  });
});
