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
