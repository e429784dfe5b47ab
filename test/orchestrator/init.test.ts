import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";

const schemaOf = (text: string) => /^# yaml-language-server: \$schema=(.+)$/m.exec(text)?.[1];

it("writes a configuration, and never over one", async ({ folder }) => {
  const init = () => runExecutable("syncline", ["init"], { cwd: folder });

  const first = await init();
  const written = await readFile(join(folder, "syncline.yaml"), "utf8");
  const again = await init();

  expect(first.exitCode).toBe(0);
  expect(again.exitCode).toBe(2);
  expect(await readFile(join(folder, "syncline.yaml"), "utf8")).toBe(written);
});

it("leads editors to the schema by a line that is right for everybody who gets the file", async ({
  folder,
}) => {
  const [project, below, elsewhere] = ["project", "project/etl", "elsewhere"].map((name) =>
    join(folder, name),
  );
  await mkdir(join(project!, "node_modules"), { recursive: true });
  await Promise.all([mkdir(below!), mkdir(elsewhere!)]);
  await symlink(process.cwd(), join(project!, "node_modules/syncline"));

  for (const [at, path] of [
    [project!, "./node_modules/syncline/orchestrator/syncline.schema.json"],
    [below!, "../node_modules/syncline/orchestrator/syncline.schema.json"],
    [elsewhere!, undefined],
  ] as const) {
    await runExecutable("syncline", ["init"], { cwd: at });
    const written = await readFile(join(at, "syncline.yaml"), "utf8");

    expect(schemaOf(written)).toBe(path);
    expect(written).not.toContain(process.cwd());
    if (path !== undefined)
      expect(JSON.parse(await readFile(join(at, path), "utf8"))).toMatchObject({
        title: "syncline.yaml",
      });
  }
});
