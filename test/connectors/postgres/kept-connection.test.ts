import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import { Shelf } from "../../../connectors/kit/shelf.ts";
import { type Manners, onKeptConnection } from "../../../connectors/postgres/kept-connection.ts";
import type { Session } from "../../../connectors/postgres/session.ts";
import { createDatabase } from "../../support/database.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { startPooler } from "../../support/pooler.ts";
import { restart, startPostgres } from "../../support/postgres-server.ts";
import { type Fault, startProxy } from "../../support/proxy.ts";
import { type Running, start, succeeded } from "../../support/run.ts";

const OPTIONS = { applicationName: "kept" };
const RESET: Manners = {
  begin: (session) => session.query("ask", { text: "select 1", values: [] }),
  reset: ["discard all"],
};

/** Runs `work` as a command of a process whose commands share `shelf`. */
function command<T>(
  { config }: Database,
  shelf: Shelf,
  work: (session: Session) => Promise<T>,
  manners = RESET,
): Promise<T> {
  return onKeptConnection(config, OPTIONS, shelf, manners, work);
}

async function ask(session: Session, expression: string): Promise<string | null> {
  const sql = { text: `select (${expression})::text as answer`, values: [] };
  return (await session.queryRow("ask", sql))["answer"]!;
}

const backends = (database: Database, application: string) =>
  database.rows(
    "select pid from pg_stat_activity where datname = current_database() and application_name like $1 order by pid",
    [application],
  );

/** Ends every session of `application`, and waits until it is gone. */
async function terminate(database: Database, application: string): Promise<void> {
  for (const [pid] of await backends(database, application))
    await database.rows("select pg_terminate_backend($1::int)", [pid!]);
  await expect.poll(() => backends(database, application)).toEqual([]);
}

describe("a connection that a command leaves to the next one", () => {
  it("is the same, and as it was at its start", async ({ source }) => {
    const shelf = new Shelf();
    const state = `(select string_agg(name || setting, ',' order by name) from pg_settings)
      || (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory')
      || (select count(*) from pg_class where relpersistence = 't')`;

    const first = await command(source, shelf, async (session) => {
      const before = await ask(session, state);
      await session.run("set", "set search_path = ''", "set statement_timeout = '9s'");
      await session.query("lock", { text: "select pg_advisory_lock(1)", values: [] });
      await session.run("make", "create temporary table t (id int)");
      await session.begin();
      expect(await ask(session, state)).not.toBe(before);
      return { before, pid: session.processId };
    });
    const second = await command(source, shelf, async (session) => ({
      before: await ask(session, state),
      pid: session.processId,
      isInTransaction: session.inTransaction,
    }));
    shelf.isOpen = false;
    await command(source, shelf, (session) =>
      session.query("ask", { text: "select 1", values: [] }),
    );

    expect(second).toEqual({ ...first, isInTransaction: false });
    expect(shelf.take()).toBeUndefined();
    await expect.poll(() => backends(source, "kept")).toEqual([]);
  });

  it("holds nothing while it waits", async ({ source }) => {
    await source.exec("create table t (id int)");
    const shelf = new Shelf();
    await command(source, shelf, async (session) => {
      await session.begin();
      await session.run("lock", "lock table public.t in access exclusive mode");
    });

    await source.exec("alter table t add column name text");

    await shelf.take()!.close();
  });

  it("is closed when the command fails, or the next one has another config", async ({
    source,
    destination,
  }) => {
    const shelf = new Shelf();
    const failed = command(source, shelf, () => Promise.reject(new Error("no")));
    await expect(failed).rejects.toThrow("no");
    expect(shelf.take()).toBeUndefined();

    await command(source, shelf, (session) => ask(session, "1"));
    expect(await command(destination, shelf, (session) => ask(session, "current_database()"))).toBe(
      destination.config.database,
    );

    await shelf.take()!.close();
    await expect.poll(() => backends(source, "kept")).toEqual([]);
  });

  it("is opened again when it does not come to rest", async ({ source }) => {
    const shelf = new Shelf();
    const manners = { ...RESET, reset: ["select pg_sleep(600)"] };
    const pid = (session: Session) => Promise.resolve(session.processId);
    const first = await command(source, shelf, pid, manners);
    shelf.isOpen = false;
    const second = await command(source, shelf, pid);

    expect(second).not.toBe(first);
    await terminate(source, "kept");
  });

  it("is opened again when it broke meanwhile, or breaks in the first turn", async ({ source }) => {
    const shelf = new Shelf();
    const pid = (session: Session) => Promise.resolve(session.processId);
    const first = await command(source, shelf, pid);
    await terminate(source, "kept");
    const second = await command(source, shelf, pid);
    const begin = async (session: Session, isNew: boolean) => {
      if (!isNew) await terminate(source, "kept");
      await session.query("ask", { text: "select 1", values: [] });
    };
    const third = await command(source, shelf, pid, { ...RESET, begin });
    await shelf.take()!.close();

    expect(new Set([first, second, third]).size).toBe(3);
  });
});

/** Resolves when the connection between two commands is in no transaction. */
async function rests(database: Database): Promise<void> {
  const state = () =>
    database.rows(
      "select state, query from pg_stat_activity where datname = current_database() and application_name like 'syncline%'",
    );
  const last = expect.stringMatching(/^(rollback|discard all)/) as string;
  await expect.poll(state).toEqual([["idle", last]]);
}

const line = (...args: string[]) => `${JSON.stringify(args)}\n`;
const DONE = '{"type":"COMMAND_DONE"}';
const RECORD = `{"type":"RECORD","record":{"stream":"t","namespace":"public","emitted_at":1,"data":{"id":7}}}
{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"stream_descriptor":{"name":"t","namespace":"public"},"status":"COMPLETE"}}}
`;

/** Runs both commands of a sync in one process of a connector, with `between` between them. */
async function both(
  connector: "source-postgres" | "destination-postgres",
  { config }: Pick<Database, "config">,
  folder: string,
  between: () => Promise<unknown> = () => Promise.resolve(),
) {
  const stream = {
    name: "t",
    namespace: "public",
    json_schema: { type: "object", properties: { id: { type: "integer" } } },
    supported_sync_modes: ["full_refresh"],
  };
  const mode = { sync_mode: "full_refresh", destination_sync_mode: "overwrite" };
  const files = { config, catalog: { streams: [{ stream, ...mode }] } };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, `${name}.json`), JSON.stringify(content));
  const at = ["--config", join(folder, "config.json")];
  const withCatalog = [...at, "--catalog", join(folder, "catalog.json")];
  const session: Running = start(connector, ["session"], {
    env: {
      SYNCLINE_CONNECTION_ID: "c",
      SYNCLINE_LIMITS: JSON.stringify({ answerSeconds: 2 }),
    },
  });
  const isSource = connector === "source-postgres";
  session.write(isSource ? line("discover", ...at) : line("state", ...withCatalog));
  await session.line((text) => text === DONE);
  await between();
  session.write(line(isSource ? "read" : "write", ...withCatalog));
  if (!isSource) session.write(RECORD);
  session.endInput();
  return succeeded(await session.finished);
}

const CONNECTORS = ["source-postgres", "destination-postgres"] as const;

describe.for(CONNECTORS)("both commands of a sync, in one process of %s", (connector) => {
  /** Runs them and looks at what arrived. */
  async function arrives(
    database: Database,
    folder: string,
    options: { config?: object; between?: () => Promise<unknown> } = {},
  ): Promise<void> {
    const isSource = connector === "source-postgres";
    if (isSource) await database.exec("create table t (id int); insert into t values (7)");
    const config = { ...database.config, ...options.config };
    const { stdout } = await both(connector, { config }, folder, options.between);
    if (isSource) expect(stdout.match(/"data":.*/g)).toEqual(['"data":{"id":7}}}']);
    else expect(await database.rows("select id from t")).toEqual([["7"]]);
  }

  it("have one connection, in no transaction between them", async ({ source, folder }) => {
    const seen: unknown[] = [];
    const connections = new Set<number>();
    const proxy = await startProxy(
      source.config,
      ({ connection }) => void connections.add(connection),
    );
    const between = async () => {
      await rests(source);
      seen.push(...(await backends(source, "syncline%")));
    };

    await arrives(source, folder, { config: { host: proxy.host, port: proxy.port }, between });
    await expect.poll(() => backends(source, "syncline%")).toEqual([]);
    await proxy.close();

    expect(seen).toHaveLength(1);
    // The destination asks a second one what stands before the server: a proxy has a port of its own.
    expect(connections.size).toBe(connector === "source-postgres" ? 1 : 2);
  });

  it("have two when the server ends the first in between", async ({ source, folder }) => {
    await arrives(source, folder, { between: () => terminate(source, "syncline%") });
    await expect.poll(() => backends(source, "syncline%")).toEqual([]);
  });

  it("have two when the server is started again in between", async ({ folder }) => {
    const server = await startPostgres();
    onTestFinished(() => server.stop("immediate"));
    const { database, drop } = await createDatabase(server.url());

    await arrives(database, folder, { between: () => restart(server) });
    await drop();
  });

  for (const fault of ["close", "reset", "freeze"] satisfies Fault[])
    it(`have two when the first breaks as the second begins: ${fault}`, async ({
      source,
      folder,
    }) => {
      let isBroken = false;
      const broken = new Set<number>();
      const proxy = await startProxy(source.config, ({ from, connection, type }) => {
        if (!isBroken || connection !== 1 || from !== "client" || type === "X") return "pass";
        broken.add(connection);
        return fault;
      });
      const { host, port } = proxy;
      const between = async () => {
        await rests(source);
        isBroken = true;
      };

      await arrives(source, folder, { config: { host, port }, between });
      await proxy.close();

      expect([...broken]).toEqual([1]);
      await expect.poll(() => backends(source, "syncline%")).toEqual([]);
    });

  it("end with the process when no second comes", async ({ source, folder }) => {
    await source.exec("create table t (id int)");
    const config = join(folder, "config.json");
    await writeFile(config, JSON.stringify(source.config));
    const session = start(connector, ["session"]);
    session.write(line("check", "--config", config));
    await session.line((text) => text === DONE);
    expect(await backends(source, "syncline%")).toHaveLength(1);

    session.endInput();

    expect(await session.finished).toMatchObject({ exitCode: 0, stderr: "" });
    await expect.poll(() => backends(source, "syncline%")).toEqual([]);
  });
});

it("leaves no trace on the session of a pooler, before and after which others have it", async ({
  source,
  folder,
}) => {
  await source.exec("create table t (id int); insert into t values (7)");
  const pooler = await startPooler(source.config);
  const { host, port } = pooler;
  const pooled = { ...source, config: { ...source.config, host, port } };
  const others = new Shelf();
  const setting = (session: Session) => ask(session, "current_setting('search_path')");
  const other = () =>
    onKeptConnection(pooled.config, OPTIONS, others, { ...RESET, reset: [] }, setting);

  const before = await other();
  let meanwhile: string | null = null;
  const { stdout } = await both("source-postgres", pooled, folder, async () => {
    meanwhile = await other();
  });
  const after = await other();
  await others.take()!.close();
  await pooler.close();

  expect(stdout).toContain('"data":{"id":7}');
  expect([meanwhile, after]).toEqual([before, before]);
});
