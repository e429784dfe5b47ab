import { describe, expect } from "vitest";
import type { PropertySchema } from "../../../protocol/catalog.ts";
import { it, type Database } from "../../support/fixtures.ts";
import {
  committedState,
  complete,
  errorOf,
  INTEGER,
  record,
  startWrite,
  state,
  stream,
  TEXT,
  write,
  writeCommand,
  type StreamSpec,
  type WriteOptions,
} from "./drive.ts";
import { runExecutable } from "../../support/run.ts";

const env = { SYNCLINE_CONNECTION_ID: "shop", SYNCLINE_PROJECT_ID: "here" };
const properties = { id: INTEGER, name: TEXT };
const append = stream({ properties, incremental: true, cursor: "id" });
const dedup: StreamSpec = { ...append, mode: "append_dedup", key: ["id"] };

const as = (tables = "raw_and_final", more: object = {}): WriteOptions => ({
  env,
  config: { tables, ...more },
});

const lines = (...ids: number[]) => [
  ...ids.map((id) => record("demo", { id, name: `name ${id}` })),
  state("demo", { at: ids.at(-1) ?? 0 }),
  complete("demo"),
];

/** Id and name of all rows. */
async function rows(destination: Database, table = "demo"): Promise<string[]> {
  const found = await destination.rows(`select id, name from ${table} order by id, name`);
  return found.map(([id, name]) => `${id} ${name}`);
}

async function rawIds(destination: Database): Promise<(string | null)[]> {
  const found = await destination.rows(
    "select _airbyte_data->>'id' from _airbyte_raw_demo order by 1",
  );
  return found.flat();
}

/** Puts a new table with some rows of the old one in its place. */
function madeAgain(table: string, rowCount: number): string {
  return `create table other (like ${table} including all);
    insert into other select * from ${table} limit ${rowCount};
    drop table ${table}; alter table other rename to ${table}`;
}

/** Renames tables whose indexes keep their names, beside one that has the next name. */
function renamed(...tables: readonly string[]): string {
  return tables
    .map(
      (table) => `alter table ${table} rename to old_${table};
        create table ${table}_airbyte_unique_key_1 (id int)`,
    )
    .join(";");
}

const all = ["1 name 1", "2 name 2", "3 name 3"];

/** What the next sync brings: everything where the destination has no position, else what is new. */
async function sync(
  destination: Database,
  folder: string,
  spec: StreamSpec,
  options: WriteOptions,
): Promise<{ asked: string; error: string; log: string }> {
  const asked = await committedState(destination, folder, [spec], options);
  const sent = asked === "" ? lines(1, 2, 3) : lines(3);
  const run = await write(destination, folder, [spec], sent, options);
  return { asked, error: errorOf(run), log: run.stdout };
}

/** @guarantee tables-known */
describe("a table with rows that no sync is known to have brought", () => {
  const OTHERS = "has rows that no sync known to _syncline brought";

  it.for([
    ["raw_and_final", append, 2],
    ["final_only", dedup, 1],
  ] as const)(
    "is said to have them where they stay: %s",
    async ([tables, spec, times], { destination, folder }) => {
      const first = await write(destination, folder, [spec], lines(1, 2), as(tables));
      await destination.exec("drop schema _syncline cascade");

      const { error, log } = await sync(destination, folder, spec, as(tables));
      const next = await sync(destination, folder, spec, as(tables));

      expect(error).toBe("");
      expect(log).toContain(`public.demo ${OTHERS}; they stay`);
      const brought = times === 2 ? ["1 name 1", "2 name 2", ...all, "3 name 3"] : all;
      expect(await rows(destination)).toEqual(brought.toSorted());
      expect(first.stdout + next.log).not.toContain(OTHERS);
    },
  );
});

/** @guarantee tables-known */
describe("a table that was emptied by hand", () => {
  for (const [what, script, spec, tables] of [
    ["with its raw table", "truncate demo, _airbyte_raw_demo", append, "raw_and_final"],
    ["where there is only a raw one", "truncate _airbyte_raw_demo", append, "raw_only"],
    [
      "when the other one is gone",
      "truncate demo; drop table _airbyte_raw_demo",
      append,
      "raw_and_final",
    ],
    ["with its history", "truncate demo, demo_scd", dedup, "final_only"],
    ["in parts", "truncate demo", append, "final_only"],
  ] as const)
    it(`is read again: ${what}`, async ({ destination, folder }) => {
      if (what === "in parts")
        await destination.exec(`
          create table demo (id bigint, name text, _airbyte_ab_id uuid,
            _airbyte_emitted_at timestamptz, _airbyte_normalized_at timestamptz,
            _airbyte_meta jsonb) partition by range (id);
          create table low partition of demo for values from (0) to (2);
          create table high partition of demo for values from (2) to (9)`);
      await write(destination, folder, [spec], lines(1, 2), as(tables));
      await destination.exec(script);

      const { asked, error, log } = await sync(destination, folder, spec, as(tables));

      expect([asked, error]).toEqual(["", ""]);
      expect(log).toContain("was emptied");
      if (tables !== "raw_only") expect(await rows(destination)).toEqual(all);
      if (tables !== "final_only") expect(await rawIds(destination)).toEqual(["1", "2", "3"]);
      // Whole again, and known to be.
      const next = await committedState(destination, folder, [spec], as(tables));
      expect(next).toContain('"at":3');
      expect(
        await destination.rows("select distinct lacks_rows from _syncline.written_table"),
      ).toEqual([["f"]]);
    });

  for (const [what, script, spec] of [
    ["appended to", "truncate demo", append],
    ["merged into, with its history", "truncate demo, demo_scd", dedup],
    ["merged into, its history alone", "truncate demo_scd", dedup],
    ["merged into, its history gone", "drop table demo_scd", dedup],
    ["made again without its rows", madeAgain("demo", 0), append],
    ["exchanged for one with half of its rows", madeAgain("demo", 1), append],
    ["merged into, and made again", madeAgain("demo", 0), dedup],
    ["merged into, its history made again", madeAgain("demo_scd", 0), dedup],
    ["renamed, and its index with its name stayed", "alter table demo rename to old", dedup],
    ["renamed twice", renamed("demo", "demo_scd"), dedup],
  ] as const)
    it(`is rebuilt from its raw table: one that is ${what}`, async ({ destination, folder }) => {
      const second = record("demo", { id: 1, name: "again" }, 1_663_950_000_000);
      await write(
        destination,
        folder,
        [spec],
        [...lines(1).slice(0, 1), second, ...lines(2)],
        as(),
      );
      const before = await rows(destination);
      const versions = spec === dedup ? await rows(destination, "demo_scd") : [];
      await destination.exec(script);

      const { asked, error } = await sync(destination, folder, spec, as());

      expect(error).toBe("");
      expect(asked).toContain('"at":2');
      expect(await rows(destination)).toEqual([...before, "3 name 3"]);
      if (spec === dedup)
        expect(await rows(destination, "demo_scd")).toEqual([...versions, "3 name 3"]);
    });

  it("is its stream's failure when somebody's own rows would be lost by that", async ({
    destination,
    folder,
  }) => {
    await write(destination, folder, [append], lines(1, 2), as());
    await destination.exec(`
      insert into demo (id, _airbyte_ab_id, _airbyte_emitted_at) values (9, gen_random_uuid(), now());
      alter table demo drop column name`);

    const { error, log } = await sync(destination, folder, append, as());

    expect(error).toContain("1 rows of public.demo have no row in public._airbyte_raw_demo");
    expect(log).toMatch(/"failure_type":"config_error".*"stream_descriptor":\{"name":"demo"/);
  });

  it("is noted when it is the raw one, of which nothing can be made again then", async ({
    destination,
    folder,
  }) => {
    await write(destination, folder, [append], lines(1, 2), as());
    await destination.exec("truncate _airbyte_raw_demo");

    const { error, log } = await sync(destination, folder, append, as());

    expect(error).toBe("");
    expect(log).toContain("public._airbyte_raw_demo was emptied");
    expect(await rows(destination)).toEqual(all);
    await destination.exec("truncate demo");
    const { asked } = await sync(destination, folder, append, as());
    expect(asked).toContain("table.changed");
    expect(await rows(destination)).toEqual([]);
  });

  it("is told when it is the raw one that was dropped, of which nothing can be made again then", async ({
    destination,
    folder,
  }) => {
    await write(destination, folder, [append], lines(1, 2), as());
    await destination.exec("drop table _airbyte_raw_demo");

    const { error, log } = await sync(destination, folder, append, as());

    expect(error).toBe("");
    expect(log).toContain("public._airbyte_raw_demo is gone");
    expect(await rows(destination)).toEqual(all);
    const lacking = "select table_name from _syncline.written_table where lacks_rows";
    expect(await destination.rows(lacking)).toEqual([["_airbyte_raw_demo"]]);
    expect((await sync(destination, folder, append, as())).log).not.toContain("is gone");
    await destination.exec("truncate demo");
    const { asked } = await sync(destination, folder, append, as());
    expect(asked).toContain("table.changed");
  });

  it("is read again where one state speaks of all streams, also after a run that failed", async ({
    destination,
    folder,
  }) => {
    const other = stream({ name: "other", incremental: true, cursor: "id" });
    const part = (name: string) => ({ stream_descriptor: { name }, stream_state: { of: name } });
    const global = {
      type: "STATE",
      state: {
        type: "GLOBAL",
        global: { shared_state: { lsn: 1 }, stream_states: [part("demo"), part("other")] },
      },
    };
    const sent = [record("demo", { id: 1, name: "a" }), record("other", { id: 1 }), global];
    const ends = [complete("demo"), complete("other")];
    const both = [append, other];
    await write(destination, folder, both, [...sent, ...ends], as("final_only"));
    await destination.exec("truncate demo");

    const ask = () => committedState(destination, folder, both, as("final_only"));
    for (const _ of [1, 2]) {
      const states = (JSON.parse(await ask()) as typeof global).state.global.stream_states;
      expect(states.map(({ stream_state }) => stream_state)).toEqual([null, { of: "other" }]);
      await write(destination, folder, both, ["{"], as("final_only"));
    }
  });

  it("is not loaded on: it would lack what was committed before", async ({
    destination,
    folder,
  }) => {
    const merged = { ...dedup, properties: { id: INTEGER, name: TEXT, more: { type: "array" } } };
    const run = await startWrite(destination, folder, [merged], as("final_only"));
    run.write(`${record("demo", { id: 1 })}\n${JSON.stringify(state("demo", { at: 1 }, 1))}\n`);
    await run.line((line) => line.includes('"at":1'));
    await destination.exec("truncate demo");
    for (const line of lines(2))
      run.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
    run.endInput();

    expect(errorOf(await run.finished)).toContain("public.demo was emptied while it was loaded");
    expect(await rows(destination)).toEqual([]);
    expect(await committedState(destination, folder, [merged], as("final_only"))).toBe("");
  });

  it("is none whose rows were deleted, and none that was only written anew", async ({
    destination,
    folder,
  }) => {
    await write(destination, folder, [append], lines(1, 2), as("final_only"));
    for (const script of ["vacuum full demo", "delete from demo where id = 1"]) {
      await destination.query(script);
      const asked = await committedState(destination, folder, [append], as("final_only"));
      expect(asked).toContain('"at":');
      await write(destination, folder, [append], lines(), as("final_only"));
    }
    await destination.exec("delete from demo");
    const { asked, error } = await sync(destination, folder, append, as("final_only"));

    expect(error).toBe("");
    expect(asked).toContain('"at":0');
    expect(await rows(destination)).toEqual(["3 name 3"]);
  });
});

describe("a column that was changed by hand", () => {
  const drop = "alter table demo drop column name";
  const gone = "its column name is gone";

  for (const [spec, script, said] of [
    [dedup, `${drop}; alter table demo_scd drop column name`, gone],
    [append, `${drop}; alter table demo add column name text`, `${gone}, another has its name`],
    [
      append,
      "alter table demo alter column name type boolean using true",
      "its column name was text and is boolean",
    ],
  ] as const)
    it(`is made again from the raw table: ${said}`, async ({ destination, folder }) => {
      await write(destination, folder, [spec], lines(1, 2), as());
      await destination.exec(script);

      const { error, log } = await sync(destination, folder, spec, as());

      expect(error).toBe("");
      expect(log).toContain(said);
      expect(await rows(destination)).toEqual(all);
      if (spec === dedup) expect(await rows(destination, "demo_scd")).toEqual(all);
    });

  it("is refused where there is no raw table, and either way out leads on", async ({
    destination,
    folder,
  }) => {
    const cut = "alter table demo alter column name type varchar(3) using left(name, 3)";
    await write(destination, folder, [append], lines(1, 2), as("final_only"));
    await destination.exec(cut);
    const before = await destination.rows("select * from demo order by 1");

    const { asked, error } = await sync(destination, folder, append, as("final_only"));

    for (const refused of [asked, error]) {
      expect(refused).toContain(
        "public.demo was changed by hand: its column name was text and is character varying(3)",
      );
      expect(refused).toContain("table.changed");
      expect(refused).toContain("syncline refresh shop --stream NAME --remove");
      expect(refused).toContain("syncline adopt shop --stream NAME");
    }
    expect(await destination.rows("select * from demo order by 1")).toEqual(before);

    const args = await writeCommand("adopt", destination, folder, [append], as("final_only"));
    const adopted = await runExecutable("destination-postgres", args, { env });
    expect(adopted.stdout).toContain("public.demo is taken as it is");
    expect((await sync(destination, folder, append, as("final_only"))).error).toBe("");
    expect(await rows(destination)).toEqual(["1 nam", "2 nam", "3 name 3"]);

    await destination.exec(cut);
    const again = { ...append, generation: 1, minimum: 1 };
    const run = await write(destination, folder, [again], lines(1, 2, 3), as("final_only"));
    expect(errorOf(run)).toBe("");
    expect(await rows(destination)).toEqual(all);
  });

  for (const [table, own, tables] of [
    ["demo", "_airbyte_ab_id", "raw_and_final"],
    ["demo", "_airbyte_emitted_at", "final_only"],
    ["_airbyte_raw_demo", "_airbyte_ab_id", "raw_and_final"],
    ["_airbyte_raw_demo", "_airbyte_emitted_at", "raw_only"],
  ] as const)
    it(`is named, with the ways out, when it was ours: ${own} of ${table}, ${tables}`, async ({
      destination,
      folder,
    }) => {
      await write(destination, folder, [append], lines(1, 2), as(tables));
      await destination.exec(`alter table ${table} drop column ${own}`);

      const { asked, error } = await sync(destination, folder, append, as(tables));

      for (const refused of [asked, error]) {
        expect(refused).toContain(`public.${table} was changed by hand: its column ${own} is gone`);
        expect(refused).toContain("syncline refresh shop --stream NAME --remove");
      }
      const again = { ...append, generation: 1, minimum: 1 };
      const run = await write(destination, folder, [again], lines(1, 2, 3), as(tables));
      expect(errorOf(run)).toBe("");
      expect(await destination.rows(`select count(${own}) from ${table}`)).toEqual([["3"]]);
    });

  it("is made again from the raw table when it was ours, and replaced by what overwrites", async ({
    destination,
    folder,
  }) => {
    const times = async (table: string) =>
      (await destination.rows(`select _airbyte_emitted_at from ${table} order by 1`)).flat();
    await write(destination, folder, [dedup], lines(1, 2), as());
    await destination.exec("alter table demo drop column _airbyte_emitted_at");
    expect((await sync(destination, folder, dedup, as())).error).toBe("");
    expect(await times("demo")).toEqual(await times("_airbyte_raw_demo"));

    await destination.exec(`
      create view held as select id from demo;
      alter table demo drop column _airbyte_emitted_at`);
    const overwrite = stream({ properties, mode: "overwrite" });
    const run = await write(destination, folder, [overwrite], lines(1, 2, 3), as());
    expect(errorOf(run)).toBe("");
    expect(await destination.rows("select count(_airbyte_emitted_at) from demo")).toEqual([["3"]]);
  });

  it("is refused when it was renamed, naming both", async ({ destination, folder }) => {
    await write(destination, folder, [append], lines(1, 2), as());
    await destination.exec("alter table demo rename column name to title");

    const { asked, error } = await sync(destination, folder, append, as());

    for (const refused of [asked, error])
      expect(refused).toContain(
        "public.demo was changed by hand: its column name is called title now",
      );
    await destination.exec("alter table demo rename column title to name");
    expect((await sync(destination, folder, append, as())).error).toBe("");
    expect(await rows(destination)).toEqual(all);
  });

  it("is refused in a raw table", async ({ destination, folder }) => {
    await write(destination, folder, [append], lines(1, 2), as());
    await destination.exec("alter table _airbyte_raw_demo drop column _airbyte_data");

    const { error } = await sync(destination, folder, append, as());

    expect(error).toContain(
      "public._airbyte_raw_demo was changed by hand: its column _airbyte_data is gone",
    );
  });

  it("may be widened, and those of a stream that are none of its user's are left alone", async ({
    destination,
    folder,
  }) => {
    await write(destination, folder, [append], lines(1, 2), as("final_only"));
    await destination.exec(`
      alter table demo alter column id type numeric, alter column name type varchar,
        add column mine int, add column other int; alter table demo drop column other`);

    const { error } = await sync(destination, folder, append, as("final_only"));

    expect(error).toBe("");
    expect(await rows(destination)).toEqual(all);
  });

  for (const [table, view] of [
    ["demo", ""],
    ["demo_scd", ""],
    ["demo", "create view held as select id from demo_scd"],
    ["demo_scd", "create view held as select id from demo"],
  ] as const)
    it(`may be widened in ${table} alone${view && ", where a view holds the other"}`, async ({
      destination,
      folder,
    }) => {
      const spec = { ...dedup, properties: { ...properties, size: INTEGER } };
      const send = (id: number) => [
        record("demo", { id, name: `name ${id}`, size: id }),
        state("demo", { at: id }),
        complete("demo"),
      ];
      await write(destination, folder, [spec], send(1), as("final_only"));
      await destination.exec(
        `alter table ${table} alter size type text;${view.replace("id from", "size from")}`,
      );

      const run = await write(destination, folder, [spec], send(2), as("final_only"));

      expect(errorOf(run)).toBe("");
      for (const one of ["demo", "demo_scd"])
        expect(await destination.rows(`select id, size::text from ${one} order by id`)).toEqual([
          ["1", "1"],
          ["2", "2"],
        ]);
      const types = await destination.rows(`
        select distinct format_type(atttypid, atttypmod) from pg_attribute
         where attname = 'size' and attrelid in ('demo'::regclass, 'demo_scd'::regclass)
         order by 1`);
      expect(types.flat()).toEqual(view ? ["bigint", "text"] : ["text"]);
    });

  for (const [table, held] of [
    ["demo", "demo_scd"],
    ["demo_scd", "demo"],
  ] as const)
    it(`takes what a view on ${held} lets it hold, where its type becomes a domain`, async ({
      destination,
      folder,
    }) => {
      const native = as("final_only", { column_types: "native" });
      const typed = (type: PropertySchema): StreamSpec => ({
        ...dedup,
        properties: { ...properties, size: type },
      });
      const send = (id: number, size: number) => [
        record("demo", { id, name: `name ${id}`, size }),
        state("demo", { at: id }),
        complete("demo"),
      ];
      const plain = typed({ type: "integer", "x-postgres-type": "integer" });
      await write(destination, folder, [plain], send(1, 1), native);
      await destination.exec(`create view held as select size from ${held}`);
      const domain = { kind: "domain", schema: "shop", name: "large", base: "bigint" };
      const wide = typed({
        type: "integer",
        "x-postgres-type": "shop.large",
        "x-postgres-base-type": "bigint",
        "x-postgres-definitions": [domain],
      });

      const run = await write(
        destination,
        folder,
        [wide],
        [...send(2, 99_999_999_999), ...send(3, 3)],
        native,
      );

      expect(errorOf(run)).toBe("");
      expect(run.stdout).toContain("DESTINATION_FIELD_SIZE_LIMITATION");
      for (const one of [table, held])
        expect(await destination.rows(`select id, size::text from ${one} order by id`)).toEqual([
          ["1", "1"],
          ["2", null],
          ["3", "3"],
        ]);
    });

  it("is told also when we added it ourselves", async ({ destination, folder }) => {
    await write(destination, folder, [append], lines(1, 2), as("final_only"));
    const wider = { ...append, properties: { ...properties, more: TEXT } };
    await write(destination, folder, [wider], lines(3), as("final_only"));
    await destination.exec("alter table demo drop column more");

    const { error } = await sync(destination, folder, wider, as("final_only"));

    expect(error).toContain("its column more is gone");
  });

  it("is told also when we made it wider ourselves", async ({ destination, folder }) => {
    await write(destination, folder, [append], lines(1, 2), as("final_only"));
    const wider = { ...append, properties: { id: { type: "number" }, name: TEXT } };
    await write(destination, folder, [wider], lines(3), as("final_only"));
    await destination.exec("alter table demo alter column id type bigint");

    const { error } = await sync(destination, folder, wider, as("final_only"));

    expect(error).toContain("its column id was numeric and is bigint");
  });
});
