import { describe, expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { type Finished, runExecutable, succeeded } from "../../support/run.ts";
import { columns } from "../../support/tables.ts";
import {
  complete,
  errorOf,
  INTEGER,
  leftovers,
  record,
  state,
  statesOf,
  stream,
  TEXT,
  write,
  writeCommand,
  type StreamSpec,
  type WriteOptions,
} from "./drive.ts";

const demo = stream({ mode: "overwrite" });
const dedup = stream({ mode: "append_dedup", key: ["id"], incremental: true, cursor: "id" });
const finalOnly: WriteOptions = { config: { tables: "final_only" } };

/** Records `[id, name]`, a state, and the end of the stream. */
const lines = (...rows: readonly (readonly [number | null, string | null])[]) => [
  ...rows.map(([id, name]) => record("demo", { id, name })),
  state("demo", { rows: rows.length }),
  complete("demo"),
];

const rowsOf = (destination: Database, table = "only demo") =>
  destination.rows(`select id, name from ${table} order by id, name`);

/** Ways in which a stream's tables are replaced. */
const REPLACING: readonly (readonly [string, StreamSpec, StreamSpec, WriteOptions])[] = [
  ["overwritten", demo, demo, {}],
  ["overwritten, without a raw table", demo, demo, finalOnly],
  ["refreshed", stream(), stream({ generation: 2, minimum: 2 }), {}],
  ["refreshed and deduplicated", dedup, { ...dedup, generation: 2, minimum: 2 }, {}],
  [
    "refreshed and deduplicated, without a history",
    dedup,
    { ...dedup, generation: 2, minimum: 2 },
    { config: { history: false, hashid: true } },
  ],
];

/** @guarantee users-own-stays */
describe.for(REPLACING)("a table that is %s", ([, first, next, options]) => {
  it("keeps the rows of a table whose foreign key points to it", async ({
    destination,
    folder,
  }) => {
    succeeded(await write(destination, folder, [first], lines([1, "a"], [2, "b"]), options));
    await destination.exec(`
      alter table demo add primary key (id);
      create table note (n int, demo_id bigint references demo on delete cascade);
      insert into note select n, 1 from generate_series(1, 50) n`);

    const run = await write(destination, folder, [next], lines([1, "A"], [3, "c"]), options);

    expect(errorOf(run)).toBe("");
    expect(await rowsOf(destination)).toEqual([
      ["1", "A"],
      ["3", "c"],
    ]);
    expect(await destination.rows("select demo_id, count(*) from note group by 1")).toEqual([
      ["1", "50"],
    ]);
    expect(await leftovers(destination)).toEqual([]);
  });

  it("leaves the rows of a table that inherits from it", async ({ destination, folder }) => {
    succeeded(await write(destination, folder, [first], lines([1, "a"]), options));
    await destination.exec(`
      create table mine (remark text) inherits (demo);
      insert into mine (id, name, remark) values (7, 'seven', 'kept')`);

    const run = await write(destination, folder, [next], lines([2, "b"]), options);

    expect(errorOf(run)).toBe("");
    expect(await rowsOf(destination)).toEqual([["2", "b"]]);
    expect(await destination.rows("select id, name, remark from mine")).toEqual([
      ["7", "seven", "kept"],
    ]);
  });

  it("is refused when a trigger keeps rows out, and stays what it was", async ({
    destination,
    folder,
  }) => {
    succeeded(await write(destination, folder, [first], lines([1, "a"]), options));
    await destination.exec(`
      create function swallow() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger keep_out before insert on demo for each row execute function swallow()`);

    const run = await write(destination, folder, [next], lines([2, "b"], [3, "c"]), options);

    expect(run.exitCode).toBe(1);
    expect(errorOf(run)).toMatch(
      /public\.demo does not have what was sent: .*0 .* 2.* trigger keep_out.*postgres\.constraint/,
    );
    expect(statesOf(run)).toEqual([]);
    expect(await rowsOf(destination)).toEqual([["1", "a"]]);
  });

  it("is replaced in a publication of all tables, again and again", async ({
    destination,
    folder,
  }) => {
    await destination.exec("create publication everything for all tables");
    succeeded(await write(destination, folder, [first], lines([1, "a"]), options));

    for (const generation of [2, 3]) {
      const spec = next.generation ? { ...next, generation, minimum: generation } : next;
      const run = await write(destination, folder, [spec], lines([generation, "b"]), options);
      expect(errorOf(run)).toBe("");
      expect(await rowsOf(destination)).toEqual([[`${generation}`, "b"]]);
    }
  });

  it("keeps functions over its rows, and columns of its type", async ({ destination, folder }) => {
    succeeded(await write(destination, folder, [first], lines([1, "a"]), options));
    await destination.exec(`
      create function title(demo) returns text language sql as $$ select upper($1.name) $$;
      create function all_of() returns setof demo language sql as $$ select * from only demo $$;
      create table kept (one demo, many demo[]);
      create domain whole as demo;
      insert into kept select d, array[d] from demo d`);

    const run = await write(destination, folder, [next], lines([2, "b"]), options);

    expect(errorOf(run)).toBe("");
    expect(await destination.rows("select (d).id, title(d) from all_of() d")).toEqual([["2", "B"]]);
    expect(await destination.rows("select (one).name, (many[1]).id from kept")).toEqual([
      ["a", "1"],
    ]);
  });
});

it.for(["set null", "set default", "restrict", "no action"])(
  "keeps what a foreign key points to that says on delete %s",
  async (action, { destination, folder }) => {
    succeeded(await write(destination, folder, [demo], lines([1, "a"], [2, "b"])));
    await destination.exec(`
      alter table demo add primary key (id);
      create table note (demo_id bigint default 2 references demo on delete ${action});
      insert into note values (1)`);

    const run = await write(destination, folder, [demo], lines([1, "A"], [2, "b"]));

    expect(errorOf(run)).toBe("");
    expect(await destination.rows("select demo_id from note")).toEqual([["1"]]);
    expect(await rowsOf(destination)).toContainEqual(["1", "A"]);
  },
);

it("lets a foreign key do what it says of rows that are really gone", async ({
  destination,
  folder,
}) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"], [2, "b"], [3, "c"])));
  await destination.exec(`
    alter table demo add primary key (id);
    create table note (n int, demo_id bigint references demo on delete cascade);
    create table tag (n int, demo_id bigint references demo on delete set null);
    insert into note values (1, 1), (2, 2), (3, 3);
    insert into tag values (1, 1), (2, 2), (3, 3)`);

  succeeded(await write(destination, folder, [demo], lines([3, "C"], [1, "A"])));

  expect(await destination.rows("select n, demo_id from note order by n")).toEqual([
    ["1", "1"],
    ["3", "3"],
  ]);
  expect(await destination.rows("select n, demo_id from tag order by n")).toEqual([
    ["1", "1"],
    ["2", null],
    ["3", "3"],
  ]);
});

/** @guarantee users-own-stays */
it("replaces nothing when a row that is gone is still pointed to, and names the foreign key", async ({
  destination,
  folder,
}) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"], [2, "b"])));
  await destination.exec(`
    alter table demo add primary key (id);
    create table note (demo_id bigint references demo deferrable initially deferred);
    insert into note values (2)`);

  const run = await write(destination, folder, [demo], lines([1, "A"]));

  expect(errorOf(run)).toMatch(/demo.*foreign key.*note_demo_id_fkey.*postgres\.constraint/);
  expect(run.stdout).toContain("let the foreign key say on delete cascade or set null");
  expect(await rowsOf(destination)).toEqual([
    ["1", "a"],
    ["2", "b"],
  ]);
  expect(await leftovers(destination)).toEqual([]);
});

it("moves unique values and its own references between rows", async ({ destination, folder }) => {
  const tree = stream({ mode: "overwrite", properties: { id: INTEGER, parent: INTEGER } });
  const rows = (...all: [number, number | null][]) => [
    ...all.map(([id, parent]) => record("demo", { id, parent })),
    complete("demo"),
  ];
  succeeded(await write(destination, folder, [tree], rows([1, null], [2, 1], [3, 2])));
  await destination.exec(`
    alter table demo add primary key (id), add foreign key (parent) references demo on delete cascade`);

  succeeded(await write(destination, folder, [tree], rows([1, null], [3, 4], [4, 1])));

  expect(await destination.rows("select id, parent from demo order by id")).toEqual([
    ["1", null],
    ["3", "4"],
    ["4", "1"],
  ]);
});

it("tells rows with NULL in their key apart, and rows by the key's own operator", async ({
  destination,
  folder,
}) => {
  await destination.exec("create schema ext; create extension citext schema ext");
  const spec = stream({
    mode: "overwrite",
    properties: {
      id: INTEGER,
      name: {
        type: "string",
        "x-postgres-type": "ext.citext",
        "x-postgres-definitions": [
          { kind: "extension", extension: "citext", schema: "ext", name: "citext" },
        ],
      },
    },
  });
  const native: WriteOptions = { config: { column_types: "native" } };
  succeeded(
    await write(destination, folder, [spec], lines([1, "a"], [2, null], [3, null]), native),
  );
  await destination.exec(`
    alter table demo add unique (name);
    create table note (name ext.citext references demo (name) on delete cascade);
    insert into note values ('A')`);

  succeeded(
    await write(destination, folder, [spec], lines([5, "A"], [6, null], [7, null]), native),
  );

  expect(await rowsOf(destination)).toEqual([
    ["5", "A"],
    ["6", null],
    ["7", null],
  ]);
  expect(await destination.rows("select name from note")).toEqual([["A"]]);
});

it("refuses a table whose rows are pointed to by a column of the user's, before it changes anything", async ({
  destination,
  folder,
}) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"])));
  await destination.exec(`
    alter table demo add column my_id serial primary key;
    create table note (demo_id int references demo);
    insert into note values (1)`);

  const run = await write(destination, folder, [demo], lines([2, "b"]));

  expect(errorOf(run)).toMatch(
    /public\.demo cannot be replaced: the foreign key note_demo_id_fkey of public\.note .*columns that the stream does not have.*postgres\.object_in_use/,
  );
  expect(await destination.rows("select id, my_id from demo")).toEqual([["1", "1"]]);
});

it("keeps what the user wrote beside rows that stay, where the table has a key", async ({
  destination,
  folder,
}) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"], [2, "b"])));
  await destination.exec(`
    alter table demo add primary key (id), add column remark text default 'new';
    update demo set remark = 'mine' where id = 1;
    create table deleted (id bigint);
    create function note() returns trigger language plpgsql as
      $$ begin insert into public.deleted values (old.id); return old; end $$;
    create trigger note before delete on demo for each row execute function note()`);

  succeeded(await write(destination, folder, [demo], lines([1, "A"], [3, "c"])));

  expect(await destination.rows("select id, name, remark from demo order by id")).toEqual([
    ["1", "A", "mine"],
    ["3", "c", "new"],
  ]);
  expect(await destination.rows("select id from deleted")).toEqual([["2"]]);
  const ids = "select d.id from demo d join _airbyte_raw_demo r using (_airbyte_ab_id) order by 1";
  expect(await destination.rows(ids)).toEqual([["1"], ["3"]]);
});

it("clears columns of ours that have nothing in the new rows", async ({ destination, folder }) => {
  succeeded(await write(destination, folder, [dedup], lines([1, "a"])));
  await destination.exec(`
    alter table demo add primary key (id);
    create table note (demo_id bigint references demo)`);

  succeeded(await write(destination, folder, [demo], lines([1, "A"])));

  expect(await destination.rows("select name, _airbyte_unique_key from demo")).toEqual([
    ["A", null],
  ]);
});

it.for([
  ["on insert to demo do instead nothing", "keep_out"],
  ["on update to demo do instead nothing", "keep_out"],
  ["on delete to demo do instead nothing", "keep_out"],
  ["on insert to demo where new.id > 1 do instead nothing", "keep_out"],
])(
  "refuses a table with the rule %s, before it changes anything",
  async ([rule], { destination, folder }) => {
    for (const spec of [demo, dedup]) {
      await destination.exec("drop schema public cascade; create schema public");
      succeeded(await write(destination, folder, [spec], lines([1, "a"])));
      await destination.exec(`create rule keep_out as ${rule!}`);
      const raw = await destination.rows("select _airbyte_ab_id from _airbyte_raw_demo");

      const run = await write(destination, folder, [spec], lines([2, "b"]));

      expect(errorOf(run)).toMatch(
        /public\.demo cannot be written: the rule keep_out .*postgres\.object_in_use/,
      );
      expect(await rowsOf(destination)).toEqual([["1", "a"]]);
      expect(await destination.rows("select _airbyte_ab_id from _airbyte_raw_demo")).toEqual(raw);
    }
  },
);

it("runs the rules that do something ALSO", async ({ destination, folder }) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"])));
  await destination.exec(`
    create table seen (n int);
    create rule see as on insert to demo do also insert into seen values (1)`);

  succeeded(await write(destination, folder, [demo], lines([2, "b"], [3, "c"])));

  expect(await rowsOf(destination)).toHaveLength(2);
  expect(await destination.rows("select count(*) > 0 from seen")).toEqual([["t"]]);
});

it.for([
  ["deletes are swallowed", "trigger meddle before delete", "", "return null"],
  ["updates are swallowed", "trigger meddle before update", "", "return null"],
  [
    "rows are removed behind our back",
    "trigger meddle after insert or update",
    "",
    "delete from public.demo; return null",
  ],
  [
    "rows are removed at the commit",
    "constraint trigger meddle after insert or update",
    "deferrable initially deferred",
    "delete from public.demo; return null",
  ],
])("replaces nothing when %s", async ([, when, how, body], { destination, folder }) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"], [2, "b"])));
  await destination.exec(`
    alter table demo add primary key (id), add column remark text;
    create function meddle() returns trigger language plpgsql as $$ begin ${body!}; end $$;
    create ${when!} on demo ${how!} for each row execute function meddle()`);

  const run = await write(destination, folder, [demo], lines([1, "A"], [3, "c"]));

  expect(errorOf(run)).toMatch(/what was sent.*trigger meddle.*postgres\.constraint/);
  expect(await rowsOf(destination)).toEqual([
    ["1", "a"],
    ["2", "b"],
  ]);
});

it("merges and replaces what a publication took in later", async ({ destination, folder }) => {
  succeeded(await write(destination, folder, [dedup], lines([1, "a"])));
  await destination.exec("create publication everything for all tables");

  const merged = await write(destination, folder, [dedup], lines([1, "b"], [2, "c"]));

  expect(errorOf(merged)).toBe("");
  expect(merged.stdout).toContain("public.demo has the replica identity FULL now");
  expect(await rowsOf(destination)).toEqual([
    ["1", "b"],
    ["2", "c"],
  ]);
  succeeded(await write(destination, folder, [demo], lines([3, "d"])));
  expect(await rowsOf(destination)).toEqual([["3", "d"]]);
});

it("respects a replica identity that its user set, and names the publication", async ({
  destination,
  folder,
}) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"])));
  await destination.exec(`
    create publication changes for table demo;
    alter table demo replica identity nothing`);

  const run = await write(destination, folder, [demo], lines([2, "b"]));

  expect(errorOf(run)).toMatch(
    /public\.demo cannot be written: the publication changes .*REPLICA IDENTITY FULL.*postgres\.object_in_use/,
  );
  expect(await rowsOf(destination)).toEqual([["1", "a"]]);
});

it("widens the type of a column whose rows stay, and keeps it where not every value would fit", async ({
  destination,
  folder,
}) => {
  const text = stream({ mode: "overwrite", properties: { id: INTEGER, name: TEXT } });
  const number = stream({ mode: "overwrite", properties: { id: TEXT, name: INTEGER } });
  succeeded(await write(destination, folder, [text], lines([1, "a"])));
  await destination.exec(`
    create table mine () inherits (demo);
    insert into mine (id, name) values (7, 'seven')`);

  const run = await write(
    destination,
    folder,
    [number],
    [record("demo", { id: "one", name: 1 }), complete("demo")],
  );

  expect(errorOf(run)).toBe("");
  expect((await columns(destination, "demo")).slice(0, 2)).toEqual(["id text", "name text"]);
  expect(run.stdout).toContain("keeping the type of public.demo.name from text to bigint");
  expect(await rowsOf(destination)).toEqual([["one", "1"]]);
  expect(await rowsOf(destination, "mine")).toEqual([["7", "seven"]]);
});

it("keeps the type of columns that others' columns are made of", async ({
  destination,
  folder,
}) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"])));
  await destination.exec("create table kept (one demo); insert into kept select d from demo d");
  const changed = stream({ mode: "overwrite", properties: { id: TEXT, name: TEXT } });

  const run = await write(
    destination,
    folder,
    [changed],
    [record("demo", { id: "2", name: "b" }), complete("demo")],
  );

  expect(errorOf(run)).toBe("");
  expect(run.stdout).toContain("keeping the type of public.demo.id from bigint to text");
  expect(await rowsOf(destination)).toEqual([["2", "b"]]);
});

it("rebuilds and refits a table without the rows of those that inherit from it", async ({
  destination,
  folder,
}) => {
  const append = stream({ incremental: true, cursor: "id" });
  succeeded(await write(destination, folder, [append], lines([1, "a"], [1, "b"])));
  await destination.exec(`
    create table mine () inherits (demo);
    insert into mine (id, name) values (1, 'mine'), (1, 'mine, too')`);

  succeeded(await write(destination, folder, [dedup], lines([2, "c"])));
  expect(await rowsOf(destination)).toEqual([
    ["1", "b"],
    ["2", "c"],
  ]);
  expect(await rowsOf(destination, "mine")).toHaveLength(2);

  const args = await writeCommand("normalize", destination, folder, [dedup]);
  const rebuilt: Finished = await runExecutable("destination-postgres", args);
  expect(errorOf(rebuilt)).toBe("");
  expect(await rowsOf(destination)).toEqual([
    ["1", "b"],
    ["2", "c"],
  ]);
  expect(await rowsOf(destination, "mine")).toHaveLength(2);
});

it("moves no table aside that owns a sequence of the user's", async ({ destination, folder }) => {
  succeeded(await write(destination, folder, [demo], lines([1, "a"])));
  await destination.exec("create sequence ticket owned by demo.id");

  succeeded(await write(destination, folder, [demo], lines([2, "b"])));

  expect(await destination.rows("select nextval('ticket')")).toEqual([["1"]]);
});

it.for([["append"], ["overwrite"]] as const)(
  "says which function of a trigger needs a schema in front of a name: %s",
  async ([mode], { destination, folder }) => {
    const streams = [stream({ name: "t", mode })];
    const rows = [record("t", { id: 1 }), complete("t")];
    await write(destination, folder, streams, rows);
    await destination.exec(`
      create table audit (id bigint);
      create function log_it() returns trigger language plpgsql as
        $$begin insert into audit values (new.id); return new; end$$;
      create trigger log_it after insert on t for each row execute function log_it()`);

    const run = await write(destination, folder, streams, rows);

    expect(run.exitCode).not.toBe(0);
    expect(errorOf(run)).toContain("the function public.log_it needs it");
    expect(errorOf(run)).not.toContain("discover");

    await destination.exec("alter function log_it() set search_path = public");
    expect(errorOf(await write(destination, folder, streams, rows))).toBe("");
  },
);
