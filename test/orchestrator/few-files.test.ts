import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { commandOf, runExecutable } from "../support/run.ts";
import { Project } from "./project.ts";

/** More than a sync takes: a run that is still refused ends the test. */
const MOST_FILES = 200;

it(
  "a sync that may open too few files says so and leaves nothing behind, and the next one does its work",
  { skip: process.platform !== "linux" },
  async ({ folder }) => {
    const project = await Project.create(folder);
    const command = [...commandOf("syncline"), "sync"].map((word) => `'${word}'`).join(" ");
    const allowed = async (files: number) =>
      runExecutable("sh", ["-c", `ulimit -c 0; ulimit -n ${files}; exec ${command}`], {
        cwd: folder,
      });
    let refused = 0;
    let files = 24; // with fewer, Node itself does not start
    let result = await allowed(files);
    for (; result.exitCode !== 0; result = await allowed(files)) {
      refused++;
      // In whose words depends on who needed the file: Node itself, a package, or we.
      expect(result.stdout + result.stderr).toMatch(/EMFILE|cannot be/);
      expect(project.stateText() ?? "").not.toContain('{"at":3}');
      files += 8;
      expect(files).toBeLessThan(MOST_FILES);
    }

    expect(refused).toBeGreaterThan(0);
    expect(project.stateText()).toContain('{"at":3}');
    expect(project.delivered().filter((line) => line.includes('"RECORD"'))).toHaveLength(3);
    expect(project.leftovers()).toEqual([]);
  },
);
