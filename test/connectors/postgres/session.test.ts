import { execa } from "execa";
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { openSession, withSession } from "../../../connectors/postgres/session.ts";
import { BINARY_FORMAT } from "../../../connectors/destination-postgres/encode/binary/binary-format.ts";
import { TEXT_FORMAT } from "../../../connectors/destination-postgres/encode/text/text-format.ts";
import { it, type Database } from "../../support/fixtures.ts";
import { startProxy } from "../../support/proxy.ts";

const select = (text: string) => ({ text: `select ${text}`, values: [] });

/** A name that finds a test's own sessions in `pg_stat_activity`. */
const ownName = () => `session test ${randomUUID()}`;

const sessionsOf = (database: Database, name: string, state = "%") =>
  database.rows(
    "select pid from pg_stat_activity where application_name = $1 and coalesce(state, '') like $2",
    [name, state],
  );

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

it("sends statements in the order of the calls, though nobody waits; a failed one fails alone", async ({
  source,
}) => {
  await source.exec("create table t (v text); insert into t values ('zero')");
  await withSession(source.config, { applicationName: "test" }, async (session) => {
    const copied: string[] = [];
    const sink = {
      row: (bytes: Buffer, from: number, to: number) => {
        copied.push(bytes.toString("utf8", from, to));
      },
      chunkDone: () => undefined,
    };

    const settled = await Promise.allSettled([
      session.run("add one", "insert into public.t values ('one')"),
      session.query("divide", select("1 / 0")),
      session.query("count", select("count(*) as n from public.t")),
      session.begin(),
      session.loads.copy({ schema: "public", name: "t" }, ["v"], TEXT_FORMAT, Buffer.from("two\n")),
      session.copyOut("read", "copy public.t to stdout", sink, 100),
      session.commit(),
      session.query("count", select("count(*) as n from public.t")),
    ]);

    expect(settled.map((one) => (one.status === "fulfilled" ? one.value : one.reason))).toEqual([
      undefined,
      expect.objectContaining({ code: "postgres.bad_value" }),
      [{ n: "2" }],
      undefined,
      1,
      3,
      undefined,
      [{ n: "3" }],
    ]);
    expect(copied).toEqual(["zero\n", "one\n", "two\n"]);
  });
});

it("throws away COPYs sent ahead when something else is asked instead", async ({ source }) => {
  await withSession(source.config, { applicationName: "test" }, async (session) => {
    let rows = 0;
    const sink = { row: () => void rows++, chunkDone: () => undefined };
    const copy = (value: number, next: string[] = []) =>
      session.copyOut("read", `copy (select ${value}) to stdout`, sink, 100, next);

    await copy(1, ["copy (select 2) to stdout", "copy (select 3) to stdout"]);
    const answers = await Promise.all([
      session.query("ask", select("1 as n")),
      session.query("ask", select("2 as n")),
    ]);
    await copy(2);

    expect(answers).toEqual([[{ n: "1" }], [{ n: "2" }]]);
    expect(rows).toBe(2);
  });
});

it("leaves the transaction as it was when the server refuses rows", async ({ source }) => {
  await source.exec("create table t (n int)");
  const t = { schema: "public", name: "t" };
  await withSession(source.config, { applicationName: "test" }, async (session) => {
    const copy = (rows: string) => session.loads.copy(t, ["n"], TEXT_FORMAT, Buffer.from(rows));
    await session.begin();
    await copy("1\n");
    await session.run("set a savepoint", "savepoint covered");

    await expect(copy("2\nx\n")).rejects.toMatchObject({ code: "postgres.bad_value" });
    await session.run("go back", "rollback to covered");
    await copy("3\n");
    await expect(copy("x\n")).rejects.toMatchObject({ code: "postgres.bad_value" });
    await session.commit();
  });

  expect(await source.rows("select n from t order by n")).toEqual([["1"], ["3"]]);
});

it("asks inside the transaction what may fail, and nothing of it stays", async ({ source }) => {
  await source.exec("create table t (n int)");
  await withSession(source.config, { applicationName: "test" }, async (session) => {
    await session.begin();
    await session.run("add one", "insert into public.t values (1)");

    const insert = { text: "insert into public.t values ($1) returning n", values: ["2"] };
    const answer = await session.queryInSavepoint("add two", insert);
    const failed = session.queryInSavepoint("divide", select("1 / 0"));

    expect(answer).toEqual([{ n: "2" }]);
    await expect(failed).rejects.toMatchObject({ code: "postgres.bad_value" });
    await session.commit();
  });

  expect(await source.rows("select n from t")).toEqual([["1"]]);
});

// PostgreSQL answers COMMIT in a transaction that failed with ROLLBACK, and calls that no error.
it("does not take a transaction for committed that the server rolled back", async ({ source }) => {
  await source.exec("create table t (n int)");
  await withSession(source.config, { applicationName: "test" }, async (session) => {
    await session.begin();
    await session.run("add one", "insert into public.t values (1)");

    const committed = session.commit();
    const failed = session.query("divide", select("1 / 0"));

    await expect(failed).rejects.toMatchObject({ code: "postgres.bad_value" });
    await expect(committed).rejects.toThrow("rolled the transaction back");
  });

  expect(await source.rows("select n from t")).toEqual([]);
});

// The driver warns of it, and will refuse it in its next major version.
it("never hands the driver a statement while another one waits", async ({ source }) => {
  const built = `${process.cwd()}/dist/connectors/postgres`;
  const script = `
    import { connect } from ${JSON.stringify(`${built}/connection.js`)};
    import { openSession } from ${JSON.stringify(`${built}/session.js`)};
    const [config, way] = process.argv.slice(1);
    const open = way === "session" ? openSession : connect;
    const opened = await open(JSON.parse(config), { applicationName: "test" });
    const ask = way === "session" ? (sql) => opened.query("ask", sql) : (sql) => opened.query(sql);
    await Promise.allSettled([1, 0, 2, 0, 3].map((n) => ask({ text: "select 1 / " + n, values: [] })));
    await (way === "session" ? opened.close() : opened.end());`;
  const run = (way: string) =>
    execa(
      "node",
      [
        "--throw-deprecation",
        "--input-type=module",
        "-e",
        script,
        JSON.stringify(source.config),
        way,
      ],
      { reject: false },
    );

  const [ordered, together] = [await run("session"), await run("client")];

  expect([ordered.stderr, ordered.exitCode]).toEqual(["", 0]);
  expect(together.stderr).toContain("already executing a query");
});

it("stops the statement that runs, and not the one after it", async ({ source }) => {
  const name = ownName();
  await withSession(source.config, { applicationName: name }, async (session) => {
    const slow = session.run("sleep", "select pg_sleep(600)");
    const next = session.query("go on", select("1 as one"));
    await until(async () => (await sessionsOf(source, name, "active")).length === 1);

    await session.cancel();

    await expect(slow).rejects.toMatchObject({ facts: { sqlstate: "57014" } });
    expect(await next).toEqual([{ one: "1" }]);
  });
});

it("closes the session whatever became of the work, and waits for no statement", async ({
  source,
}) => {
  const name = ownName();
  const options = { applicationName: name };

  await withSession(source.config, options, (session) => session.query("ask", select("1")));
  const failed = withSession(source.config, options, async (session) => {
    session.run("sleep", "select pg_sleep(600)").catch(() => {});
    await until(async () => (await sessionsOf(source, name, "active")).length === 1);
    throw new Error("given up");
  });

  await expect(failed).rejects.toThrow("given up");
  await source.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and state = 'active'",
    [name],
  );
  await until(async () => (await sessionsOf(source, name)).length === 0);
});

it("gives a connection of its own to what must not wait for its transaction", async ({
  source,
}) => {
  await source.exec("create table t (v text)");
  const session = await openSession(source.config, { applicationName: "test" });
  await session.begin();
  await session.loads.copy({ schema: "public", name: "t" }, ["v"], BINARY_FORMAT, rowOf("one"));

  const seen = await session.onOtherConnection((other) =>
    other.query("count", select("count(*) as n from public.t")),
  );
  await session.rollback();
  await session.close();

  expect(seen).toEqual([{ n: "0" }]);
});

/** One row of one text field. */
const rowOf = (text: string) => BINARY_FORMAT.rowOf([Buffer.from(text)]);

it.for([
  ["small ones", 10],
  ["large ones", 600_000],
] as const)("loads several tables without waiting in between: %s", async ([, rows], { source }) => {
  await source.exec("create table a (v text); create table b (v text)");
  const seen: string[] = [];
  const proxy = await startProxy(source.config, ({ from, type, text }) => {
    if (from === "client" && type === "Q" && text.includes("copy")) seen.push("ask");
    if (from === "server" && type === "C" && text.startsWith("COPY")) seen.push("copied");
    return "pass";
  });
  const through = { ...source.config, host: proxy.host, port: proxy.port };
  const load = (name: string) => ({
    table: { schema: "public", name },
    columns: ["v"],
    format: TEXT_FORMAT,
    rows: [Buffer.from("x\n".repeat(rows))],
  });
  try {
    const all = await withSession(through, { applicationName: "test" }, async (session) => {
      session.loads.sendsAhead = true;
      await session.begin();
      const loaded = await session.loads.copyAll([load("a"), load("b")]);
      await session.commit();
      return loaded;
    });

    expect(all).toEqual({ taken: [rows, rows] });
    expect(seen).toEqual(["ask", "ask", "copied", "copied"]);
  } finally {
    await proxy.close();
  }
});
