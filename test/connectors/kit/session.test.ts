import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { runExecutable, start } from "../../support/run.ts";
import { errorsOf, messagesOf } from "../../contract/protocol-output.ts";

const DONE = '{"type":"COMMAND_DONE"}';

async function jsonFile(folder: string, name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}

const command = (...args: string[]) => `${JSON.stringify(args)}\n`;

/** The types of the lines of stdout, LOG left out. */
const typesOf = (stdout: string) =>
  [...stdout.matchAll(/^\{"type":"(\w+)"/gm)].map(([, type]) => type).filter((t) => t !== "LOG");

const T = {
  name: "t",
  namespace: "public",
  json_schema: { type: "object", properties: { id: { type: "integer" } } },
  supported_sync_modes: ["full_refresh"],
};

const catalogOf = (mode: string) => ({
  streams: [{ stream: T, sync_mode: "full_refresh", destination_sync_mode: mode }],
});

describe("a session", () => {
  it("runs one command after the other in one process, tells the end of each, and reads last", async ({
    source,
    folder,
  }) => {
    await source.exec("create table t (id int); insert into t values (1), (2)");
    const config = await jsonFile(folder, "config.json", source.config);
    const catalog = await jsonFile(folder, "catalog.json", catalogOf("overwrite"));
    const session = start("source-postgres", ["session"]);

    session.write(command("check", "--config", config));
    await session.line((line) => line === DONE);
    session.write(command("discover", "--config", config));
    await session.line((line) => line.includes('"CATALOG"'));
    session.write(command("read", "--config", config, "--catalog", catalog));
    const { exitCode, stdout } = await session.finished; // stdin is still open

    expect(exitCode).toBe(0);
    expect(typesOf(stdout)).toEqual([
      "CONNECTION_STATUS",
      "COMMAND_DONE",
      "CATALOG",
      "COMMAND_DONE",
      ...typesOf((await readAlone(config, catalog)).stdout),
    ]);
  });

  it("runs as many commands as are asked for, without a word of Node's about listeners", async () => {
    const { exitCode, stdout, stderr } = await runExecutable("source-postgres", ["session"], {
      stdin: command("spec").repeat(20),
    });

    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").filter((line) => line === DONE)).toHaveLength(20);
  });

  it("hands what follows `write` to it, also in the same piece, and keeps the rest of the process clear", async ({
    destination,
    folder,
  }) => {
    const config = await jsonFile(folder, "config.json", destination.config);
    const catalog = await jsonFile(folder, "catalog.json", catalogOf("append"));
    const files = ["--config", config, "--catalog", catalog];
    const record = { stream: "t", namespace: "public", emitted_at: 1, data: { id: 7 } };
    const descriptor = { name: "t", namespace: "public" };
    const stream_status = { stream_descriptor: descriptor, status: "COMPLETE" };
    const trace = { type: "STREAM_STATUS", emitted_at: 1, stream_status };

    const { exitCode, stdout } = await runExecutable("destination-postgres", ["session"], {
      env: { SYNCLINE_CONNECTION_ID: "c" },
      stdin:
        command("state", ...files) +
        command("write", ...files) +
        [
          { type: "RECORD", record },
          { type: "TRACE", trace },
        ]
          .map((message) => `${JSON.stringify(message)}\n`)
          .join(""),
    });

    expect(stdout).toContain(DONE);
    expect(exitCode).toBe(0);
    expect(await destination.rows("select id from t")).toEqual([["7"]]);
  });

  it("lets a command take longer than the one before it lingers", async ({ source, folder }) => {
    await source.exec("create view t as select 7 as id where pg_sleep(1)::text = ''");
    const config = await jsonFile(folder, "config.json", source.config);
    const catalog = await jsonFile(folder, "catalog.json", catalogOf("overwrite"));

    const { exitCode, stdout } = await runExecutable("source-postgres", ["session"], {
      stdin:
        command("discover", "--config", config) +
        command("read", "--config", config, "--catalog", catalog),
    });

    expect(exitCode).toBe(0);
    expect(stdout).toContain('"data":{"id":7}');
  });

  it("ends with the status of a command that fails, and runs none after it", async ({
    source,
    folder,
  }) => {
    const wrong = await jsonFile(folder, "wrong.json", { ...source.config, port: 1 });
    const right = await jsonFile(folder, "right.json", source.config);

    const result = await runExecutable("source-postgres", ["session"], {
      stdin: command("discover", "--config", wrong) + command("discover", "--config", right),
    });

    expect(result.exitCode).toBe(1);
    expect(errorsOf(messagesOf(result))).toHaveLength(1);
    expect(typesOf(result.stdout)).toEqual(["TRACE"]);
  });

  it("ends with its input, in order, and with 2 for what is no command", async () => {
    for (const executable of ["source-postgres", "destination-postgres"]) {
      const run = async (stdin: string) => runExecutable(executable, ["session"], { stdin });

      expect((await run("")).exitCode).toBe(0);
      expect((await run(command("sing"))).exitCode).toBe(2);
      for (const line of ["spec\n", "{}\n", '["spec",1]\n']) {
        const { exitCode, stdout, stderr } = await run(line);
        expect([exitCode, stdout], line).toEqual([2, ""]);
        expect(stderr).toContain("no command");
      }
    }
  });
});

const readAlone = (config: string, catalog: string) =>
  runExecutable("source-postgres", ["read", "--config", config, "--catalog", catalog]);
