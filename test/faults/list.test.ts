import { expect, it } from "vitest";
import { runExecutable } from "../support/run.ts";

it("every fault is shown by tests that are there, or says why not", async () => {
  const listed = await runExecutable(process.execPath, ["test/faults/main.mjs", "--list"]);

  expect(listed.stdout).toMatch(/^[1-9]\d* faults: [1-9]\d* shown/m);
  expect(listed.exitCode).toBe(0);
});
