import { chownSync, mkdirSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { postgresAccount, type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { createDatabase } from "../support/database.ts";
import { type Database, it } from "../support/fixtures.ts";
import { canMount, mountDisk, type Disk } from "../support/mounts.ts";
import { Project, type ProjectOptions } from "../support/project.ts";
import { type Decide, startProxy } from "../support/proxy.ts";
import { start, succeeded } from "../support/run.ts";
import { leftovers } from "../support/tables.ts";

const PUBLIC = { namespace: "public" };
const APPENDED = {
  ...PUBLIC,
  name: "appended",
  sync_mode: "incremental",
  cursor_field: "id",
  destination_sync_mode: "append",
};
const REPLACED = {
  ...PUBLIC,
  name: "replaced",
  sync_mode: "full_refresh",
  destination_sync_mode: "overwrite",
};
const PATIENT = { retry: { max_attempts: 30, first_delay_seconds: 0.5, max_delay_seconds: 1 } };

const rows = (from: number, to: number) => `
  insert into appended select n, repeat('x', 300) from generate_series(${from}, ${to}) n;
  insert into replaced select n, repeat('x', 300) from generate_series(${from}, ${to}) n;
`;
const SCHEMA = `
  create table appended (id bigint primary key, filler text);
  create table replaced (id bigint primary key, filler text);
  ${rows(1, 1000)}
`;

const idsOf = async (database: Database, table: string) =>
  (await database.rows(`select id from ${table} order by id`)).map(([id]) => Number(id));

async function expectCopied(source: Database, destination: Database): Promise<void> {
  for (const table of ["appended", "replaced"])
    expect(await idsOf(destination, table)).toEqual(await idsOf(source, table));
  expect(await leftovers(destination)).toEqual([]);
}

const create = async (
  folder: string,
  options: Omit<ProjectOptions, "connections">,
  connection = {},
): Promise<Project> => {
  await mkdir(folder, { recursive: true });
  return Project.create(folder, {
    ...options,
    connections: { c: { streams: [APPENDED, REPLACED], ...connection } },
  });
};

type Moment = readonly [string, (...message: Parameters<Decide>) => boolean];

/**
 * Crashes a server at a moment, once. Whoever is connected then hears nothing of it any more but errors:
 * it may do all that is left to do before it is gone. Resolves `crash` when the server is back.
 */
function crashAt(server: PostgresServer, isTheMoment: Moment[1]) {
  const connected = new Set<number>();
  let gone: Promise<void> | undefined;
  let back: Promise<void> | undefined;
  const decide: Decide = async (message) => {
    const { from, type, connection } = message;
    if (gone === undefined) {
      connected.add(connection);
      if (!isTheMoment(message)) return "pass";
      gone = server.halt("immediate");
      back = gone.then(() => server.start());
      return "pass";
    }
    if (from === "client" || type === "E" || !connected.has(connection)) return "pass";
    await gone;
    return "reset";
  };
  return { decide, crash: async () => back };
}

describe("a server of its own", () => {
  let server: PostgresServer;
  let crashing: Database;

  beforeAll(async () => {
    server = await startPostgres();
    crashing = (await createDatabase(server.url())).database;
  });
  afterAll(async () => server.stop("immediate"));

  it.for([
    ["while it gets rows", ({ from, type }) => from === "client" && type === "d"],
    ["while it commits", ({ from, text }) => from === "client" && /^\s*commit/i.test(text)],
  ] as const satisfies readonly Moment[])(
    "crashes %s: the job goes on when it is back, and every row is there once",
    async ([, isTheMoment], { source, folder }) => {
      await crashing.exec(ANEW);
      await source.exec(SCHEMA);
      const sides = { source, destination: crashing };
      await (await create(folder, sides)).sync("c");
      await source.exec(rows(1001, 2000));
      let hasRows = false;
      const { decide, crash } = crashAt(server, (message) => {
        hasRows ||= message.from === "client" && message.type === "d";
        return hasRows && isTheMoment(message);
      });
      const proxy = await startProxy(crashing.config, decide);
      const project = await create(
        folder,
        { ...sides, destinationConfig: { host: proxy.host, port: proxy.port } },
        PATIENT,
      );

      const { job } = await project.sync("c");
      await crash();
      await proxy.close();

      const { attempts } = await project.job(job);
      expect(attempts.length).toBeGreaterThan(1);
      expect(attempts[0]!.failures![0]).toMatchObject({
        origin: "destination",
        kind: "transient_error",
      });
      await expectCopied(source, crashing);
    },
  );

  it.for([
    ["while it sends rows", ({ from, type }) => from === "server" && type === "d"],
    ["when it has sent all rows", ({ from, type }) => from === "server" && type === "c"],
  ] as const satisfies readonly Moment[])(
    "crashes %s: the job goes on when it is back, and every row is there once",
    async ([, isTheMoment], { destination, folder }) => {
      await crashing.exec(`${ANEW}; ${SCHEMA}`);
      const { decide, crash } = crashAt(server, isTheMoment);
      const proxy = await startProxy(crashing.config, decide);
      const project = await create(
        folder,
        {
          source: crashing,
          destination,
          sourceConfig: {
            host: proxy.host,
            port: proxy.port,
            checkpoint_target_interval_seconds: 0,
          },
        },
        PATIENT,
      );

      const { job } = await project.sync("c");
      await crash();
      await proxy.close();

      const { attempts } = await project.job(job);
      expect(attempts.length).toBeGreaterThan(1);
      expect(attempts[0]!.failures![0]).toMatchObject({
        origin: "source",
        kind: "transient_error",
      });
      await expectCopied(crashing, destination);
    },
  );

  it("is a standby: the destination says so and changes nothing, and a source reads from it", async ({
    source,
    destination,
    folder,
  }) => {
    await crashing.exec(`${ANEW}; ${SCHEMA}`);
    await source.exec(SCHEMA);
    const writer = await create(join(folder, "to"), { source, destination: crashing });
    const reader = await create(join(folder, "from"), { source: crashing, destination });
    const before = await idsOf(crashing, "replaced");
    const signal = join(server.dataFolder, "standby.signal");
    await server.halt();
    await writeFile(signal, "");
    await server.start();
    try {
      const refused = await writer.trySync("c");
      await reader.sync("c");

      expect(refused.exitCode).toBe(2);
      expect(refused.stdout + refused.stderr).toMatch(/standby/);
      expect(await idsOf(crashing, "replaced")).toEqual(before);
      await expectCopied(crashing, destination);
      // The cursor's snapshot means something on a standby too.
      await reader.sync("c");
      await expectCopied(crashing, destination);
    } finally {
      await server.halt();
      await rm(signal);
      await server.start();
    }
  });

  it(
    "has no disk space left: the old table stays, nothing is left behind, and the sync goes on when there is room",
    { skip: !canMount() },
    async ({ source, folder }) => {
      const { database: full, disk, close } = await databaseOfMegabytes(server, 32);
      try {
        await source.exec(SCHEMA);
        const project = await create(folder, { source, destination: full });
        await project.sync("c");
        const before = await full.rows("select * from replaced order by id");
        await source.exec(rows(1001, 40_000));

        const failed = await project.trySync("c");

        expect(failed.exitCode).toBe(1);
        expect(failed.stdout + failed.stderr).toMatch(/No space left.*free disk space/);
        expect(await full.rows("select * from replaced order by id")).toEqual(before);
        expect(await leftovers(full)).toEqual([]);
        disk.resize("256m");
        await project.sync("c");
        await expectCopied(source, full);
      } finally {
        await close();
      }
    },
  );
});

describe("a server that is used by others too", () => {
  it("lets nobody in at the moment: the job tries again", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(SCHEMA);
    const role = `guest_${destination.config.database}`;
    await destination.exec(`create role ${role} login password 'x' connection limit 0`);
    try {
      await destination.exec(`grant create on schema public to ${role};
        grant create on database ${destination.config.database} to ${role}`);
      const project = await create(
        folder,
        { source, destination, destinationConfig: { username: role, password: "x" } },
        PATIENT,
      );
      const running = start("syncline", ["sync", "c", "--verbose"], { cwd: folder });
      running.endInput();

      await running.errorLine((line) => /too many connections/.test(line));
      await destination.exec(`alter role ${role} connection limit 10`);
      succeeded(await running.finished);

      const { attempts } = await project.job(1);
      expect(attempts.length).toBeGreaterThan(1);
      await expectCopied(source, destination);
    } finally {
      await destination.exec(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it("gives up sessions that take or wait too long, unless they say otherwise, as ours do", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      create table appended (id bigint primary key, filler text);
      insert into appended select n, 'x' from generate_series(1, 3) n;
      create view replaced as select n as id, pg_sleep(1)::text as filler from generate_series(1, 3) n;
    `);
    // Long enough for whoever has just signed in to say something, and shorter than the read takes.
    for (const database of [source, destination])
      await database.exec(
        [
          "statement_timeout",
          "lock_timeout",
          "idle_in_transaction_session_timeout",
          "idle_session_timeout",
        ]
          .map((setting) => `alter database ${database.config.database} set ${setting} = '2s'`)
          .join(";"),
      );
    const project = await create(folder, { source, destination });

    await project.sync("c");

    await expectCopied(source, destination);
  });

  it("gets the first syncs of several connections at once, and makes what they share once", async ({
    source,
    destination,
    folder,
  }) => {
    const names = ["a", "b", "d", "e", "f", "g"];
    await source.exec(names.map((name) => `create table ${name} as select 1 as id;`).join(" "));
    const project = await Project.create(folder, {
      source,
      destination,
      destinationConfig: { schema: "fresh" },
      connections: Object.fromEntries(
        names.map((name) => [name, { streams: [{ ...REPLACED, name }] }]),
      ),
    });

    const results = await Promise.all(names.map((name) => project.syncline(["sync", `${name}`])));

    for (const result of results) succeeded(result);
    for (const name of names)
      expect(await destination.rows(`select id from fresh.${name}`)).toEqual([["1"]]);
  });
});

/** Empties the database that the tests of one server share. */
const ANEW = "drop schema if exists public, _syncline cascade; create schema public";

/** A database whose tables share so much room. */
async function databaseOfMegabytes(
  server: PostgresServer,
  megabytes: number,
): Promise<{ database: Database; disk: Disk; close: () => Promise<void> }> {
  const disk = mountDisk(join(server.dataFolder, "..", "disk"), `${megabytes}m`);
  try {
    const { uid, gid } = await postgresAccount();
    const space = join(disk.path, "space");
    mkdirSync(space, { mode: 0o700 });
    chownSync(space, uid!, gid!);
    const { database, drop } = await createDatabase(server.url(), { tablespace: space });
    const close = async () => {
      await drop();
      disk.unmount();
    };
    return { database, disk, close };
  } catch (error) {
    disk.unmount();
    throw error;
  }
}
