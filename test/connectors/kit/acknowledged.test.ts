import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { start, runExecutable } from "../../support/run.ts";

const SOURCE = join(import.meta.dirname, "../../fixtures/kit/following-source.mjs");

const stateOf = (n: number) =>
  `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"s"},"stream_state":{"n":${n}}}}}`;
const printed = (n: number) => (line: string) => line === stateOf(n);

async function readArgs(folder: string, ...options: string[]): Promise<string[]> {
  const [config, catalog] = [join(folder, "config.json"), join(folder, "catalog.json")];
  await writeFile(config, "{}");
  await writeFile(catalog, '{"streams":[]}');
  return ["read", "--config", config, "--catalog", catalog, ...options];
}

describe("read --acknowledged", () => {
  it("hears the states while it reads, and ends in good order with STOP", async ({ folder }) => {
    const source = start(SOURCE, await readArgs(folder, "--acknowledged", "--follow"));
    for (let n = 1; n <= 3; n++) {
      await source.line(printed(n));
      source.write(`${stateOf(n)}\n`);
    }
    await source.line(printed(4));
    source.write('{"type":"STOP"}\n'); // and stdin stays open

    const { exitCode, stdout } = await source.finished;
    expect(exitCode).toBe(0);
    expect(stdout).toContain("stopped, follow true");
  });

  it("ends with stdin, too", async ({ folder }) => {
    const source = start(SOURCE, await readArgs(folder, "--acknowledged"));
    await source.line(printed(1));
    source.endInput();

    const { exitCode, stdout } = await source.finished;
    expect(exitCode).toBe(0);
    expect(stdout).toContain("stopped, follow false");
  });

  it("hears in a session what stands behind the command", async ({ folder }) => {
    const args = await readArgs(folder, "--acknowledged", "--follow");
    const source = start(SOURCE, ["session"]);
    source.write(`${JSON.stringify(args)}\n${stateOf(6)}\n`);
    await source.line(printed(7));
    source.write('{"type":"STOP"}\n');

    expect((await source.finished).exitCode).toBe(0);
  });

  it("reads nothing from stdin where it is not asked to", async ({ folder }) => {
    const source = start(SOURCE, await readArgs(folder)); // and stdin stays open
    const { exitCode, stdout } = await source.finished;
    expect(exitCode).toBe(0);
    expect(stdout).toContain("not told, follow false");
  });

  it("is an unknown option of a source that does not announce it", async ({ folder }) => {
    const args = await readArgs(folder, "--acknowledged");
    const { exitCode, stderr } = await runExecutable(
      join(import.meta.dirname, "../../fixtures/kit/source.mjs"),
      args,
    );
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--acknowledged")]);
  });
});
