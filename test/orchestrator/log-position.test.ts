import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { logPosition, logPositionText } from "../../orchestrator/output/log-position.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "./project.ts";

const SHARED = {
  state_type: "cdc",
  version: 1,
  lsn: "1/FFFFFFF0",
  slot: "shop",
  committed_at: "2026-11-27T01:00:00.000Z",
  server_lsn: "2/000F4240",
  retained_bytes: 16_000_000,
  looked_at: "2026-11-27T01:00:05.000Z",
};
const NOW = Date.parse("2026-11-27T01:00:15Z");

const textOf = (shared: object) => {
  const position = logPosition(Buffer.from(JSON.stringify(shared)));
  return position && logPositionText(position, NOW);
};

describe("where a connection stands in the log", () => {
  it("is told with how far behind it was, and what its slot retained", () => {
    expect(logPosition(Buffer.from(JSON.stringify(SHARED)))).toMatchObject({
      lag_bytes: 1_000_016,
      lag_seconds: 5,
    });
    expect(textOf(SHARED)).toBe(
      "up to 1/FFFFFFF0, committed 15 seconds ago; 10 seconds ago 1.0 MB of the log were behind it, 5 s, slot shop retained 16.0 MB of WAL",
    );
  });

  it("is told as far as its state has it", () => {
    expect(textOf({ ...SHARED, server_lsn: SHARED.lsn })).toContain(
      "ago nothing was behind it, slot",
    );
    expect(textOf({ state_type: "cdc", lsn: "0/1" })).toBe("up to 0/1");
    expect(textOf({ state_type: "cdc", lsn: "0/1", server_lsn: "nonsense" })).toBe("up to 0/1");
    expect(textOf({ state_type: "cdc" })).toBeUndefined();
    expect(textOf({ lsn: "0/1" })).toBeUndefined();
    expect(logPosition(undefined)).toBeUndefined();
  });

  it("is what `status` and `state show` say, and what no cursor can set", async ({ folder }) => {
    const streams = [{ name: "s", sync_mode: "incremental" }];
    const project = await Project.create(folder, {
      sourceFile: "following-source.mjs",
      connection: { streams },
    });
    const blob = { state_type: "cdc", lsn: "0/AB" };
    const descriptor = { name: "s", namespace: "public" };
    const global = {
      shared_state: SHARED,
      stream_states: [{ stream_descriptor: descriptor, stream_state: blob }],
    };
    writeFileSync(join(folder, "saved.json"), JSON.stringify([{ type: "GLOBAL", global }]));
    await project.run("state", "import", "c", "saved.json");

    const shown = await project.run("state", "show");
    const status = await project.run("status", "c");
    const json = await project.run("status", "--json");
    const set = await project.run("state", "set", "c", "--stream", "s", "--cursor", "5", "--yes");

    expect(shown.stdout).toContain("all streams  up to 1/FFFFFFF0, committed ");
    expect(shown.stdout).toContain("follows the log from 0/AB");
    expect(status.stdout).toContain("c: up to 1/FFFFFFF0, committed ");
    expect(status.stdout).toContain("public.s  follows the log from 0/AB");
    expect(JSON.parse(json.stdout)).toMatchObject({
      log_position: { lsn: "1/FFFFFFF0", lag_bytes: 1_000_016, slot: "shop" },
    });
    expect([set.exitCode, set.stderr]).toEqual([
      2,
      expect.stringContaining("which has one position for all of them and no cursor"),
    ]);
  });
});
