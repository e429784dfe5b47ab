import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { openHome } from "../../orchestrator/store/home.ts";
import { createJob, saveJob } from "../../orchestrator/store/jobs.ts";
import { saveKnownCatalog } from "../../orchestrator/store/known-catalog.ts";
import { lockConnection } from "../../orchestrator/store/lock.ts";
import { keepProject } from "../../orchestrator/store/project.ts";
import { emptyState, writeState } from "../../orchestrator/store/state-file.ts";
import { stateUnwritable } from "../../orchestrator/store/unwritable.ts";
import type { Failure } from "../../protocol/errors.ts";
import { it } from "../support/fixtures.ts";
import { canMount, mountDisk } from "../support/mounts.ts";

const failureOf = async (work: () => unknown): Promise<Failure> => {
  try {
    await work();
  } catch (error) {
    return error as Failure;
  }
  return expect.fail("it did not fail");
};

/** All that is kept between syncs, in a folder that is there. */
const WRITES: Readonly<Record<string, (home: string) => unknown>> = {
  "the name of the project": (home) => keepProject(home, "p", {}),
  "a lock": (home) => lockConnection(join(home, "locks"), "c"),
  "a job's record": (home) =>
    saveJob(join(home, "jobs"), {
      id: 1,
      type: "sync",
      connection: "c",
      status: "running",
      created_at: "",
      attempts: [],
    }),
  "a catalog": (home) => saveKnownCatalog(home, "c", { streams: [], tables: [] }),
  "a state": (home) => writeState(join(home, "state/c.json"), "c", emptyState()),
};

describe("what cannot be written into our own folder", () => {
  it.runIf(canMount())("is said with the reason and the way out", async ({ folder }) => {
    const disk = mountDisk(join(folder, "home"), "64k");
    try {
      openHome(disk.path);
      createJob(join(disk.path, "jobs"), "sync", "c");
      mkdirSync(join(disk.path, "catalogs"));
      const fill = () => {
        for (;;) appendFileSync(join(disk.path, "filler"), Buffer.alloc(4096));
      };
      expect(fill).toThrow("ENOSPC");
      for (const [what, write] of Object.entries(WRITES)) {
        const { code, message, hint } = await failureOf(() => write(disk.path));
        expect(code, what).toBe("state.unwritable");
        expect(hint, what).toMatch(/^make room there; --home names another folder/);
        expect(message, what).toContain(disk.path);
        expect(message, what).toMatch(/: the disk is full \(ENOSPC\)$/);
      }

      disk.forbidWriting();
      const job = (home: string) => createJob(join(home, "jobs"), "sync", "c");
      for (const [what, write] of Object.entries({ ...WRITES, "a new job": job })) {
        const { code, message, hint } = await failureOf(() => write(disk.path));
        expect(code, what).toBe("state.unwritable");
        expect(message, what).toMatch(/: the file system is read-only \(EROFS\)$/);
        expect(hint, what).toMatch(/^let this user write there; --home names another folder/);
      }
      expect(openHome(disk.path).path).toBe(disk.path); // what only shows things works on
    } finally {
      disk.unmount();
    }
  });

  it("names the right that a user does not have, and any other reason in the system's words", () => {
    const of = (code: string, errno: number) =>
      stateUnwritable("no", Object.assign(new Error("secret path"), { code, errno })).message;

    expect(of("EACCES", -13)).toBe("no: this user may not write there (EACCES)");
    expect(of("EIO", -5)).toBe("no: i/o error (EIO)");
    expect(of("EUNHEARDOF", -9999)).toBe("no: EUNHEARDOF");
  });
});
