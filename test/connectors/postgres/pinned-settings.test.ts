import { execa } from "execa";
import { randomUUID } from "node:crypto";
import type { Client } from "pg";
import { expect } from "vitest";
import { close, connect } from "../../../connectors/postgres/connection.ts";
import { openSession } from "../../../connectors/postgres/session.ts";
import { Failure } from "../../../protocol/errors.ts";
import { type Database, it } from "../../support/fixtures.ts";

const options = { applicationName: "syncline test" };

/** Everything a role could set that changes what is printed, accepted, or when the server gives up. */
const HOSTILE = {
  DateStyle: "German",
  IntervalStyle: "iso_8601",
  TimeZone: "America/New_York",
  extra_float_digits: "-5",
  bytea_output: "escape",
  statement_timeout: "1000",
  lock_timeout: "1000",
  idle_in_transaction_session_timeout: "1000",
  search_path: "evil, pg_catalog",
  standard_conforming_strings: "off",
  client_encoding: "LATIN1",
  row_security: "on",
  xmlbinary: "hex",
  quote_all_identifiers: "on",
  array_nulls: "off",
  default_transaction_isolation: "serializable",
  synchronous_commit: "off",
};

/** @guarantee exact-values */
it("prints values the same way whatever the role and the database have set", async ({ source }) => {
  const role = `hostile_${randomUUID().slice(0, 8)}`;
  await source.exec(`create role ${role} login password 'secret'`);
  for (const [name, value] of Object.entries(HOSTILE))
    await source.exec(
      `alter role ${role} set ${name} = '${value}'`.replace(
        "'evil, pg_catalog'",
        "evil, pg_catalog",
      ),
    );
  const config = { ...source.config, username: role, password: "secret" };

  const client = await connect(config, options);
  const { rows } = await client.query(`
    select timestamptz '2024-01-02 03:04:05.678901+00' as at, interval '1 day 2 hours' as i,
      (1/3.0)::float8 as f, '\\xdeadbeef'::bytea as b, 'é' as e, true as t,
      current_setting('synchronous_commit') as s, current_setting('search_path') as p,
      current_setting('statement_timeout') as timeout, current_setting('application_name') as a,
      '{NULL}'::text[] is distinct from '{"NULL"}'::text[] as nulls`);
  await close(client);
  await source.exec(`drop role ${role}`);

  expect(rows[0]).toEqual({
    at: "2024-01-02 03:04:05.678901+00",
    i: "1 day 02:00:00",
    f: "0.3333333333333333",
    b: "\\xdeadbeef",
    e: "é",
    t: "t",
    s: "on",
    p: '""',
    timeout: "0",
    a: "syncline test",
    nulls: "t",
  });
});

it("pins the same settings in a transaction that reads, takes no snapshot, and leaves the session as it was", async ({
  source,
}) => {
  await source.exec("create table counted (n int)");
  const session = await openSession(source.config, { ...options, pin: "nothing" });
  for (const [name, value] of Object.entries(HOSTILE))
    await session.run("set", `set ${name} = '${value}'`);
  const ask = async () => {
    const text =
      "select string_agg(name || '=' || setting, ';' order by name) as s from pg_catalog.pg_settings";
    const [row] = await session.query("ask", { text, values: [] });
    return row!["s"]!;
  };
  const before = await ask();
  const { rows: pinned } = await onPinnedSession(source, async (client) =>
    client.query<{ name: string; setting: string }>(
      "select name, setting from pg_settings where source = 'session' and name not like 'default_tr%' and name not in ('synchronous_commit', 'idle_session_timeout', 'application_name', 'tcp_user_timeout')",
    ),
  );

  await session.beginReading("repeatable read");
  await source.exec("insert into counted values (1)");
  const [row] = await session.query("count", {
    text: "select date '2024-01-02' as d, (select count(*) from public.counted) as seen",
    values: [],
  });
  const during = await ask();
  await session.rollback();
  const after = await ask();
  await session.close();

  expect(row).toEqual({ d: "2024-01-02", seen: "1" });
  expect(pinned.length).toBeGreaterThan(20);
  for (const { name, setting } of pinned) expect(during).toContain(`${name}=${setting}`);
  expect(after).toBe(before);
});

async function onPinnedSession<T>(
  { config }: Database,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(config, options);
  try {
    return await work(client);
  } finally {
    await close(client);
  }
}

it("takes nothing from the environment", async ({ source, folder }) => {
  const script = `
    import { connect, close } from ${JSON.stringify(`${process.cwd()}/dist/connectors/postgres/connection.js`)};
    const client = await connect(JSON.parse(process.argv[1]), { applicationName: "clean" });
    const { rows } = await client.query("select current_user as u, current_setting('geqo') as g, current_setting('application_name') as a");
    await close(client);
    console.log(JSON.stringify(rows[0]));`;
  const result = await execa(
    "node",
    ["--input-type=module", "-e", script, JSON.stringify(source.config)],
    {
      env: {
        PGHOST: "192.0.2.1",
        PGPORT: "1",
        PGUSER: "nobody",
        PGPASSWORD: "wrong",
        PGDATABASE: "nowhere",
        PGSSLMODE: "verify-full",
        PGSSLNEGOTIATION: "nonsense",
        PGOPTIONS: "-c geqo=off",
        PGAPPNAME: "leaked",
        PGREPLICATION: "database",
        PGSERVICEFILE: "/nonexistent",
        PGPASSFILE: "/nonexistent",
        HOME: folder,
      },
    },
  );

  expect(JSON.parse(result.stdout)).toEqual({ u: source.config.username, g: "on", a: "clean" });
});

it("says what is wrong with each part of a config, in words, and whether to try again", async ({
  source,
}) => {
  const cases: [change: object, code: string, kind: string, says: RegExp][] = [
    [{ password: "canary" }, "postgres.auth_failed", "config_error", /password/],
    [{ password: "" }, "postgres.auth_failed", "config_error", /none is set/],
    [{ database: "nowhere" }, "postgres.object_missing", "config_error", /"nowhere"/],
    [{ port: 1 }, "postgres.unreachable", "transient_error", /nothing accepts/],
    [{ host: "no.such.host.invalid" }, "postgres.unreachable", "", /host/],
    [{ host: "a,b" }, "postgres.unreachable", "", /host/],
    [{ host: "/nonexistent" }, "postgres.unreachable", "transient_error", /no such socket/],
  ];
  for (const [change, code, kind, says] of cases) {
    const failure = await connect({ ...source.config, ...change }, options).then(
      () => undefined,
      (error: unknown) => error,
    );

    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(says) as string });
    if (kind !== "") expect(failure).toMatchObject({ kind });
    expect(JSON.stringify(failure)).not.toContain("canary");
  }
});
