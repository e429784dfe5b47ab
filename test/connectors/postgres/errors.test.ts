import { DatabaseError } from "pg";
import { describe, expect } from "vitest";
import { close, connect } from "../../../connectors/postgres/connection.ts";
import { postgresFailure } from "../../../connectors/postgres/errors.ts";
import { Failure } from "../../../protocol/errors.ts";
import { it, type Database } from "../../support/fixtures.ts";

const SETUP = `
  create table parent (id int primary key, name text unique, small smallint check (small < 100), must text not null);
  create view watching as select * from parent;
  create function refuse() returns trigger language plpgsql as $$ begin raise exception 'canary %', new; end $$;
  create table guarded (t text);
  create table published (id int);
  create table hidden (id int); alter table hidden enable row level security; grant all on hidden to public;
  create publication updates for table published;
  create trigger guard before insert on guarded for each row execute function refuse();
  insert into parent values (1, 'canary', 1, 'x');
`;

/** A statement that fails → how it is classified, and what the message must say. */
const CASES: [statement: string, code: string, kind: string, says: RegExp][] = [
  ["select 'canary'::int", "postgres.bad_value", "config_error", /not valid for the type/],
  ["select 99999::smallint", "postgres.bad_value", "config_error", /out of range/],
  [
    "insert into public.parent values (2, 'canary', 1, 'x')",
    "postgres.constraint",
    "config_error",
    /unique .*parent_name_key/,
  ],
  [
    "insert into public.parent values (3, 'canary3', 100, 'x')",
    "postgres.constraint",
    "config_error",
    /check .*parent_small_check/,
  ],
  [
    "insert into public.parent values (4, 'canary4', 1, null)",
    "postgres.constraint",
    "config_error",
    /column must/,
  ],
  [
    "insert into public.guarded values ('canary')",
    "postgres.constraint",
    "config_error",
    /trigger/,
  ],
  ["select * from public.missing", "postgres.object_missing", "config_error", /does not exist/],
  ["select nope from public.parent", "postgres.object_missing", "config_error", /nope/],
  ["create table nowhere.t ()", "postgres.object_missing", "config_error", /nowhere/],
  ["drop table public.parent", "postgres.object_in_use", "config_error", /depend/],
  [
    "set statement_timeout = 1; select pg_sleep(5)",
    "postgres.conflict",
    "transient_error",
    /timeout/,
  ],
  [
    "begin read only; delete from public.parent",
    "postgres.permission_denied",
    "config_error",
    /read-only/,
  ],
  [
    "set role pg_monitor; select * from public.parent",
    "postgres.permission_denied",
    "config_error",
    /permission denied/,
  ],
  ["select 1 / 0", "postgres.bad_value", "config_error", /rejected/],
  ["selec 1", "postgres.failed", "system_error", /syntax/],
];

/** A value that finds its way into the text of an error, or into the names the server gives with it. */
const QUOTING_SETUP = `
  create table vals (v text); insert into vals values ('canary');
  create table target (v text);
  create function ex(v text) returns int language plpgsql as $$ begin execute v; return 1; end $$;
  create function drops(v text) returns int language plpgsql as $$
    begin execute format('drop table public.%I', v); return 1; end $$;
  create function raises(v text, state text) returns int language plpgsql as $$
    begin raise exception 'not %', v using errcode = state; end $$;
  create function names(v text) returns int language plpgsql as $$
    begin raise exception 'no' using errcode = '23514', schema = v, table = v, column = v, constraint = v, datatype = v; end $$;
  create function tells() returns trigger language plpgsql as $$
    begin raise exception 'not %', new.v using errcode = '55000', hint = new.v, detail = new.v; end $$;
  create trigger tells before insert on target for each row execute function tells();
`;

/** Expressions over the value `v` → the code of the failure. */
const QUOTING: [expression: string, code: string][] = [
  ["v::regproc", "postgres.object_missing"],
  ["v::regclass", "postgres.object_missing"],
  ["v::regtype", "postgres.object_missing"],
  ["nextval(v)", "postgres.object_missing"],
  ["has_table_privilege(v, 'select')", "postgres.object_missing"],
  ["current_setting(v)", "postgres.object_missing"],
  ["(v || ' &')::tsquery", "postgres.failed"],
  ["pg_read_file(v)", "postgres.failed"],
  ["convert_from(v::bytea, v)", "postgres.bad_value"],
  ["public.ex(v)", "postgres.failed"],
  ["public.ex('select ' || v)", "postgres.object_missing"],
  ["public.ex('select * from ' || v)", "postgres.object_missing"],
  ["public.drops(v)", "postgres.object_missing"],
  ["public.names(v)", "postgres.constraint"],
  ["public.raises(v, 'P0001')", "postgres.constraint"],
  ["public.raises(v, 'XX000')", "postgres.failed"],
  ["public.raises(v, '42501')", "postgres.permission_denied"],
  ["public.raises(v, '42P01')", "postgres.object_missing"],
  ["public.raises(v, '57014')", "postgres.conflict"],
  ["public.raises(v, '53100')", "postgres.out_of_resources"],
  ["public.raises(v, '08006')", "postgres.connection_lost"],
];

const refusal = async (database: Database, statement: string): Promise<unknown> => {
  const client = await connect(database.config, { applicationName: "test" });
  try {
    await client.query(statement);
  } catch (error) {
    return error;
  } finally {
    await close(client);
  }
  throw new Error(`nothing was refused: ${statement}`);
};

const wordsOf = ({ message, hint, facts }: Failure) => message + hint + JSON.stringify(facts);

/** @guarantee no-row-values */
describe("what the server reports", () => {
  it("never repeats a row, whoever puts it into a text, a name or a hint", async ({
    source,
    destination,
  }) => {
    for (const database of [source, destination]) {
      await database.exec(QUOTING_SETUP);
      const statements = QUOTING.map(([expression, code]): [string, string] => [
        `select ${expression} from public.vals`,
        code,
      ]);
      statements.push(["insert into public.target select v from public.vals", "postgres.failed"]);
      for (const [statement, code] of statements) {
        const error = await refusal(database, statement);
        const failure = postgresFailure("do it", error);

        expect(failure.code, statement).toBe(code);
        expect(wordsOf(failure), statement).not.toContain("canary");
        expect(failure.hint, statement).toMatch(/--show-server-messages/);
        if (!statement.includes("names("))
          expect(wordsOf(postgresFailure("do it", error, "always"))).toContain("canary");
      }
    }
  });

  it.for([undefined, "", "canary", "EPIPE"])(
    "repeats nothing of an error that is none of PostgreSQL's: its SQLSTATE is %j",
    (code) => {
      const error = Object.assign(new DatabaseError("no canary", 0, "error"), { code });

      const failure = postgresFailure("do it", error);

      expect(failure.code).toBe("postgres.failed");
      expect(failure.message).toBe(
        "could not do it: the server reported an error without an SQLSTATE",
      );
      expect(wordsOf(failure)).not.toContain("canary");
    },
  );

  it("keeps its own words where they are about the statement or the server", async ({ source }) => {
    await source.exec(SETUP);
    const words: [statement: string, says: string][] = [
      ["select nope from public.parent", 'column "nope" does not exist'],
      ["select * from public.missing", 'relation "public.missing" does not exist'],
      ["alter table public.parent drop nope", 'column "nope" of relation "parent" does not exist'],
      ["create table public.parent ()", 'relation "parent" already exists'],
      ["truncate public.parent, public.nobody", "a table or view it needs does not exist"],
      ["set role pg_monitor; drop table public.parent", "must be owner of table parent"],
      ["set role pg_monitor; create schema s", "permission denied for database"],
      ["set statement_timeout = 1; select pg_sleep(5)", "due to statement timeout"],
      ["set row_security = off; set role pg_monitor; select * from public.hidden", "hidden"],
      ["set role pg_monitor; insert into public.hidden values (1)", "row-level security policy"],
      [
        "update public.published set id = 1",
        "does not have a replica identity and publishes updates",
      ],
      [
        "insert into public.parent select 9, string_agg(md5(i::text), ''), 1, 'x' from generate_series(1, 4000) i",
        "index row",
      ],
    ];
    for (const [statement, says] of words) {
      const failure = postgresFailure("do it", await refusal(source, statement));
      expect(failure.message).toContain(says);
    }
  });

  it("is classified, named and never repeats a row", async ({ source }) => {
    await source.exec(SETUP);
    for (const [statement, code, kind, says] of CASES) {
      const failure = postgresFailure("do it", await refusal(source, statement));

      expect(failure, statement).toMatchObject({ code, kind });
      expect(failure.message).toMatch(says);
      expect(failure.message).toMatch(/^could not do it: /);
      expect(wordsOf(failure)).not.toContain("canary");
    }
  });

  it("tells by SQLSTATE which failures are worth another attempt", () => {
    const kindOf = (code: string) =>
      postgresFailure("x", Object.assign(new Error("said"), { code })).kind;

    for (const code of [
      "08006",
      "40001",
      "40P01",
      "53300",
      "53100",
      "53200",
      "55P03",
      "57014",
      "57P01",
      "57P02",
      "57P03",
      "25P03",
    ])
      expect([code, kindOf(code)]).toEqual([code, "transient_error"]);
    for (const code of [
      "28P01",
      "28000",
      "3D000",
      "3F000",
      "42501",
      "42P01",
      "42703",
      "22P02",
      "23505",
      "25006",
      "54000",
      "57P04",
    ])
      expect([code, kindOf(code)]).toEqual([code, "config_error"]);
    for (const code of ["42601", "XX000", "0A000"])
      expect([code, kindOf(code)]).toEqual([code, "system_error"]);
  });

  it("tells whoever has a pooler that resets nothing that it must", async ({ source }) => {
    const client = await connect(source.config, { applicationName: "test" });
    const stage = "create temporary table stage_1 (id int)";
    await client.query(stage); // as a run before left it on the session of the pooler

    const failure = await client.query(stage).then(
      () => expect.fail("it did not fail"),
      (error: unknown) => postgresFailure("x", error),
    );
    await close(client);

    expect(failure.message).toContain("stage_1");
    expect(failure.hint).toContain("server_reset_query = DISCARD ALL");
  });

  it("leaves failures of ours alone, and calls a mistake of ours a bug", () => {
    const ours = new Failure("stream.incomplete", "the stream ended");

    expect(postgresFailure("x", ours)).toBe(ours);
    expect(postgresFailure("x", new TypeError("oops")).code).toBe("internal.bug");
  });
});
