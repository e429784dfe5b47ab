import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { errorsOf, messagesOf, recordsOf } from "../../contract/protocol-output.ts";
import { it } from "../../support/fixtures.ts";
import { runExecutable, start } from "../../support/run.ts";

const SOURCE = join(import.meta.dirname, "../../fixtures/kit/source.mjs");
const CANARY = 'pa$$"\n%41ß canary';

async function readArgs(folder: string, config: object): Promise<string[]> {
  const [configFile, catalogFile] = [join(folder, "config.json"), join(folder, "catalog.json")];
  await writeFile(configFile, JSON.stringify(config));
  await writeFile(catalogFile, '{"streams":[]}');
  return ["read", "--config", configFile, "--catalog", catalogFile];
}

const read = async (folder: string, config: object) =>
  runExecutable(SOURCE, await readArgs(folder, config));

/** The last line of stdout, as text and as far as it can be parsed. */
const isError = (line: string) => line.includes('"TRACE"') && line.includes('"ERROR"');

describe("a connector's process", () => {
  for (const ending of ["throws", "throws in a timer", "rejects unheard"])
    it(`reports one error, masked, after all its records, when it ${ending}`, async ({
      folder,
    }) => {
      const result = await read(folder, { ending, records: 2_000, secret: CANARY });

      expect(result.exitCode).toBe(1);
      const messages = messagesOf(result);
      expect(recordsOf(messages)).toHaveLength(2_000);
      expect(errorsOf(messages)).toHaveLength(1);
      expect(messages.at(-1)!.type).toBe("TRACE");
      for (const spelling of [
        CANARY,
        "canary",
        encodeURIComponent(CANARY),
        Buffer.from(CANARY).toString("base64"),
      ])
        expect(result.stdout + result.stderr).not.toContain(spelling);
    });

  it("masks secrets in the answer of check and in what it logs", async ({ folder }) => {
    const [, ...args] = await readArgs(folder, { ending: "done", secret: CANARY });

    const result = await runExecutable(SOURCE, ["check", ...args.slice(0, 2)]);

    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain("no luck with **********");
    expect(result.stdout).toContain("trying **********");
    expect(result.stdout).not.toContain("canary");
  });

  it("calls a defect in check a failure, not an answer", async ({ folder }) => {
    const [, ...args] = await readArgs(folder, { ending: "throws", secret: CANARY });

    const result = await runExecutable(SOURCE, ["check", ...args.slice(0, 2)]);

    expect(result.exitCode).toBe(1);
    expect(errorsOf(messagesOf(result)).map(({ kind }) => kind)).toEqual(["system_error"]);
    expect(result.stdout).not.toContain("canary");
  });

  it("ends although something was left running", async ({ folder }) => {
    const result = await read(folder, { ending: "keeps a timer" });

    expect(result.exitCode).toBe(0);
  });

  it("leaves whole lines even when work goes on after the failure", async ({ folder }) => {
    const result = await read(folder, { ending: "goes on printing after it failed" });

    expect(result.exitCode).toBe(1);
    const messages = messagesOf(result);
    expect(errorsOf(messages)).toHaveLength(1);
    expect(messages.at(-1)!.type).toBe("TRACE");
  });

  it("gives a slow reader every byte, the error last", async ({ folder }) => {
    const child = spawn(process.execPath, [
      SOURCE,
      ...(await readArgs(folder, { ending: "throws", records: 3_000 })),
    ]);
    let stdout = "";
    await once(child.stdout, "readable"); // it has begun, and nobody has read anything
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      stdout += chunk;
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(recordsOf(messagesOf({ stdout }))).toHaveLength(3_000);
    expect(isError(stdout.trimEnd().split("\n").at(-1)!)).toBe(true);
  });

  it("is ended by a second signal when it ignores the first, and says so", async ({ folder }) => {
    const reading = start(
      SOURCE,
      await readArgs(folder, { ending: "ignores signals", records: 1 }),
    );
    await reading.line((line) => line.includes('"RECORD"'));

    reading.kill("SIGTERM");
    await reading.line((line) => line.includes("received SIGTERM"));
    reading.kill("SIGINT");

    const result = await reading.finished;
    expect(result.exitCode).toBe(143);
    expect(errorsOf(messagesOf(result))).toEqual([
      { kind: "transient_error", message: "stopped by SIGTERM before it was done" },
    ]);
  });

  it("starts for spec without loading anything heavy", async () => {
    const probe = `
      import { createRequire } from "node:module";
      await import(${JSON.stringify(SOURCE)});
      const loaded = Object.keys(createRequire(import.meta.url).cache ?? {});
      process.stderr.write(loaded.filter((path) => /node_modules\\/(pg|ajv)/.test(path)).join());`;
    const { stderr } = await runExecutable(process.execPath, [
      "--input-type=module",
      "-e",
      probe,
      "fixture",
      "spec",
    ]);

    expect(stderr).toBe("");
  });
});
