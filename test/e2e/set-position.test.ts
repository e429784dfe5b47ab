import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";

const STREAM = {
  name: "t",
  sync_mode: "incremental",
  destination_sync_mode: "append",
  cursor_field: "id",
};

/** @guarantee added-once */
it("a position set by hand is gone on from, and one that the source cannot use adds no row", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table t (id int not null); insert into t select generate_series(1, 9)");
  const project = await Project.create(folder, {
    source,
    destination,
    connections: { c: { streams: [STREAM] } },
  });
  const set = (...args: string[]) =>
    project.syncline(["state", "set", "c", "--stream", "public.t", ...args, "--yes"]);

  const cursor = succeeded(await set("--cursor", "5"));
  await project.sync();
  const rows = await destination.rows("select id from t order by id");
  const shown = succeeded(await project.syncline(["state", "show", "c"]));
  const refused = await set('{"cursor":"5"}');
  const wrongType = await set("--cursor", "yesterday");
  const unasked = await project.sync();

  expect(cursor.stderr).toContain("public.t: at its beginning → after id = 5");
  expect(rows).toEqual([["6"], ["7"], ["8"], ["9"]]);
  expect(shown.stdout).toContain("after id = 9");
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain(`{"cursor_field":["id"],"cursor":"5"}`);
  expect(wrongType.stderr).toContain("id of public.t is of type integer");
  expect(await project.counts(unasked.job)).toEqual({ "public.t": [0, 0] });
  expect(await destination.rows("select count(*) from t")).toEqual([["4"]]);
});
