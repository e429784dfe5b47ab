import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { commandOf, runExecutable, succeeded } from "../support/run.ts";

/** Notes at its end which of Node's own modules a process has loaded. */
const TELLS_MODULES = `
  process.on("exit", () => require("node:fs").writeFileSync(process.env.NOTES, process.moduleLoadList.join("\\n")));
`;

it("a connector loads no HTTP client to find out where it runs", async ({ source, folder }) => {
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(source.config));
  const preload = join(folder, "preload.cjs");
  await writeFile(preload, TELLS_MODULES);
  const notes = join(folder, "notes");
  const [node, script] = commandOf("source-postgres");

  const args = ["--require", preload, script!, "discover", "--config", config];
  succeeded(await runExecutable(node!, args, { env: { NOTES: notes } }));

  const loaded = await readFile(notes, "utf8");
  expect(loaded).toContain("NativeModule net");
  expect(loaded).not.toContain("undici");
});

it.for([
  ["versions", { node: "18.20.1" }, "syncline needs Node 20.19 or newer, and this is 18.20.1\n"],
  ["versions", { node: "20.18.0" }, "syncline needs Node 20.19 or newer, and this is 20.18.0\n"],
  ["platform", "win32", "syncline does not run on Windows itself; it does in WSL\n"],
] as const)(
  "no executable starts where it cannot run: %s %j",
  async ([name, value, said], { folder }) => {
    const preload = join(folder, "preload.cjs");
    const text = `Object.defineProperty(process, "${name}", { value: ${JSON.stringify(value)} })`;
    await writeFile(preload, text);

    for (const executable of ["syncline", "source-postgres", "destination-postgres"] as const) {
      const [node, script] = commandOf(executable);
      const run = await runExecutable(node!, ["--require", preload, script!, "--version"]);
      expect([run.exitCode, run.stdout, run.stderr]).toEqual([2, "", said]);
    }
  },
);
