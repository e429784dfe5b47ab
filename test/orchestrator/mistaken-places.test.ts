import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "./project.ts";

it("makes no folder for a command that only looks back", async ({ folder }) => {
  const project = await Project.create(folder, {});
  const home = join(folder, "mistyped");

  for (const command of ["jobs", "status", "logs", "why", "prune", "state show"]) {
    const { exitCode, stderr } = await project.run(...command.split(" "), "--home", home);
    expect([command, exitCode]).toEqual([command, 2]);
    expect(stderr).toContain(`--home: there is no folder ${home}`);
  }
  expect(existsSync(home)).toBe(false);
});

it("does not wait for a folder that cannot be made", { timeout: 20_000 }, async ({ folder }) => {
  const project = await Project.create(folder, {});

  const { exitCode, stderr } = await project.run("sync", "--home", "/proc/nowhere/at-all");

  expect(exitCode).toBe(1);
  expect(stderr).toContain("state.unwritable: /proc/nowhere/at-all cannot be made or used");
});

it("says what a name is, where it is none that was meant", async ({ folder }) => {
  const project = await Project.create(folder, {});

  const discovered = await project.run("discover", "d");
  const nameless = await project.run("sync", "");

  expect(discovered.stderr).toContain("d is a destination, and sources alone offer streams");
  expect(nameless.stderr).toContain('no connection is called "" (there is c)');
});
