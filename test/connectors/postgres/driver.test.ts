import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Client } from "pg";
import { expect, it as plainIt } from "vitest";
import {
  cancelKeyOf,
  createClient,
  interceptBytes,
  socketOf,
  submitCopyIn,
} from "../../../connectors/postgres/driver.ts";
import { openSocket } from "../../../connectors/postgres/socket.ts";
import { type Database, it } from "../../support/fixtures.ts";

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Manifest;

/** A client of the driver on a socket of its own, not connected yet. */
async function clientOf(
  { config }: Database,
  password: (isInClear: boolean) => string = () => config.password,
): Promise<{ client: Client; socket: Awaited<ReturnType<typeof openSocket>>["socket"] }> {
  const { socket } = await openSocket(config, "never", {}, AbortSignal.timeout(10_000));
  const login = { ...config, applicationName: "driver test", replication: false, password };
  return { client: createClient(login, socket, false), socket };
}

plainIt("is pinned to the version of pg that it was written against", () => {
  const wanted = manifest("package.json").dependencies["pg"];
  const installed = manifest(createRequire(import.meta.url).resolve("pg/package.json")).version;

  expect(wanted).toMatch(/^\d+\.\d+\.\d+$/);
  expect(installed).toBe(wanted);
});

it("speaks on the socket it is given, the only listener to its bytes", async ({ source }) => {
  const { client, socket } = await clientOf(source);

  await client.connect();

  expect(socketOf(client)).toBe(socket);
  expect(socket.listenerCount("data")).toBe(1);
  await client.end();
});

it("knows what names its session in a request to cancel", async ({ source }) => {
  const { client } = await clientOf(source);
  expect(() => cancelKeyOf(client)).toThrow("no number and key");
  await client.connect();

  const { processId, secretKey } = cancelKeyOf(client);

  const { rows } = await client.query("select pg_backend_pid() as pid");
  expect(rows).toEqual([{ pid: String(processId) }]);
  expect(Number.isInteger(secretKey)).toBe(true);
  await client.end();
});

it("fails to connect with what the password function throws", async ({ source }) => {
  const thrown = new Error("no password for you");
  const asked: boolean[] = [];
  const { client, socket } = await clientOf(source, (isInClear) => {
    asked.push(isInClear);
    throw thrown;
  });

  await expect(client.connect()).rejects.toBe(thrown);

  expect(asked).toEqual([false]);
  socket.destroy();
});

it("asks for rows when the server does, and counts them when it is done", async ({ source }) => {
  await source.exec("create table t (v text)");
  const { client } = await clientOf(source);
  await client.connect();
  const rows = Buffer.from("one\ntwo\n");

  const count = await submitCopyIn(
    client,
    "begin; copy t from stdin; insert into t values ('three'); commit",
    (socket) => {
      const head = Buffer.from([0x64, 0, 0, 0, rows.length + 4]);
      socket.write(Buffer.concat([head, rows, Buffer.from([0x63, 0, 0, 0, 4])]));
    },
  );

  expect(count).toBe(2);
  expect(await source.rows("select v from t")).toEqual([["one"], ["two"], ["three"]]);
  await client.end();
});

it("says while rows are sent that the server refused them, and goes on afterwards", async ({
  source,
}) => {
  await source.exec("create table t (n int)");
  const { client } = await clientOf(source);
  await client.connect();
  let refusal: AbortSignal | undefined;

  const copy = submitCopyIn(client, "copy t from stdin", (socket, refused) => {
    refusal = refused;
    socket.write(Buffer.from("\x64\0\0\0\x08abc\n", "latin1"));
  });

  await expect(copy).rejects.toMatchObject({ code: "22P02" });
  expect(refusal?.aborted).toBe(true);
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: "1" }]);
  await client.end();
});

it("gives the server's bytes to whoever intercepts them, and back to the driver", async ({
  source,
}) => {
  const { client } = await clientOf(source);
  await client.connect();
  let bytes = 0;

  const interception = interceptBytes(client, (chunk) => {
    bytes += chunk.length;
    interception.toDriver(chunk);
  });
  const seen = await client.query("select 1 as one");
  interception.end();
  const before = bytes;
  const unseen = await client.query("select 2 as two");

  expect([seen.rows, unseen.rows]).toEqual([[{ one: "1" }], [{ two: "2" }]]);
  expect(before).toBeGreaterThan(0);
  expect(bytes).toBe(before);
  await client.end();
});

it("refuses to intercept when somebody else listens as well", async ({ source }) => {
  const { client, socket } = await clientOf(source);
  await client.connect();
  socket.on("data", () => {});

  expect(() => interceptBytes(client, () => {})).toThrow("does not listen to its socket");
  await client.end();
});
