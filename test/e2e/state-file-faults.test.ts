import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect } from "vitest";
import { readState } from "../../orchestrator/store/state-file.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import type { Finished } from "../support/run.ts";

const STEPS = pathToFileURL(
  join(import.meta.dirname, "../fixtures/faults/state-file-steps.mjs"),
).href;

/** More than one sync takes; a sync that nothing happens to ends the test. */
const MOST_STEPS = 60;

const wasKilled = ({ signal }: Finished) => expect(signal).toBe("SIGKILL");
const saidSo = ({ exitCode, stdout, stderr }: Finished) => {
  expect([0, 1]).toContain(exitCode); // 0: a later save went well
  expect(stdout + stderr).toMatch(/state of connection c cannot be saved/);
};

/** @guarantee kept-whole */
describe("a state file that is being written", () => {
  it.for([
    ["by a syncline that is killed", "die", wasKilled],
    ["on a full disk", "ENOSPC", saidSo],
  ] as const)(
    "%s, at whatever step, stays whole, and the next syncs append every row once",
    { timeout: 400_000 },
    async ([, then, check], { source, destination, folder }) => {
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

      const struckAt: number[] = [];
      for (let step = 1; step <= MOST_STEPS; step++) {
        await source.exec(`insert into t values (${step})`);
        const finished = await project.syncline(["sync"], {
          env: {
            NODE_OPTIONS: `--import=${STEPS}`,
            SYNCLINE_TEST_AT_STEP: String(step),
            SYNCLINE_TEST_THEN: then,
          },
        });

        const state = readState(join(folder, ".syncline/state/c.json"), "c");
        const [entry] = state.streams.values();
        const { cursor } = JSON.parse(String(entry?.blob ?? "{}")) as { cursor?: string };
        expect(Number(cursor ?? 0)).toBeLessThanOrEqual((await arrived()).at(-1) ?? 0);
        if (finished.exitCode === 0 && !/cannot be saved/.test(finished.stderr)) break;
        check(finished);
        struckAt.push(step);
      }

      // A previous state put aside, a draft, two fsyncs and two renames, at least twice.
      expect(struckAt.length).toBeGreaterThanOrEqual(12);
      expect(await arrived()).toEqual(Array.from({ length: struckAt.length + 1 }, (_, n) => n + 1));
      // Drafts of the killed are swept when they are a day old.
      for (const draft of drafts(folder)) utimesSync(draft, TWO_DAYS_AGO, TWO_DAYS_AGO);
      await project.sync();
      expect(drafts(folder)).toEqual([]);
    },
  );
});

const TWO_DAYS_AGO = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);

function drafts(folder: string): string[] {
  const states = join(folder, ".syncline/state");
  return readdirSync(states)
    .filter((name) => name.endsWith(".tmp"))
    .map((name) => join(states, name));
}
