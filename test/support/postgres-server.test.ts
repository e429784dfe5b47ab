import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Client } from "pg";
import { expect, it } from "vitest";
import { restart, startPostgres, testBinaries } from "./postgres-server.ts";
import { start } from "./run.ts";

/** Starts a server, prints its process id and data folder, and waits for ever. */
const STARTER = `
  import { startPostgres } from "./dist/orchestrator/demo/postgres-server.js";
  const server = await startPostgres();
  console.log(JSON.stringify({ pid: server.pid, dataFolder: server.dataFolder }));
  process.stdin.resume();
`;

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text: sql, rowMode: "array" })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

it("keeps its data, port and password over a crash, and removes them when stopped", async () => {
  const server = await startPostgres({ settings: { work_mem: "7MB" } });
  const pidBefore = server.pid;
  await ask(server.url(), "create table kept as select 1 as n");

  await restart(server, "immediate");

  expect(server.pid).not.toBe(pidBefore);
  expect(await ask(server.url(), "select n from kept")).toBe(1);
  expect(await ask(server.url(), "show work_mem")).toBe("7MB");
  expect(await ask(server.url(), "show listen_addresses")).toBe("127.0.0.1");
  await expect(ask(server.url().replace(server.password, "wrong"), "select 1")).rejects.toThrow(
    /password authentication failed/,
  );

  await server.stop();
  expect(existsSync(dirname(server.dataFolder))).toBe(false);
  await expect(ask(server.url(), "select 1")).rejects.toThrow(/ECONNREFUSED/);
  await server.stop();
});

it("leaves nothing behind when the process that started it is killed", async () => {
  const starter = start(process.execPath, ["--input-type=module", "--eval", STARTER]);
  const line = await starter.line(() => true);
  const { pid, dataFolder } = JSON.parse(line) as { pid: number; dataFolder: string };
  expect(isAlive(pid)).toBe(true);

  starter.kill("SIGKILL");

  await expect.poll(() => existsSync(dirname(dataFolder)), { timeout: 20_000 }).toBe(false);
  expect(isAlive(pid)).toBe(false);
});

it("ends with the process that forgot to stop it, and does not keep that process alive", async () => {
  const script = STARTER.replace("process.stdin.resume();", "");
  const starter = start(process.execPath, ["--input-type=module", "--eval", script]);
  const { dataFolder } = JSON.parse(await starter.line(() => true)) as { dataFolder: string };

  expect(await starter.finished).toMatchObject({ exitCode: 0 });
  await expect.poll(() => existsSync(dirname(dataFolder)), { timeout: 20_000 }).toBe(false);
});

it("runs the version that was asked for, the newest one unless told", async () => {
  const embedded = testBinaries().filter(({ origin }) => origin === "embedded");
  const majors = embedded.map(({ major }) => major);

  expect(majors).toEqual(majors.toSorted((a, b) => b - a));
  for (const binaries of embedded) {
    const server = await startPostgres({ binaries });
    const version = await ask(
      server.url(),
      "select current_setting('server_version_num')::int / 10000",
    );
    await server.stop("immediate");
    expect(version).toBe(binaries.major);
  }
});

it("says what it looked at when nothing starts", async () => {
  const binaries = { origin: "system", folder: "/nowhere", major: 15 } as const;

  await expect(startPostgres({ binaries })).rejects.toThrow(/system binaries in \/nowhere/);
});
