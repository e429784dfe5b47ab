import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect } from "vitest";
import { readState, writeState } from "../../orchestrator/store/state-file.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable, start } from "../support/run.ts";
import { Project, type Step } from "./project.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/orchestrator");
const INJECTOR = `--import=${pathToFileURL(join(FIXTURES, "fail-at-step.mjs")).href}`;

/** More than it takes; a run in which nothing happens ends a test. */
const MOST_STEPS = 60;

const injected = (step: number, act: string, isEver = false) => ({
  NODE_OPTIONS: INJECTOR,
  SYNCLINE_TEST_STEP: String(step),
  SYNCLINE_TEST_ACT: act,
  ...(isEver && { SYNCLINE_TEST_EVER: "yes" }),
});

/** The blob in a state file. Throws when the file cannot be read. */
function blobIn(path: string): string | undefined {
  const [entry] = readState(path, "c").streams.values();
  return entry?.blob?.toString();
}

function saveHere(path: string, blob: string): void {
  const entry = { stream: { name: "s" }, generation: 1, blob: Buffer.from(blob) };
  writeState(path, "c", { streams: new Map([["s", entry]]), generation_base: 1 });
}

const OLD = `{"at":"old"}`;
const NEW = `{"at":"new ${"x".repeat(5000)}"}`;

/** @guarantee kept-whole */
describe("a state file", () => {
  it.for(["SIGKILL", "ENOSPC", "EIO"])(
    "is the old one or the new one, whole, whichever step of writing it meets %s",
    { timeout: 120_000 },
    async (act, { folder }) => {
      const save = join(FIXTURES, "save-state.mjs");
      let sawOld = 0;
      let sawNew = 0;
      for (let step = 1; step < MOST_STEPS; step++) {
        await mkdir(join(folder, String(step), "state"), { recursive: true });
        const path = join(folder, String(step), "state", "c.json");
        saveHere(path, `{"at":"older"}`);
        saveHere(path, OLD);

        const { exitCode, signal, stdout } = await runExecutable(save, [path, NEW], {
          env: injected(step, act),
        });

        const blob = blobIn(path);
        expect([OLD, NEW]).toContain(blob);
        if (exitCode === 0) break;
        if (blob === OLD) sawOld++;
        else sawNew++;
        if (act === "SIGKILL") expect(signal).toBe("SIGKILL");
        else {
          expect(stdout).toMatch(
            new RegExp(
              `^state.unwritable: the state of connection c cannot be saved in .*: .*${act}`,
            ),
          );
          expect(readdirSync(join(path, "..")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
        }
        saveHere(path, NEW);
        expect(blobIn(path)).toBe(NEW);
      }
      // The copy of the one before and the new one: made, written, renamed; two fsyncs.
      expect(sawOld).toBeGreaterThanOrEqual(10);
      expect(sawNew).toBe(1); // the folder's fsync comes behind the rename
    },
  );
});

describe("a sync that cannot save its state", () => {
  const STREAMS = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
  const script = (at: number): Step[] => [
    { records: 3 },
    { state: { at } },
    { pause: 1500 }, // so long that the state is saved before the end
    { status: "COMPLETE" },
  ];
  const create = async (folder: string) => {
    const project = await Project.create(folder, {
      script: script(1),
      connection: { streams: STREAMS },
    });
    await project.sync();
    await project.configure({ script: script(2), connection: { streams: STREAMS } });
    return project;
  };
  const sync = (project: Project, env: Record<string, string>) =>
    runExecutable("syncline", ["sync"], { cwd: project.folder, env });

  it("before it begins reads nothing", async ({ folder }) => {
    const project = await create(folder);

    const { exitCode, stderr } = await sync(project, injected(1, "ENOSPC", true));

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /state.unwritable: the state of connection c cannot be saved in .*: the disk is full \(ENOSPC\)/,
    );
    expect(project.given("read")).toHaveLength(1);
    expect(project.stateText()).toContain('{"at":1}');
  });

  it("afterwards fails, names the cause, and the next one goes on from the old state", async ({
    folder,
  }) => {
    const project = await create(folder);
    rmSync(project.out);
    const onceItReads = { SYNCLINE_TEST_WHEN: project.out };

    const { exitCode, stderr } = await sync(project, {
      ...injected(1, "EIO", true),
      ...onceItReads,
    });

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /state.unwritable: the state of connection c cannot be saved in .*: .*EIO/,
    );
    expect(project.stateText()).toContain('{"at":1}');
    await sync(project, {});
    expect(project.given("read").at(-1)!["state"]).toContain('{"at":1}');
    expect(project.stateText()).toContain('{"at":2}');
  });

  it("until its next attempt is done then, without reading anything again", async ({ folder }) => {
    const project = await create(folder);
    await project.configure({
      script: script(2),
      connection: { streams: STREAMS, retry: { max_attempts: 2, first_delay_seconds: 1 } },
    });
    rmSync(project.out);
    const running = start("syncline", ["sync"], {
      cwd: folder,
      env: { ...injected(1, "ENOSPC", true), SYNCLINE_TEST_WHEN: project.out },
    });
    await running.errorLine((line) => line.includes("trying again in"));
    rmSync(project.out);

    expect((await running.finished).exitCode).toBe(0);
    expect(project.given("read")).toHaveLength(2);
    expect(project.given("write")).toHaveLength(2); // a destination may refuse a catalog of nothing
    expect(project.stateText()).toContain('{"at":2}');
  });

  it("once, and can a moment later, warns and loses nothing", async ({ folder }) => {
    const project = await create(folder);
    rmSync(project.out);
    const onceItReads = { SYNCLINE_TEST_WHEN: project.out };

    const { exitCode, stderr } = await sync(project, { ...injected(1, "ENOSPC"), ...onceItReads });

    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/cannot be saved in .*: the disk is full \(ENOSPC\); trying again/);
    expect(project.stateText()).toContain('{"at":2}');
  });

  it("in a folder that is no folder of ours is refused", async ({ folder }) => {
    const project = await create(folder);
    writeFileSync(join(folder, "elsewhere"), "");

    const { exitCode, stderr } = await project.run("sync", "--home", join(folder, "elsewhere"));

    expect(exitCode).toBe(1);
    expect(stderr).toContain("state.unwritable:");
    expect(stderr).toContain("--home names another folder");
  });
});
