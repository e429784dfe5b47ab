import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { syncFolder } from "../../orchestrator/store/atomic-file.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable, succeeded } from "../support/run.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/orchestrator");
const RECORDER = pathToFileURL(join(FIXTURES, "record-steps.mjs")).href;

/** @guarantee kept-whole */
it("makes a state durable before it takes the old one's place, and its place after", async ({
  folder,
}) => {
  await mkdir(join(folder, "state"));
  const args = [join(folder, "state", "c.json"), '{"at":1}'];

  const { stderr } = succeeded(
    await runExecutable(join(FIXTURES, "save-state.mjs"), args, {
      env: { NODE_OPTIONS: `--import=${RECORDER}` },
    }),
  );

  // A power cut may keep any of it that was not asked to be on disk: a name without its bytes.
  const steps = stderr.trimEnd().split("\n");
  expect(steps.filter((step, index) => step !== steps[index - 1])).toEqual([
    "open .c.json.tmp",
    "write .c.json.tmp",
    "fsync .c.json.tmp",
    "rename .c.json.tmp c.json",
    "open state",
    "fsync state",
  ]);
});

it(
  "goes on where the file system makes no folder durable",
  { skip: process.platform !== "linux" },
  () => {
    expect(() => syncFolder("/proc")).not.toThrow(); // answers EINVAL
    expect(() => syncFolder("/nowhere")).toThrow("ENOENT");
  },
);
