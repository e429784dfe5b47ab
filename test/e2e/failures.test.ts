import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { configured, discover, jsonFile } from "../support/catalogs.ts";
import { type Database, it } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import { Project, type Sync } from "../support/project.ts";
import { runExecutable, start } from "../support/run.ts";
import { finalRows, leftovers, rawRows, relations } from "../support/tables.ts";

const stream = (name: string, mode: string) => ({
  name,
  namespace: "public",
  sync_mode: "full_refresh",
  destination_sync_mode: mode,
});

const CONNECTIONS = {
  overwrite: { streams: [stream("t", "overwrite")] },
  append: { prefix: "append_", streams: [stream("t", "append")] },
};

/** A source with one table, synced once both ways, and what the destination holds since. */
async function synced(source: Database, destination: Database, folder: string) {
  await source.exec(
    "create table t (id int primary key, name text); insert into t values (1, 'a')",
  );
  const options = { source, destination, connections: CONNECTIONS };
  const project = await Project.create(folder, options);
  await project.sync("overwrite");
  await project.sync("append");
  return { project, options, before: await everything(destination) };
}

/** All rows of all tables that `synced` makes, and the names of everything there is. */
async function everything(destination: Database) {
  return {
    relations: await relations(destination),
    leftovers: await leftovers(destination),
    rows: [
      await rawRows(destination, "t"),
      await finalRows(destination, "t"),
      await rawRows(destination, "append_t"),
      await finalRows(destination, "append_t"),
    ],
  };
}

const output = (result: Sync) => result.stdout + result.stderr;

describe("a sync that cannot work changes nothing and says why", () => {
  it("when the source's password is wrong", async ({ source, destination, folder }) => {
    const { project, options, before } = await synced(source, destination, folder);
    await project.configure({ ...options, sourceConfig: { password: "wrong-secret" } });

    const result = await project.trySync("overwrite");

    expect(result.exitCode).toBe(2);
    expect(output(result)).toMatch(/password/i);
    expect(output(result)).not.toMatch(/wrong-secret/);
    expect(await everything(destination)).toEqual(before);
  });

  it("when the destination's password is wrong", async ({ source, destination, folder }) => {
    const { project, options, before } = await synced(source, destination, folder);
    await project.configure({ ...options, destinationConfig: { password: "wrong-secret" } });

    const result = await project.trySync("overwrite");

    expect(result.exitCode).toBe(2);
    expect(output(result)).toMatch(/password/i);
    expect(output(result)).not.toMatch(/wrong-secret/);
    expect(await everything(destination)).toEqual(before);
  });

  it("when the table is missing at the source", async ({ source, destination, folder }) => {
    const { project, before } = await synced(source, destination, folder);
    await source.exec("drop table t; create table another (id int primary key)");

    for (const connection of ["overwrite", "append"]) {
      const result = await project.trySync(connection);

      expect(result.exitCode).toBe(2);
      expect(output(result)).toMatch(/public\.t\b/);
    }
    expect(await everything(destination)).toEqual(before);
  });

  it("when the source's config lacks a field or has one too many", async ({
    source,
    destination,
    folder,
  }) => {
    const { project, options, before } = await synced(source, destination, folder);

    await project.configure({ ...options, sourceConfig: { database: undefined } });
    const missing = await project.trySync("overwrite");
    await project.configure({ ...options, sourceConfig: { pasword: "x" } });
    const unknown = await project.trySync("overwrite");

    expect(missing.exitCode).toBe(2);
    expect(output(missing)).toMatch(/database/);
    expect(unknown.exitCode).toBe(2);
    expect(output(unknown)).toMatch(/pasword/);
    expect(output(unknown)).toMatch(/password/);
    expect(await everything(destination)).toEqual(before);
  });

  it("when syncline.yaml has an unknown key", async ({ source, destination, folder }) => {
    const { project, before } = await synced(source, destination, folder);
    const path = join(folder, "syncline.yaml");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"prefix"', '"prefixx"'));

    const result = await project.trySync("append");

    expect(result.exitCode).toBe(2);
    expect(output(result)).toMatch(/prefixx/);
    expect(output(result)).toMatch(/prefix\b/);
    expect(output(result)).toMatch(/syncline\.yaml:\d+/);
    expect(await everything(destination)).toEqual(before);
  });

  it("when the destination's user may not create in the schema", async ({
    source,
    destination,
    folder,
  }) => {
    const role = `r_${randomBytes(6).toString("hex")}`;
    await destination.exec(`create role ${role} login password 'secret'`);
    try {
      await source.exec("create table t (id int primary key); insert into t values (1)");
      await destination.exec("create schema locked");
      const project = await Project.create(folder, {
        source,
        destination,
        destinationConfig: { username: role, password: "secret", schema: "locked" },
        connections: CONNECTIONS,
      });

      const result = await project.trySync("overwrite");

      const status = await project.syncline(["status", "overwrite"]);
      const { stdout } = await project.syncline(["status", "overwrite", "--json"]);

      expect(output(result)).toMatch(/permission|privilege|may not/i);
      expect(result.exitCode).toBe(2);
      expect(status.stdout).toContain("overwrite: postgres.permission_denied: destination ");
      expect(stdout).toContain('"origin":"destination","code":"postgres.permission_denied"');
      expect(await relations(destination, "locked")).toEqual([]);
      expect(await leftovers(destination)).toEqual(["schema locked"]);
    } finally {
      await destination.exec(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

describe("a sync that breaks half-way", () => {
  /** Rows of 10 kB that take 5 ms each: a read that is under way for as long as a test needs. */
  const SLOW = `
    create view t as
      select n as id, repeat('x', 10000) || pg_sleep(0.005)::text as name
      from generate_series(1, 1000000) n
  `;

  it("by a killed source keeps the old table and leaves nothing behind", async ({
    source,
    destination,
    folder,
  }) => {
    const { project, before } = await synced(source, destination, folder);
    await source.exec(`drop table t; ${SLOW}`);
    const syncline = start("syncline", ["sync", "overwrite"], { cwd: project.folder });
    await expect
      .poll(
        () =>
          destination.rows(
            "select 1 from pg_stat_activity where query ilike '%copy %' and datname = current_database() and pid <> pg_backend_pid()",
          ),
        { timeout: 30_000 },
      )
      .not.toEqual([]);

    const [reader] = descendants(syncline.pid, "source-postgres/bin.js");
    process.kill(reader!, "SIGKILL");
    const result = await syncline.finished;

    expect(result.exitCode).toBe(1);
    expect(result.stdout + result.stderr).toMatch(/SIGKILL/);
    expect(await everything(destination)).toEqual(before);
  });

  it("by a server that goes away reports the source, not the pipe that broke after it", async ({
    source,
    destination,
    folder,
  }) => {
    const { project, before } = await synced(source, destination, folder);
    await source.exec(`drop table t; ${SLOW}`);
    const syncline = start("syncline", ["sync", "overwrite"], { cwd: project.folder });
    const terminate = `
      select pg_terminate_backend(pid) from pg_stat_activity
      where query ilike 'copy%' and state = 'active' and datname = current_database()
        and pid <> pg_backend_pid()`;
    await expect.poll(() => source.rows(terminate), { timeout: 30_000 }).not.toEqual([]);

    const result = await syncline.finished;

    expect(result.exitCode).toBe(1);
    expect(result.stdout + result.stderr).toMatch(/connection|terminat/i);
    expect(result.stdout + result.stderr).not.toMatch(/EPIPE/);
    expect(await everything(destination)).toEqual(before);
  });

  it("by a garbage line on the destination's input changes nothing and is named", async ({
    source,
    destination,
    folder,
  }) => {
    await synced(source, destination, folder);
    const before = await everything(destination);
    const sourceConfig = await jsonFile(folder, "source.json", source.config);
    const config = await jsonFile(folder, "destination.json", destination.config);
    const catalog = configured(await discover(sourceConfig), ["t"]);
    const catalogFile = await jsonFile(folder, "catalog.json", catalog);
    const record = (id: number) =>
      `{"type":"RECORD","record":{"stream":"t","namespace":"public","emitted_at":1,"data":{"id":${id},"name":"b"}}}\n`;

    for (const garbage of [
      '{"type":"RECORD","record":{"stream":"t","namespa\n',
      '{"type":"RECORD"}\n',
    ]) {
      const result = await runExecutable(
        "destination-postgres",
        ["write", "--config", config, "--catalog", catalogFile],
        { stdin: record(1) + garbage + record(2), env: { SYNCLINE_CONNECTION_ID: "overwrite" } },
      );

      expect(result.exitCode).not.toBe(0);
      const errors = result
        .messages()
        .flatMap((message) =>
          message.type === "TRACE" && message.trace.error ? [message.trace.error.message] : [],
        );
      expect(errors.join("\n")).toMatch(/RECORD|JSON/);
      expect((await everything(destination)).rows.slice(0, 2)).toEqual(before.rows.slice(0, 2));
      expect(await leftovers(destination)).toEqual([]);
    }
  });
});
