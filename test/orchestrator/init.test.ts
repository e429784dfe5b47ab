import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";

it("writes a configuration whose first line leads editors to the schema", async ({ folder }) => {
  const init = () => runExecutable("syncline", ["init"], { cwd: folder });

  const first = await init();
  const written = await readFile(join(folder, "syncline.yaml"), "utf8");
  const again = await init();

  expect(first.exitCode).toBe(0);
  const [, schema] = /^# yaml-language-server: \$schema=(.+)$/m.exec(written) ?? [];
  expect(JSON.parse(await readFile(schema!, "utf8"))).toMatchObject({ title: "syncline.yaml" });
  expect(again.exitCode).toBe(2);
  expect(await readFile(join(folder, "syncline.yaml"), "utf8")).toBe(written);
});
