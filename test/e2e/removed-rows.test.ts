import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";

it.for([[["clear", "c"]], [["refresh", "c", "--remove"]]])(
  "says about how many rows go: %j",
  async ([command], { source, destination, folder }) => {
    await source.exec(`
      create table t (id int primary key);
      insert into t select generate_series(1, 1234);
      create table empty (id int primary key)`);
    const streams = ["t", "empty"].map((name) => ({ name, namespace: "public" }));
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { c: { streams } },
    });
    const ask = async () => succeeded(await project.syncline([...command!, "--yes"])).stderr;

    const before = await ask();
    succeeded(await project.syncline(["sync"]));
    await destination.exec("analyze public.t");
    const after = await ask();

    expect(before).toMatch(/public\.t +t +none /);
    expect(after).toMatch(/public\.t +t +about 1,234 /);
    expect(after).toMatch(/public\.empty +empty +none /);
  },
);
