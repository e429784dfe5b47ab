import { expect, it } from "vitest";
import { runExecutable } from "../support/run.ts";

it("every deliberate defect still has its place in the code, and its tests their files", async () => {
  const listed = await runExecutable(process.execPath, ["test/mutants/main.mjs", "--list"]);

  expect(listed.stdout).toMatch(/^[1-9]\d* mutants$/m);
  expect(listed.exitCode).toBe(0);
});
