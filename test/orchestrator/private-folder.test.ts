import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { PrivateFolder, sweepPrivateFolders } from "../../orchestrator/connector/private-folder.ts";
import { thisProcess } from "../../orchestrator/store/process-identity.ts";
import { it } from "../support/fixtures.ts";
import { canMount, mountDisk } from "../support/mounts.ts";
import { start, type Finished } from "../support/run.ts";
import { Project } from "./project.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/orchestrator");

/** More than Linux gives out. */
const NOBODY = 4_194_304;
const LONG_AGO = new Date(Date.now() - 60 * 60 * 1000);

/** @guarantee nothing-left */
describe("a private folder that is found at a start", () => {
  beforeEach<{ folder: string }>(({ folder }) => void vi.stubEnv("TMPDIR", folder));
  afterEach(() => void vi.unstubAllEnvs());

  /** One whose owner is like us but for `owner`; undefined: it has not said who it is. */
  function left(folder: string, owner: object | undefined, sign = new Date()): string {
    const path = join(folder, "syncline-1-abcDEF");
    mkdirSync(path);
    writeFileSync(join(path, "source-config-1.json"), "{}");
    const file = join(path, "owner");
    if (owner) writeFileSync(file, JSON.stringify({ ...thisProcess(), ...owner }));
    for (const touched of [path, ...(owner ? [file] : [])]) utimesSync(touched, sign, sign);
    return path;
  }

  it.for<readonly [string, object | undefined, Date?]>([
    ["a process that is gone", { pid: NOBODY }],
    ["a first process of a container, whose number another one has", { pid: 1, startTime: "1" }],
    ["a container long silent", { pidNamespace: "another" }, LONG_AGO],
    ["a boot long ago", { bootId: "another" }, LONG_AGO],
    ["somebody killed while he made it", undefined, LONG_AGO],
  ])("is removed when it is of %s", async ([, owner, sign], { folder }) => {
    const path = left(folder, owner, sign);

    sweepPrivateFolders();

    expect(existsSync(path)).toBe(false);
  });

  it.for<readonly [string, object | undefined, Date?]>([
    ["a living process", {}, LONG_AGO],
    ["a process of another container", { pidNamespace: "another", pid: NOBODY }],
    ["a process of a machine that shares the folder", { host: "another", pid: NOBODY }],
    ["somebody who is making it", undefined],
  ])("stays when it is of %s", async ([, owner, sign], { folder }) => {
    const path = left(folder, owner, sign);

    sweepPrivateFolders();

    expect(existsSync(path)).toBe(true);
  });

  it("is in nobody's way: one that cannot be looked at keeps no other from being removed", async ({
    folder,
  }) => {
    const path = left(folder, { pid: NOBODY });
    mkdirSync(join(folder, "syncline-0-aaaAAA", "owner"), { recursive: true });

    sweepPrivateFolders();

    expect(existsSync(path)).toBe(false);
  });

  it("tells whose it is from its first moment to its last", async ({ folder }) => {
    const own = new PrivateFolder();
    sweepPrivateFolders();
    expect(readdirSync(own.path)).toEqual(["owner"]);

    own.remove();

    expect(readdirSync(folder)).toEqual([]);
  });
});

/** Runs a sync with a folder for temporary files of the test's choice. */
async function syncIn(project: Project, temporary: string): Promise<Finished> {
  const running = start("syncline", ["sync"], {
    cwd: project.folder,
    env: { TMPDIR: temporary },
  });
  running.endInput();
  return running.finished;
}

describe("a sync whose private folder", () => {
  it("was removed by somebody makes another one for its next attempt", async ({ folder }) => {
    const project = await Project.create(folder, {
      connection: { retry: { max_attempts: 2, first_delay_seconds: 0.01 } },
    });
    const wrapper = join(folder, "wrapper.sh");
    const fails = `rm -rf "$PWD"; exit 1`;
    writeFileSync(
      wrapper,
      `#!/bin/sh\nif [ "$1$WORKER_JOB_ATTEMPT" = read0 ]; then ${fails}; fi\nexec node ${FIXTURES}/source.mjs "$@"\n`,
    );
    chmodSync(wrapper, 0o700);
    const config = JSON.parse(readFileSync(join(folder, "syncline.yaml"), "utf8"));
    config.sources.s.command = [wrapper];
    await project.write(config);

    const { exitCode, job } = await project.sync();

    expect(job.attempts.map(({ status }) => status)).toEqual(["failed", "succeeded"]);
    expect(exitCode).toBe(0);
  });

  it.for(["nowhere/at/all", "/proc"])(
    "cannot be made says where: %s",
    async (temporary, { folder }) => {
      const project = await Project.create(folder);

      const { exitCode, stdout, stderr } = await syncIn(project, temporary);

      expect(stdout + stderr).toContain("temporary.unwritable: no folder for temporary files");
      expect(stdout + stderr).toContain("TMPDIR");
      expect(exitCode).toBe(2);
      expect(project.leftovers()).toEqual([]);
    },
  );

  it("is in a folder that is named from where it was started works", async ({ folder }) => {
    const project = await Project.create(folder);
    mkdirSync(join(folder, "tmp"));

    const { exitCode } = await syncIn(project, "tmp");

    expect(exitCode).toBe(0);
    expect(project.given("read")[0]!["env"]).toMatchObject({ TMPDIR: join(folder, "tmp") });
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });

  it.runIf(canMount())("has no room says so, and works when there is room", async ({ folder }) => {
    const disk = mountDisk(join(folder, "tmp"), "4k");
    try {
      writeFileSync(join(disk.path, "filler"), Buffer.alloc(4096));
      const project = await Project.create(folder);

      const full = await syncIn(project, disk.path);

      expect(full.stdout + full.stderr).toContain("temporary.unwritable");
      expect(full.stdout + full.stderr).toContain("the disk is full");
      expect(full.exitCode).toBe(1);
      expect(readdirSync(disk.path)).toEqual(["filler"]);
      disk.resize("1m");
      expect((await syncIn(project, disk.path)).exitCode).toBe(0);
    } finally {
      disk.unmount();
    }
  });
});

describe("a sync whose own folder", () => {
  it.runIf(canMount())(
    "has no room leaves no lock and nothing half written, and goes on when there is room",
    async ({ folder }) => {
      const disk = mountDisk(join(folder, ".syncline"), "256k");
      try {
        const project = await Project.create(folder);
        expect((await project.run("sync")).exitCode).toBe(0);
        const before = project.stateText();

        for (const pages of [0, 1, 2, 3]) {
          const filler = join(disk.path, "filler");
          fill(filler, pages);
          const full = await project.run("sync");
          expect(full.exitCode).toBe(1);
          expect(full.stdout + full.stderr).toContain("state.unwritable");
          expect(project.leftovers()).toEqual([]);
          expect(project.stateText()).toBe(before);
          rmSync(filler);
        }

        expect((await project.run("sync")).exitCode).toBe(0);
      } finally {
        disk.unmount();
      }
    },
  );
});

/** Leaves room for so many pages. */
function fill(path: string, pages: number): void {
  const page = Buffer.alloc(4096);
  writeFileSync(path, "");
  for (;;)
    try {
      appendFileSync(path, page);
    } catch {
      return truncateSync(path, Math.max(0, statSync(path).size - pages * page.length));
    }
}
