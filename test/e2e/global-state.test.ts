import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const SOURCE = join(import.meta.dirname, "../fixtures/faults/global-source.mjs");

describe("a source with one state for all streams", () => {
  for (const mode of ["append", "append_dedup"])
    it(`loses nothing when a replacement is interrupted (${mode})`, async ({
      source,
      destination,
      folder,
    }) => {
      const stream = {
        name: "ids",
        sync_mode: "incremental",
        destination_sync_mode: mode,
        primary_key: ["id"],
      };
      const retry = { max_attempts: 2, first_delay_seconds: 0 };
      const options = {
        source,
        destination,
        sourceCommand: [process.execPath, SOURCE],
        connections: { c: { streams: [stream], retry } },
      };
      const ids = async () => (await destination.rows("select id from ids order by 1")).flat();
      const project = await Project.create(folder, options);
      await project.sync("c");
      expect(await ids()).toEqual(["1", "2", "3", "4"]);

      await project.configure({ ...options, connectorEnv: { FAILS: "1" } });
      const cut = await project.syncline(["refresh", "c", "--remove", "--yes"]);

      expect(cut.exitCode).toBe(1);
      expect(await ids()).toEqual(["1", "2", "3", "4"]);
      await project.configure(options);
      await project.syncline(["refresh", "c", "--remove", "--yes"]);
      expect(await ids()).toEqual(["1", "2", "3", "4"]);
    });
});
