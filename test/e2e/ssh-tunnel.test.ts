import { execFile } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { rowsFor } from "../support/rows.ts";
import { runExecutable } from "../support/run.ts";
import { startSshServer, type SshServer, type SshServerOptions } from "../support/ssh-server.ts";
import { leftovers } from "../support/tables.ts";

const run = promisify(execFile);

const servers: SshServer[] = [];
async function serve(database: Database, options: SshServerOptions = {}): Promise<SshServer> {
  const { host, port } = database.config;
  const server = await startSshServer({ hosts: { "db.test": { host, port } }, ...options });
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** The settings by which a database is reached that has a name at the SSH server only. */
const behind = ({ tunnel }: SshServer) => ({ host: "db.test", tunnel_method: tunnel });

const ROWS = rowsFor(20_000);
const STREAMS = [
  { name: "appended", destination_sync_mode: "append" },
  { name: "deduped", destination_sync_mode: "append_dedup", primary_key: ["id"] },
].map((stream) => ({
  ...stream,
  namespace: "public",
  sync_mode: "incremental",
  cursor_field: "id",
}));
const TABLES = STREAMS.map(({ name }) => name);

const EMPTY = TABLES.map(
  (table) => `create table ${table} (id bigint primary key, filler text);`,
).join("\n");

const more = (n: number) =>
  TABLES.map(
    (table) =>
      `insert into ${table} select n, repeat(n::text, 40) from generate_series(${n * ROWS + 1}, ${(n + 1) * ROWS}) n;`,
  ).join("\n");

async function expectCopied(source: Database, destination: Database): Promise<void> {
  for (const table of TABLES) {
    const all = `select count(*), count(distinct id), md5(string_agg(id || filler, '' order by id)) from ${table}`;
    expect(await destination.rows(all), table).toEqual(await source.rows(all));
  }
  expect(await leftovers(destination)).toEqual([]);
}

/** @guarantee ssh-server-known */
describe("databases behind SSH servers", () => {
  it("are checked, discovered and synced as others are, each process by one SSH connection", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(EMPTY + more(0));
    const [from, to] = [await serve(source), await serve(destination)];
    const project = await Project.create(folder, {
      source,
      destination,
      sourceConfig: behind(from),
      destinationConfig: behind(to),
      connections: { c: { streams: STREAMS } },
    });

    expect((await project.syncline(["check"])).exitCode).toBe(0);
    expect([from.clients, to.clients]).toEqual([1, 1]);
    const found = await project.syncline(["discover", "shop"]);
    expect(found.stdout).toContain("appended");

    await project.sync("c");
    await expectCopied(source, destination);
    await source.exec(more(1));
    await project.sync("c");

    await expectCopied(source, destination);
    const places = new Set([...from.forwarded, ...to.forwarded]);
    expect([...places].map((place) => place.split(":")[0])).toEqual(
      ["db.test", "db.test"].slice(0, places.size),
    );
  });
});

/** @guarantee connection-loss */
describe("a tunnel that breaks in the middle of a sync", () => {
  for (const side of ["source", "destination"] as const)
    it(
      `to the ${side} is made again by the next attempt, and no row is lost or doubled`,
      { timeout: 300_000 },
      async ({ source, destination, folder }) => {
        await source.exec(EMPTY);
        let breaksAt = Infinity;
        const server: SshServer = await serve(side === "source" ? source : destination, {
          onBytes: (total) => {
            if (total < breaksAt) return;
            breaksAt = Infinity;
            server.kill();
          },
        });
        const project = await Project.create(folder, {
          source,
          destination,
          [`${side}Config`]: behind(server),
          connections: {
            c: { streams: STREAMS, retry: { max_attempts: 3, first_delay_seconds: 0 } },
          },
        });
        for (const [n, bytes] of [5_000, rowsFor(600_000), rowsFor(2_000_000)].entries()) {
          await source.exec(more(n));
          breaksAt = server.carried + bytes;

          const { job } = await project.sync("c");

          const { attempts } = await project.job(job);
          expect(breaksAt, "it broke").toBe(Infinity);
          expect(attempts.length).toBeGreaterThan(1);
          expect(attempts[0]!.failures).toContainEqual(
            expect.objectContaining({
              origin: side,
              kind: "transient_error",
              message: expect.stringContaining("the tunnel through the SSH server"),
            }),
          );
          await expectCopied(source, destination);
        }
      },
    );
});

describe("a config made for Airbyte's connector, with a tunnel", () => {
  it("fails its first check with what is missing, and passes with that in it", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec("create table t (id int)");
    const path = join(folder, "config.json");
    for (const [executable, database] of [
      ["source-postgres", source],
      ["destination-postgres", destination],
    ] as const) {
      const server = await serve(database);
      const { tunnel_host_key: _, ...tunnel } = server.tunnel;
      const check = async (more: object) => {
        const tunnel_method = { ...tunnel, ...more };
        await writeFile(
          path,
          JSON.stringify({ ...database.config, ...behind(server), tunnel_method }),
        );
        const checked = await runExecutable(executable, ["check", "--config", path]);
        expect(checked.stdout).not.toContain(tunnel.tunnel_user_password);
        return checked.messages().find(({ type }) => type === "CONNECTION_STATUS");
      };

      const first = await check({});
      const { message } = (first as { connectionStatus: { message: string } }).connectionStatus;
      const [, fingerprint] = /tunnel_method\.tunnel_host_key: (SHA256:\S+)/.exec(message)!;
      expect(server.attempts).toEqual([]);

      const second = await check({ tunnel_host_key: fingerprint });
      expect(second).toMatchObject({ connectionStatus: { status: "SUCCEEDED" } });
    }
  });
});

describe("a tunnel without the package that makes it", () => {
  it("is refused with what to install; everything else needs no such package", async ({
    source,
    folder,
  }) => {
    await source.exec("create table t (id int)");
    const server = await serve(source);
    for (const connector of ["source-postgres", "destination-postgres"]) {
      const alone = join(folder, `${connector}.cjs`); // there are no packages around it
      await copyFile(`dist/connectors/${connector}/main.cjs`, alone);
      const check = async (config: object) => {
        const path = join(folder, "config.json");
        await writeFile(path, JSON.stringify(config));
        const { stdout } = await run(process.execPath, [alone, "check", "--config", path]);
        return stdout;
      };

      const refused = await check({ ...source.config, tunnel_method: server.tunnel });
      expect(refused).toContain("an SSH tunnel needs the package ssh2, which is not there");
      expect(refused).toContain("npm install ssh2");
      expect(await check(source.config)).toContain("SUCCEEDED");
    }
    expect(server.clients).toBe(0);
  });
});
