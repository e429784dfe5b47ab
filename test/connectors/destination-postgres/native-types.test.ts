import { describe, expect } from "vitest";
import type { PropertySchema } from "../../../protocol/catalog.ts";
import { configured, discover, jsonFile } from "../../support/catalogs.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { type Finished, runExecutable, succeeded } from "../../support/run.ts";
import { columns } from "../../support/tables.ts";
import { complete, record, stream, type StreamSpec, write } from "./drive.ts";

const NATIVE = { column_types: "native", tables: "final_only" };

const MOOD = { kind: "enum", schema: "public", name: "mood", labels: ["sad", "ok", "happy"] };

/** A stream `demo` with one column `v`. */
function demo(type: string, definitions: object[] = [], more: PropertySchema = {}): StreamSpec {
  const schema = { type: "string", "x-postgres-type": type, ...more } as PropertySchema;
  if (definitions.length > 0)
    schema["x-postgres-definitions"] = definitions as unknown as PropertySchema[];
  return stream({ properties: { v: schema } });
}

/** Writes one row per value, under native types; must succeed. */
async function writeValues(
  destination: Database,
  folder: string,
  spec: StreamSpec,
  values: readonly unknown[],
  login: Partial<Database["config"]> = {},
): Promise<Finished> {
  const lines = [...values.map((v) => record("demo", { v })), complete("demo")];
  const config = { ...NATIVE, ...login };
  return succeeded(await write(destination, folder, [spec], lines, { config }));
}

const typeOf = async (destination: Database) => (await columns(destination, "demo"))[0];
const valuesOf = async (destination: Database) =>
  (await destination.rows("select v from demo order by v::text")).flat();

describe("an enum", () => {
  it("grows with the source's, its labels in the same order, and keeps its old ones", async ({
    destination,
    folder,
  }) => {
    await writeValues(destination, folder, demo("public.mood", [MOOD]), ["sad"]);
    await destination.exec("alter type mood add value 'mine' before 'ok'");
    const grown = {
      ...MOOD,
      labels: ["furious", "sad", "it's so-so \\", "ok", "happy", "ecstatic"],
    };

    await writeValues(destination, folder, demo("public.mood", [grown]), grown.labels);

    const [labels] = await destination.rows("select enum_range(null::mood)");
    expect(labels).toEqual([String.raw`{furious,sad,"it's so-so \\",mine,ok,happy,ecstatic}`]);
    expect(await typeOf(destination)).toBe("v mood");
    expect(await valuesOf(destination)).toHaveLength(7);
    expect(await valuesOf(destination)).not.toContain(null);
  });

  it("that may not be altered gives way to text, and no value is lost", async ({
    destination,
    folder,
  }) => {
    const role = `r_${destination.config.database}`;
    await writeValues(destination, folder, demo("public.mood", [MOOD]), ["sad"]);
    await destination.exec(`
      create role ${role} login password 'secret';
      grant all on schema public to ${role};
      grant create on database ${destination.config.database} to ${role};
      alter table demo owner to ${role};
      grant all on schema _syncline to ${role};
      grant all on all tables in schema _syncline to ${role};
    `);
    const grown = { ...MOOD, labels: [...MOOD.labels, "ecstatic"] };

    const run = await writeValues(destination, folder, demo("public.mood", [grown]), ["ecstatic"], {
      username: role,
      password: "secret",
    });

    expect(run.stdout).toContain(
      "columns of the type public.mood get protocol types: it lacks labels",
    );
    expect(await typeOf(destination)).toBe("v text");
    expect(await valuesOf(destination)).toEqual(["ecstatic", "sad"]);
    await destination.exec(`drop owned by ${role} cascade; drop role ${role}`);
  });
});

describe("a type of the same name that is something else", () => {
  it.for([
    ["an enum, a domain here", "create domain mood as int", MOOD],
    ["an enum, a composite here", "create type mood as (a int)", MOOD],
    ["an enum, a table here", "create table mood (a int)", MOOD],
    [
      "a domain, one over another type here",
      "create domain mood as varchar(2)",
      { kind: "domain", schema: "public", name: "mood", base: "character varying(3)" },
    ],
    [
      "a composite, one of other attributes here",
      "create type mood as (a int, b text)",
      {
        kind: "composite",
        schema: "public",
        name: "mood",
        attributes: [
          { name: "b", type: "text" },
          { name: "a", type: "integer" },
        ],
      },
    ],
    [
      "a range, one of another type here",
      "create type mood as range (subtype = float8)",
      { kind: "range", schema: "public", name: "mood", subtype: "text" },
    ],
  ] as const)(
    "is left alone, and the values become text: %s",
    async ([, existing, definition], { destination, folder }) => {
      await destination.exec(existing);

      const run = await writeValues(destination, folder, demo("public.mood", [definition]), [
        "happy",
      ]);

      expect(run.stdout).toContain("a type of that name here is something else");
      expect(await typeOf(destination)).toBe("v text");
      expect(await valuesOf(destination)).toEqual(["happy"]);
    },
  );
});

describe("a domain", () => {
  it("is created without the judgement of its source: any value it has had, and NULL", async ({
    destination,
    folder,
  }) => {
    const price = {
      kind: "domain",
      schema: "shop",
      name: "price",
      base: "numeric(10,2)",
      not_null: true,
      checks: ["CHECK (value > 0); drop table demo"],
    };
    const spec = demo("shop.price", [price], {
      type: "number",
      "x-postgres-base-type": "numeric(10,2)",
    });

    await writeValues(destination, folder, spec, [-1.5, null]);

    expect(await typeOf(destination)).toBe("v shop.price");
    expect(await valuesOf(destination)).toEqual(["-1.50", null]);
  });
});

describe("a domain that is another one at the source from now on", () => {
  const money = (name: string, base: string) => ({ kind: "domain", schema: "public", name, base });
  const of = (name: string, base: string) =>
    demo(`public.${name}`, [money(name, base)], { type: "number", "x-postgres-base-type": base });

  it.for([
    ["renamed and widened", "cash", "numeric(10,3)", "cash", ["1.500", "1234567.125"]],
    ["renamed", "cash", "numeric(5,2)", "cash", ["1.50", "12.25"]],
    ["renamed and narrowed", "cash", "numeric(4,2)", "price", ["1.50", "12.25"]],
    ["widened", "price", "numeric(10,3)", "numeric", ["1.50", "1234567.125"]],
  ] as const)(
    "%s: the column follows, and no value is lost",
    async ([, name, base, type, values], { destination, folder }) => {
      await writeValues(destination, folder, of("price", "numeric(5,2)"), [1.5]);

      await writeValues(destination, folder, of(name, base), [Number(values[1])]);

      expect(
        await destination.rows(
          "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'demo'::regclass and attname = 'v'",
        ),
      ).toEqual([[type]]);
      expect(await valuesOf(destination)).toEqual(values);
    },
  );
});

describe("a composite", () => {
  const A = { name: "a", type: "integer" };
  const B = { name: "b", type: "text" };
  const C = { name: "c", type: "date" };
  const pair = (...attributes: object[]) => [
    { kind: "composite", schema: "public", name: "pair", attributes },
  ];
  const array = { type: "array", items: { type: "string" } };

  it.for([
    ["itself", "", {}, (text: string) => text, (text: string) => text],
    ["its array", "[]", array, (text: string) => [text], (text: string) => `{"${text}"}`],
  ] as const)(
    "grows with the source's: %s",
    async ([, brackets, more, sent, stored], { destination, folder }) => {
      const type = `public.pair${brackets}`;
      await writeValues(destination, folder, demo(type, pair(A, B), more), [sent("(1,x)")]);

      const run = await writeValues(destination, folder, demo(type, pair(A, B, C), more), [
        sent("(2,y,2024-02-29)"),
      ]);

      expect(run.stdout).not.toContain("NULL");
      expect(await typeOf(destination)).toBe(`v pair${brackets}`);
      expect(await valuesOf(destination)).toEqual([stored("(1,x,)"), stored("(2,y,2024-02-29)")]);
    },
  );

  it.for([
    ["itself", "", {}, (text: string) => text, (text: string) => text],
    ["its array", "[]", array, (text: string) => [text], (text: string) => `["${text}"]`],
  ] as const)(
    "that became another one gives way to what holds both: %s",
    async ([, brackets, more, sent, stored], { destination, folder }) => {
      const type = `public.pair${brackets}`;
      await writeValues(destination, folder, demo(type, pair(A, B), more), [sent("(1,x)")]);

      const run = await writeValues(destination, folder, demo(type, pair(A), more), [sent("(2)")]);

      expect(run.stdout).not.toContain("× NULL");
      expect(await valuesOf(destination)).toEqual([stored("(1,x)"), stored("(2)")]);
    },
  );
});

describe("a collation", () => {
  it("is the column's own here too, and its domain's", async ({ destination, folder }) => {
    const word = {
      kind: "domain",
      schema: "public",
      name: "word",
      base: "text",
      collation: 'pg_catalog."C"',
    };
    const spec = stream({
      properties: {
        v: {
          type: "string",
          "x-postgres-type": "text",
          "x-postgres-collation": 'pg_catalog."POSIX"',
        },
        w: {
          type: "string",
          "x-postgres-type": "public.word",
          "x-postgres-base-type": "text",
          "x-postgres-definitions": [word],
        },
      },
    });

    await writeValues(destination, folder, spec, ["a"]);

    expect(
      await destination.rows(`select collname from pg_attribute join pg_collation c on c.oid = attcollation
        where attrelid = 'demo'::regclass and attname in ('v', 'w') order by attname`),
    ).toEqual([["POSIX"], ["C"]]);
  });

  it("that is not here is the default one, and the log says so", async ({
    destination,
    folder,
  }) => {
    const spec = demo("text", [], { "x-postgres-collation": "public.german_phone_book" });

    const run = await writeValues(destination, folder, spec, ["a"]);

    expect(run.stdout).toContain("does not have the collation public.german_phone_book");
    expect(await valuesOf(destination)).toEqual(["a"]);
  });
});

describe("a type that an extension brings", () => {
  const HSTORE = { kind: "extension", extension: "hstore", schema: "public", name: "hstore" };

  it("is found in whatever schema the extension is, also inside other types", async ({
    destination,
    folder,
  }) => {
    const pair = {
      kind: "composite",
      schema: "public",
      name: "tagged",
      attributes: [
        { name: "id", type: "integer" },
        { name: "tags", type: "public.hstore[]" },
      ],
    };
    const spec = stream({
      properties: {
        v: {
          type: "string",
          "x-postgres-type": "public.hstore",
          "x-postgres-definitions": [HSTORE],
        },
        w: {
          type: "string",
          "x-postgres-type": "public.tagged",
          "x-postgres-definitions": [HSTORE, pair],
        },
      },
    });
    await destination.exec("create schema ext; create extension hstore schema ext");

    for (let run = 0; run < 2; run++) {
      const { stdout } = await succeededWrite(destination, folder, spec, {
        v: "a=>NULL",
        w: '(1,"{""a=>1""}")',
      });
      expect(stdout).not.toContain("protocol types");
    }

    expect((await columns(destination, "demo")).slice(0, 2)).toEqual(["v ext.hstore", "w tagged"]);
    expect(await destination.rows("select v, (w).tags from demo limit 1")).toEqual([
      ['"a"=>NULL', String.raw`{"\"a\"=>\"1\""}`],
    ]);
  });

  it("travels as text where the extension is not, and the log names it", async ({
    destination,
    folder,
  }) => {
    const run = await writeValues(destination, folder, demo("public.hstore", [HSTORE]), ["a=>1"]);

    expect(run.stdout).toContain("the extension hstore is not installed here");
    expect(await typeOf(destination)).toBe("v text");
    expect(await valuesOf(destination)).toEqual(["a=>1"]);
  });
});

it("keeps what belongs to the source's database as text: its tables' row types, its objects", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(`
    create table thing (a int, b text);
    create table demo (id int, v thing, vs thing[], r regclass, o regproc, acl aclitem);
    insert into thing values (1, 'x');
    insert into demo select 1, thing, array[thing], 'thing', 'now', 'postgres=r/postgres' from thing;
  `);
  const from = await jsonFile(folder, "source.json", source.config);
  const to = await jsonFile(folder, "destination.json", { ...destination.config, ...NATIVE });
  const catalog = await jsonFile(
    folder,
    "catalog.json",
    configured(await discover(from), ["demo", "thing"]),
  );
  const read = await runExecutable("source-postgres", [
    "read",
    "--config",
    from,
    "--catalog",
    catalog,
  ]);

  succeeded(
    await runExecutable("destination-postgres", ["write", "--config", to, "--catalog", catalog], {
      stdin: succeeded(read).stdout,
    }),
  );

  expect((await columns(destination, "demo")).slice(0, 6)).toEqual([
    "id integer",
    "v text",
    "vs jsonb",
    "r text",
    "o text",
    "acl text",
  ]);
  expect(await destination.rows("select v, vs, r, o, acl from demo")).toEqual([
    ["(1,x)", '["(1,x)"]', "public.thing", "now", "postgres=r/postgres"],
  ]);
  expect(await destination.rows("select a, b from thing")).toEqual([["1", "x"]]);
});

it("creates types for a user who may create in the schema and not in the database", async ({
  destination,
  folder,
}) => {
  const role = `r_${destination.config.database}`;
  await destination.exec(`
    create role ${role} login password 'secret';
    create schema shop authorization ${role};
    create schema _syncline authorization ${role};
    grant all on schema public to ${role};
  `);
  const definition = { ...MOOD, schema: "shop" };

  await writeValues(destination, folder, demo("shop.mood", [definition]), ["sad"], {
    username: role,
    password: "secret",
  });

  expect(await typeOf(destination)).toBe("v shop.mood");
  await destination.exec(`drop owned by ${role} cascade; drop role ${role}`);
});

async function succeededWrite(
  destination: Database,
  folder: string,
  spec: StreamSpec,
  data: object,
): Promise<Finished> {
  const lines = [record("demo", data), complete("demo")];
  return succeeded(await write(destination, folder, [spec], lines, { config: NATIVE }));
}

/** Column types that would be more than a type if they were sent as they are; `name` is one of their own. */
const HOSTILE: readonly ((name: string) => PropertySchema)[] = (() => {
  const drop = "); drop table public.victim; --";
  const typed = (type: string, more: PropertySchema = {}) => [
    () => ({ "x-postgres-type": type, ...more }),
  ];
  const described = (...definitions: (object | null)[]) =>
    definitions.map((definition) => (name: string) => ({
      "x-postgres-type": `public.${name}`,
      "x-postgres-definitions": [
        definition && { schema: "public", name, ...definition },
      ] as unknown as PropertySchema[],
    }));
  const composite = (...attributes: (object | null)[]) =>
    described({ kind: "composite", attributes });
  return [
    typed(`text${drop}`),
    typed("text --"),
    typed(`text --\n${drop}`),
    typed("text check (pg_catalog.pg_sleep(1) is null)"),
    typed(`numeric(1${drop})`),
    typed(`public.mood${drop}`),
    typed("record"),
    typed("public.victim"),
    typed("public.victim[]"),
    typed("public.d", { "x-postgres-base-type": `text${drop}` }),
    typed("text", { "x-postgres-collation": `pg_catalog."C"${drop}` }),
    composite({ name: "a", type: `text${drop}` }),
    composite({ name: "a", type: "text --" }, { name: `\n${drop}`, type: "text" }),
    composite({ name: "a", type: "text --" }, { name: `b\n${drop}`, type: "text" }),
    composite({ name: `a" text${drop}`, type: "text" }),
    composite({ name: "a", type: "text", collation: drop }),
    composite({ name: "a" }),
    composite(null),
    composite({ name: "", type: "text" }),
    described(
      { kind: "composite", attributes: "a text" },
      { kind: "enum", labels: [`a'${drop}`, `b\\'${drop}`] },
      { kind: "enum", labels: ["a\0b"] },
      { kind: "enum", labels: ["\ud800"] },
      { kind: "enum", labels: ["x".repeat(64)] },
      { kind: "enum", labels: [1, null] },
      { kind: "domain", base: `text${drop}` },
      { kind: "domain", base: "text", collation: drop },
      { kind: "domain", base: "text", default: `''${drop}` },
      { kind: "range", subtype: `integer${drop}` },
      { kind: "range", subtype: "integer", operators: `pg_catalog.int4_ops${drop}` },
      { kind: "range", subtype: "text", multirange: { schema: "public", name: drop } },
      { kind: "extension", extension: `hstore${drop}` },
      { kind: "enum", name: `mood${drop}`, labels: ["a"] },
      { kind: "enum", schema: `public"${drop}`, labels: ["a"] },
      { kind: "enum", schema: "pg_catalog", labels: ["a"] },
      { kind: "enum", schema: "_syncline", labels: ["a"] },
      { kind: "enum", name: "", labels: ["a"] },
      null,
    ),
  ].flat();
})();

/** @guarantee words-are-no-commands */
it("runs nothing of a catalog as SQL, whatever it calls a type or a part of one", async ({
  destination,
  folder,
}) => {
  await destination.exec("create table victim (a int); insert into victim values (1)");
  const hostile = HOSTILE.map((schema, index): [string, PropertySchema] => [
    `v${index}`,
    { type: "string", ...schema(`type_${index}`) },
  ]);
  const properties = { ...Object.fromEntries(hostile), w: { type: "string" } };

  const run = await write(
    destination,
    folder,
    [stream({ properties })],
    [record("demo", { w: "b" }), complete("demo")],
    { config: NATIVE },
  );

  expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  expect(await destination.rows("select a from victim")).toEqual([["1"]]);
  expect(await destination.rows("select w from demo")).toEqual([["b"]]);
  await destination.exec("alter table victim alter column a type text"); // no column is made of it
  expect(
    await destination.rows(
      `select n.nspname, t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace
        where n.nspname in ('pg_catalog', '_syncline') and t.typname like 'type\\_%'`,
    ),
  ).toEqual([]);
});
