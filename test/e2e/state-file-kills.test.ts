import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { readState } from "../../orchestrator/store/state-file.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const DIE_AT_STEP = pathToFileURL(join(import.meta.dirname, "../fixtures/faults/die-at-step.mjs"));

/** More than one sync takes; a sync that is not killed any more ends the test. */
const MOST_STEPS = 60;

it(
  "syncline killed before any step of writing its state file goes on from a whole state, and appends every row once",
  { timeout: 180_000 },
  async ({ source, destination, folder }) => {
    await source.exec("create table t (id bigint primary key); create index on t (id)");
    const project = await Project.create(folder, {
      source,
      destination,
      connections: {
        c: {
          streams: [
            {
              name: "t",
              namespace: "public",
              sync_mode: "incremental",
              cursor_field: "id",
              destination_sync_mode: "append",
            },
          ],
        },
      },
    });
    const arrived = async () =>
      (await destination.rows("select id from t order by id")).map(([id]) => Number(id));
    await project.sync();

    const killedAt: number[] = [];
    for (let step = 1; step <= MOST_STEPS; step++) {
      await source.exec(`insert into t values (${step})`);
      const { exitCode, signal } = await project.syncline(["sync"], {
        env: {
          NODE_OPTIONS: `--import=${DIE_AT_STEP.href}`,
          SYNCLINE_TEST_DIE_AT: String(step),
        },
      });

      const state = readState(join(folder, ".syncline/state/c.json"), "c");
      const [entry] = state.streams.values();
      const { cursor } = JSON.parse(String(entry?.blob ?? "{}")) as { cursor?: string };
      expect(Number(cursor ?? 0)).toBeLessThanOrEqual((await arrived()).at(-1) ?? 0);
      if (exitCode === 0) break;
      expect(signal).toBe("SIGKILL");
      killedAt.push(step);
    }

    // A previous state put aside, a draft, two fsyncs and two renames, at least twice.
    expect(killedAt.length).toBeGreaterThanOrEqual(12);
    expect(await arrived()).toEqual(Array.from({ length: killedAt.length + 1 }, (_, n) => n + 1));
  },
);
