/** @guarantee complete-when-sure */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const SOURCE = join(import.meta.dirname, "../fixtures/orchestrator/source.mjs");
const STREAMS = [{ name: "t" }];
const SENDS = [{ records: 1200 }, { state: { at: 1200 } }];

describe("a source that speaks of no stream and exits with 0", () => {
  it.for([
    ["says that its connection failed", [{ connectionStatus: "FAILED", message: "no route" }]],
    ["logs an error", [{ log: "cannot go on", level: "ERROR" }]],
    ["logs an error behind a part", [{ records: 100 }, { log: "cannot go on", level: "ERROR" }]],
    ["says nothing", []],
    [
      "speaks of another stream",
      [
        { records: 1, stream: "u" },
        { state: {}, stream: "u" },
      ],
    ],
  ] as const)("and %s empties no table", async ([, script], { source, destination, folder }) => {
    const streams = [...STREAMS, { name: "u" }];
    const options = {
      source,
      destination,
      sourceCommand: ["node", SOURCE],
      connections: { c: {} },
    };
    const project = await Project.create(folder, {
      ...options,
      sourceConfig: { streams, script: SENDS },
    });
    await project.sync();
    await project.configure({ ...options, sourceConfig: { streams, script } });

    const { exitCode } = await project.trySync();

    expect(exitCode).not.toBe(0);
    expect(await destination.rows("select count(*), count(distinct id) from t")).toEqual([
      ["1200", "1200"],
    ]);
  });
});
