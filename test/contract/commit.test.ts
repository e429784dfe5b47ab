import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it, type Database } from "../support/fixtures.ts";
import { startProxy, type Decide, type WireMessage } from "../support/proxy.ts";
import { runExecutable, start, type Running } from "../support/run.ts";
import { messagesOf, statesOf } from "./protocol-output.ts";

const NAME = "things";
const ENV = { SYNCLINE_CONNECTION_ID: "commit-test" };
const stream = {
  name: NAME,
  json_schema: { type: "object", properties: { id: { type: "integer" } } },
  supported_sync_modes: ["full_refresh", "incremental"],
};
const catalog = {
  streams: [
    { stream, sync_mode: "incremental", destination_sync_mode: "append", cursor_field: ["id"] },
  ],
};

const input = (ids: readonly number[]) =>
  [
    ...ids.map((id) => ({ type: "RECORD", record: { stream: NAME, emitted_at: 1, data: { id } } })),
    {
      type: "STATE",
      state: {
        type: "STREAM",
        stream: { stream_descriptor: { name: NAME }, stream_state: { last: ids.at(-1) } },
      },
    },
    {
      type: "TRACE",
      trace: {
        type: "STREAM_STATUS",
        emitted_at: 1,
        stream_status: { stream_descriptor: { name: NAME }, status: "COMPLETE" },
      },
    },
  ]
    .map((message) => `${JSON.stringify(message)}\n`)
    .join("");

async function args(command: string, folder: string, config: object): Promise<string[]> {
  const [configFile, catalogFile] = [join(folder, "config.json"), join(folder, "catalog.json")];
  await writeFile(configFile, JSON.stringify(config));
  await writeFile(catalogFile, JSON.stringify(catalog));
  return [command, "--config", configFile, "--catalog", catalogFile];
}

/** What the destination says is committed: the blob of its only state, or undefined. */
async function committed(folder: string, config: Database["config"]): Promise<unknown> {
  const result = await runExecutable("destination-postgres", await args("state", folder, config), {
    env: ENV,
  });
  expect(result.exitCode, result.stdout).toBe(0);
  return statesOf(messagesOf(result)).at(-1)?.state.stream?.stream_state;
}

/** Once rows are on their way, the first COMMIT of the client, or the answer to it. */
function watchForCommit(onCommit: Decide, onAnswer: Decide): Decide {
  let hasData = false;
  let isAsked = false;
  return (message: WireMessage) => {
    if (message.from === "client" && message.type === "d") hasData = true;
    if (!hasData) return "pass";
    if (message.from === "client" && message.type === "Q" && /^\s*commit/i.test(message.text)) {
      isAsked = true;
      return onCommit(message);
    }
    if (isAsked && message.from === "server" && message.type === "C" && message.text === "COMMIT")
      return onAnswer(message);
    return "pass";
  };
}

const pass: Decide = () => "pass";

/** @guarantee added-once */
describe("a destination killed around its COMMIT", () => {
  for (const [where, isCommitted] of [
    ["before the COMMIT reaches the server", false],
    ["after the server has committed, before it hears of it", true],
  ] as const)
    it(`${where}: its checkpoint and its rows agree, and the rows come once`, async ({
      destination,
      folder,
    }) => {
      let writing: Running | undefined;
      const kill = async () => {
        writing!.kill("SIGKILL");
        await writing!.finished;
        return "reset" as const;
      };
      const proxy = await startProxy(
        destination.config,
        isCommitted ? watchForCommit(pass, kill) : watchForCommit(kill, pass),
      );
      const config = { ...destination.config, host: proxy.host, port: proxy.port };
      writing = start("destination-postgres", await args("write", folder, config), { env: ENV });
      writing.write(input([1, 2, 3]));
      writing.endInput();
      const killed = await writing.finished;
      await proxy.close();

      expect(killed.signal).toBe("SIGKILL");
      expect(statesOf(messagesOf(killed))).toEqual([]);
      const state = await committed(folder, destination.config);
      expect(state).toEqual(isCommitted ? { last: 3 } : undefined);
      const retry = await runExecutable(
        "destination-postgres",
        await args("write", folder, destination.config),
        { env: ENV, stdin: input(isCommitted ? [4] : [1, 2, 3, 4]) },
      );
      expect(retry.exitCode, retry.stdout).toBe(0);
      const rows = await destination.rows(`select id from public.${NAME} order by 1`);
      expect(rows.flat()).toEqual(["1", "2", "3", "4"]);
    });

  it("does not lose its word when only the connection breaks", async ({ destination, folder }) => {
    const proxy = await startProxy(
      destination.config,
      watchForCommit(pass, ({ connection }) => (connection === 1 ? "reset" : "pass")),
    );
    const config = { ...destination.config, host: proxy.host, port: proxy.port };

    const result = await runExecutable(
      "destination-postgres",
      await args("write", folder, config),
      { env: ENV, stdin: input([1, 2]) },
    );
    await proxy.close();

    const states = statesOf(messagesOf(result));
    expect(await committed(folder, destination.config)).toEqual({ last: 2 });
    if (result.exitCode === 0) expect(states).toHaveLength(1);
    const rows = await destination.rows(`select id from public.${NAME} order by 1`);
    expect(rows.flat()).toEqual(["1", "2"]);
  });
});
