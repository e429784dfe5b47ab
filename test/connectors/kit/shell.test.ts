import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect } from "vitest";
import type { ConnectorDefinition, Destination } from "../../../connectors/kit/contract.ts";
import { runDestination } from "../../../connectors/kit/destination-main.ts";
import { errorsOf, messagesOf } from "../../contract/protocol-output.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { runPipe } from "../../support/pipe.ts";
import { runExecutable } from "../../support/run.ts";

const CANARY = "wrong-canary";

async function files(folder: string, { config }: Database) {
  const stream = {
    name: "t",
    namespace: "public",
    json_schema: { type: "object", properties: { id: { type: "integer" } } },
    supported_sync_modes: ["full_refresh"],
  };
  const catalog = {
    streams: [{ stream, sync_mode: "full_refresh", destination_sync_mode: "overwrite" }],
  };
  const write = async (name: string, content: unknown) => {
    const path = join(folder, name);
    await writeFile(path, JSON.stringify(content));
    return path;
  };
  return {
    right: await write("right.json", config),
    wrong: await write("wrong.json", { ...config, password: CANARY }),
    catalog: await write("catalog.json", catalog),
  };
}

describe("in a shell", () => {
  it("a source tells its errors on stderr, too, but not to a runner", async ({
    source,
    folder,
  }) => {
    const { wrong, right, catalog } = await files(folder, source);
    const read = (config: string, env = {}) =>
      runExecutable("source-postgres", ["read", "--config", config, "--catalog", catalog], { env });

    const locked = await read(wrong);
    const missing = await read(right);
    const underRunner = await read(wrong, { SYNCLINE_RUNNER: "1" });

    expect(locked.stderr).toMatch(/^source-postgres: could not connect to .*\n$/);
    expect(missing.stderr.split("\n")).toEqual([
      expect.stringMatching(/^source-postgres: the table public\.t does not exist/),
      expect.stringMatching(/^source-postgres: 1 of 1 stream could not be read: public\.t/),
      "",
    ]);
    expect(errorsOf(messagesOf(missing))).toHaveLength(2);
    expect(underRunner.stderr).toBe("");
    expect(locked.stdout + locked.stderr).not.toContain(CANARY);
  });

  it("a pipe shows why the source failed, on the terminal and from the destination", async ({
    source,
    destination,
    folder,
  }) => {
    const { wrong, catalog } = await files(folder, source);
    const warehouse = join(folder, "warehouse.json");
    await writeFile(warehouse, JSON.stringify(destination.config));

    const { stdout, stderr, exitCode } = await runPipe([
      ["source-postgres", "read", "--config", wrong, "--catalog", catalog],
      ["destination-postgres", "write", "--config", warehouse, "--catalog", catalog],
    ]);

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^source-postgres: could not connect to /m);
    expect(stderr).toMatch(
      /^destination-postgres: the input ended before the stream was complete: public\.t \(the source said: could not connect to /m,
    );
    expect(stdout).toContain("the source said: could not connect to");
    expect(stdout + stderr).not.toContain(CANARY);
  });

  it.for(["source-postgres", "destination-postgres"])(
    "check of the %s ends with 1 for FAILED where --exit-status asks for it",
    async (connector, { source, folder }) => {
      const { wrong, right } = await files(folder, source);
      const check = async (config: string, ...more: string[]) => {
        const finished = await runExecutable(connector, ["check", "--config", config, ...more]);
        const [answer] = messagesOf(finished).filter(({ type }) => type === "CONNECTION_STATUS");
        return [finished.exitCode, JSON.stringify(answer).includes('"FAILED"')];
      };
      await source.exec("create table t (id int)");

      expect(await check(wrong)).toEqual([0, true]);
      expect(await check(wrong, "--exit-status")).toEqual([1, true]);
      expect(await check(right, "--exit-status")).toEqual([0, false]);
      const { stdout } = await runExecutable(connector, ["--help"]);
      expect(stdout).toContain("--exit-status");
    },
  );

  it("a destination whose input is a terminal says that it waits for a source's messages", async ({
    source,
    folder,
  }) => {
    const { right, catalog } = await files(folder, source);
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stderr = new PassThrough();
    const definition: ConnectorDefinition<Destination<object>> = {
      name: "destination-test",
      version: "1",
      description: "",
      spec: { connectionSpecification: { type: "object" } },
      load: async () => ({
        check: async () => ({ status: "SUCCEEDED" }),
        write: async () => {},
      }),
    };
    const write = (argv: string[]) =>
      runDestination(definition, {
        argv: ["node", "destination-test", ...argv],
        env: {},
        stdin,
        stdout: new PassThrough().resume(),
        stderr,
        on: () => {},
        off: () => {},
      });

    await write(["write", "--config", right, "--catalog", catalog]);
    stderr.end();

    expect(await stderr.setEncoding("utf8").toArray()).toEqual([
      expect.stringMatching(/^destination-test: waiting for messages on stdin/),
    ]);
  });
});
