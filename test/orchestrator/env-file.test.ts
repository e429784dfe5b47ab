import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "./project.ts";

it("fills in variables from .env, the environment first, and gives connectors none", async ({
  folder,
}) => {
  const project = await Project.create(folder, { source: { token: "${A}-${HOME:?set}" } });
  const env = join(folder, ".env");
  await writeFile(
    env,
    `\uFEFF# ours\nexport A="one\ntwo" # more\r\nHOME=not this\n\nB='x # y'\nC=\n`,
  );

  expect(await project.run("sync", "--json")).toMatchObject({ exitCode: 0, stderr: "" });
  const [read] = project.given("read");
  expect(read!["config"]).toMatchObject({ token: `one\ntwo-${process.env["HOME"]}` });
});

it.for([
  ["A=1\nnonsense\n", ".env:2 is not NAME=value"],
  [`A=1\n\nPASSWORD="s3cret\nB=2\n`, ".env:3 is not NAME=value"],
  [Buffer.from([0x41, 0x3d, 0xff]), ".env is not UTF-8"],
] as const)(
  "refuses a .env that is broken, without repeating it: %#",
  async ([text, message], { folder }) => {
    const project = await Project.create(folder);
    await writeFile(join(folder, ".env"), text);

    const { exitCode, stderr } = await project.run("plan");

    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("s3cret");
  },
);

it("refuses a .env that cannot be read", async ({ folder }) => {
  const project = await Project.create(folder);
  await mkdir(join(folder, ".env"));

  expect(await project.run("plan")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(".env cannot be read") as string,
  });
});
