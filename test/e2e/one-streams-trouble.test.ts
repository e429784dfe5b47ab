/** @guarantee streams-fail-alone */
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const FINE = { name: "fine", namespace: "public" };
const incremental = (mode: string, key: readonly string[] = ["id"]) => ({
  name: "t",
  namespace: "public",
  sync_mode: "incremental",
  destination_sync_mode: mode,
  cursor_field: "c",
  ...(mode === "append_dedup" && { primary_key: key }),
});

const fill = (source: Database) =>
  source.exec(`
    create table fine (id int primary key); insert into fine values (1);
    create table t (id int not null, b int not null, c int);
    insert into t values (1, 10, 1), (2, 20, 2)`);

const rowsOf = async (database: Database, table: string) =>
  (await database.rows(`select id from ${table} order by id`)).map(([id]) => Number(id));

/** An index that does not take the row 4, nor anything that could stand in its place. */
const PICKY = `
  create function picky(bigint) returns bigint immutable language plpgsql as $$ begin
    if $1 is distinct from 1 and $1 is distinct from 2 then raise 'no' using errcode = '0A000'; end if;
    return $1; end $$;
  create index on t (picky(id))`;

describe("one stream's trouble is its own:", () => {
  it("a NULL in its cursor", async ({ source, destination, folder }) => {
    await fill(source);
    await source.exec("insert into t values (3, 30, null)");
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { c: { streams: [FINE, incremental("append")] } },
    });

    const { exitCode, stderr } = await project.trySync();

    expect(exitCode).toBe(3);
    expect(stderr).toContain("Cursor column contains NULL value");
    expect(await rowsOf(destination, "fine")).toEqual([1]);
  });

  it.for([
    ["a view that divides by zero", "create view t as select id, 1 / (id - id) as c from base"],
    [
      "a view that divides by zero behind its first rows",
      "create view t as select id, 10 / (2 - id) as c from base",
    ],
    ["a subquery of two rows", "create view t as select id, (select id from base) as c from base"],
    [
      "a view that was never filled",
      "create materialized view t as select id, id as c from base with no data",
    ],
    ["a text that is no number", "create view t as select id, ('x' || id)::int as c from base"],
  ] as const)(
    "what the source's server refuses to read each time it is asked: %s",
    async ([, view], { source, destination, folder }) => {
      await source.exec(`
        create table fine (id int primary key); insert into fine values (1);
        create table base (id int primary key); insert into base values (1), (2);
        ${view}`);
      const t = { name: "t", namespace: "public" };
      const retry = { max_attempts: 5, first_delay_seconds: 0 };
      const project = await Project.create(folder, {
        source,
        destination,
        connections: {
          whole: { streams: [t, FINE], retry },
          cursor: { streams: [incremental("append"), FINE], prefix: "c_", retry },
        },
      });

      for (const [name, table] of [
        ["whole", "fine"],
        ["cursor", "c_fine"],
      ] as const) {
        const { exitCode, stderr, job } = await project.trySync(name);

        expect(exitCode, stderr).toBe(3);
        expect((await project.job(job)).attempts).toHaveLength(1);
        expect(await rowsOf(destination, table)).toEqual([1]);
      }
      expect((await project.syncline(["plan", "cursor"])).exitCode).toBe(3);
    },
  );

  it.for([
    ["somebody's table", "append", "create table t (mine text); insert into t values ('mine')"],
    ["somebody's view", "append", "create view t as select 'mine' as mine"],
    ["a constraint", "append", "alter table t add constraint few check (id < 3)"],
    ["a unique index", "append_dedup", "create unique index on t (b)"],
    ["a rule", "append_dedup", "create rule keep_out as on insert to t do instead nothing"],
    ["an index of an expression", "append_dedup", "create index on t ((10 / (id - 4)))"],
    ["an index of a function", "append_dedup", PICKY],
    [
      "a deferred constraint",
      "append",
      "alter table t add constraint late unique (b) deferrable initially deferred",
    ],
    [
      "a trigger",
      "append",
      `create function keep_out() returns trigger language plpgsql as $$ begin return null; end $$;
       create trigger keep_out before insert on t for each row execute function keep_out()`,
    ],
  ] as const)(
    "in the way at the destination: %s",
    async ([, mode, obstacle], { source, destination, folder }) => {
      await fill(source);
      const project = await Project.create(folder, {
        source,
        destination,
        destinationConfig: { tables: "final_only" },
        connections: { c: { streams: [FINE, incremental(mode)] } },
      });
      const isLater = / index | constraint | rule | trigger /.test(obstacle);
      if (isLater) await project.sync();
      await destination.exec(obstacle);
      await source.exec("insert into t values (4, 20, 4); insert into fine values (2)");

      const [first, second] = [await project.trySync(), await project.trySync()];

      expect([first.exitCode, second.exitCode], first.stderr).toEqual([3, 3]);
      expect(await rowsOf(destination, "fine")).toEqual([1, 2]);
      if (isLater) expect(await rowsOf(destination, "t")).toEqual([1, 2]);
      else expect(await destination.rows("select mine from t")).toEqual([["mine"]].slice(0, 1));
    },
  );

  it.for([
    ["while it is replaced", "final_only", PICKY],
    ["while it is made again", "raw_and_final", `truncate t; ${PICKY}`],
    [
      "while it gets a column",
      "final_only",
      `alter table t add column more int;
       create table parts (like t) partition by list (id); alter table parts attach partition t default;
       alter table parts drop column more`,
    ],
  ] as const)(
    "what the server refuses of its table each time it is asked: %s",
    async ([when, tables, obstacle], { source, destination, folder }) => {
      await fill(source);
      const isReplaced = when === "while it is replaced";
      const t = isReplaced
        ? { ...FINE, name: "t", destination_sync_mode: "overwrite" }
        : incremental("append");
      const project = await Project.create(folder, {
        source,
        destination,
        destinationConfig: { tables },
        connections: { c: { streams: [t, FINE] } },
      });
      if (!isReplaced) await source.exec("insert into t values (4, 40, 4)");
      await project.sync();
      await destination.exec(obstacle);
      const before = await rowsOf(destination, "t");
      await source.exec("alter table t add column more int; insert into fine values (2)");
      if (isReplaced) await source.exec("insert into t values (4, 40, 4)");

      const { exitCode, stderr } = await project.trySync();

      expect(exitCode, stderr).toBe(3);
      expect(await rowsOf(destination, "fine")).toEqual([1, 2]);
      expect(await rowsOf(destination, "t")).toEqual(before);
    },
  );

  it("a trigger that refuses its rows at the commit, where they alone are written", async ({
    source,
    destination,
    folder,
  }) => {
    await fill(source);
    const fine = { ...incremental("append"), name: "fine", cursor_field: "id" };
    const project = await Project.create(folder, {
      source,
      destination,
      destinationConfig: { tables: "final_only" },
      connections: { c: { streams: [fine, incremental("append")] } },
    });
    await project.sync();
    await destination.exec(`
      create function late() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
      create constraint trigger late after insert on t deferrable initially deferred
        for each row execute function late()`);
    await source.exec("insert into t values (4, 40, 4)");

    const { exitCode, stderr } = await project.trySync();

    expect(exitCode, stderr).toBe(3);
    expect(stderr).toContain("a trigger or a function refused a row");
    expect(await rowsOf(destination, "t")).toEqual([1, 2]);
  });

  it("another project's table", async ({ source, destination, folder }) => {
    await fill(source);
    const options = { source, destination };
    const project = await Project.create(folder, {
      ...options,
      connections: { one: { streams: [incremental("append")] } },
    });
    await project.sync();
    await project.configure({
      ...options,
      connections: { two: { streams: [FINE, incremental("append")] } },
    });

    const { exitCode, stderr } = await project.trySync();

    expect(exitCode).toBe(3);
    expect(stderr).toContain("public.t is written by the connection one");
    expect(await rowsOf(destination, "fine")).toEqual([1]);
    expect(await rowsOf(destination, "t")).toEqual([1, 2]);
  });

  it("no trouble at all: the same key in another order", async ({
    source,
    destination,
    folder,
  }) => {
    await fill(source);
    const options = (key: readonly string[]) => ({
      source,
      destination,
      connections: { c: { streams: [FINE, incremental("append_dedup", key)] } },
    });
    const project = await Project.create(folder, options(["id", "b"]));
    await project.sync();
    await project.configure(options(["b", "id"]));
    await source.exec("update t set c = 5 where id = 1");

    await project.sync();

    expect(await destination.rows("select id, c from t order by 1")).toEqual([
      ["1", "5"],
      ["2", "2"],
    ]);
  });
});
