import { describe, expect } from "vitest";
import { close, connect } from "../../../connectors/postgres/connection.ts";
import { postgresFailure } from "../../../connectors/postgres/errors.ts";
import { Failure } from "../../../protocol/errors.ts";
import { it } from "../../support/fixtures.ts";

const SETUP = `
  create table parent (id int primary key, name text unique, small smallint check (small < 100), must text not null);
  create view watching as select * from parent;
  create function refuse() returns trigger language plpgsql as $$ begin raise exception 'canary %', new; end $$;
  create table guarded (t text);
  create trigger guard before insert on guarded for each row execute function refuse();
  insert into parent values (1, 'canary', 1, 'x');
`;

/** A statement that fails → how it is classified, and what the message must say. */
const CASES: [statement: string, code: string, kind: string, says: RegExp][] = [
  ["select 'canary'::int", "postgres.bad_value", "system_error", /not valid for the type/],
  ["select 99999::smallint", "postgres.bad_value", "system_error", /out of range/],
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
  ["select 1 / 0", "postgres.bad_value", "system_error", /rejected/],
  ["selec 1", "postgres.failed", "system_error", /syntax/],
];

/** @guarantee no-row-values */
describe("what the server reports", () => {
  it("is classified, named and never repeats a row", async ({ source }) => {
    await source.exec(SETUP);
    for (const [statement, code, kind, says] of CASES) {
      const client = await connect(source.config, { applicationName: "test" });
      const failure = await client.query(statement).then(
        () => undefined,
        (error: unknown) => postgresFailure("do it", error),
      );
      await close(client);

      expect(failure, statement).toBeInstanceOf(Failure);
      expect(failure, statement).toMatchObject({ code, kind });
      expect(failure!.message).toMatch(says);
      expect(failure!.message).toMatch(/^could not do it: /);
      expect(failure!.message + failure!.hint + JSON.stringify(failure!.facts)).not.toContain(
        "canary",
      );
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
      "23505",
      "25006",
      "57P04",
    ])
      expect([code, kindOf(code)]).toEqual([code, "config_error"]);
    for (const code of ["22P02", "42601", "XX000", "0A000", "54000"])
      expect([code, kindOf(code)]).toEqual([code, "system_error"]);
  });

  it("leaves failures of ours alone, and calls a mistake of ours a bug", () => {
    const ours = new Failure("stream.incomplete", "the stream ended");

    expect(postgresFailure("x", ours)).toBe(ours);
    expect(postgresFailure("x", new TypeError("oops")).code).toBe("internal.bug");
  });
});
