import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";

it("replaces what is there, and does not add to it, after positions were cleared or all of .syncline is gone", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table t (id int primary key); insert into t values (1), (2)");
  const project = await Project.create(folder, { source, destination, connections: { c: {} } });
  const rows = () => destination.rows("select id from t order by id");
  await project.sync();

  succeeded(await project.syncline(["state", "clear", "c"]));
  await project.sync();
  expect(await rows()).toEqual([["1"], ["2"]]);

  rmSync(join(folder, ".syncline"), { recursive: true });
  await project.sync();
  expect(await rows()).toEqual([["1"], ["2"]]);
});
