import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect } from "vitest";
import { lockConnection } from "../../orchestrator/store/lock.ts";
import { thisProcess } from "../../orchestrator/store/process-identity.ts";
import { emptyState } from "../../orchestrator/store/state-file.ts";
import { StateKeeper } from "../../orchestrator/sync/positions/state-keeper.ts";
import { it } from "../support/fixtures.ts";
import { commandOf, runExecutable, start } from "../support/run.ts";
import { Project } from "./project.ts";

/** Half a minute of silence takes a third of a second. */
const QUICK = { beatMs: 50 };

/** The lock file of somebody who is like us but for `holder`. */
function heldBy(folder: string, holder: object): string {
  const path = join(folder, `c.${"0".repeat(16)}.lock`);
  const since = "2020-01-01T00:00:00.000Z";
  writeFileSync(path, JSON.stringify({ ...thisProcess(), since, ...holder }));
  return path;
}

/** Options with which `unshare` runs a program, and all that it starts, with pids of their own. */
const OWN_PIDS = ["--pid", "--fork", "--kill-child", "--mount-proc"];

/** More than Linux gives out. */
const NOBODY = 4_194_304;

/** Holders of whom nobody here can tell whether they live. */
const OUT_OF_SIGHT: readonly (readonly [string, object])[] = [
  ["on another machine", { host: "another", bootId: "another" }],
  ["on another machine of the same name", { bootId: "another", pid: NOBODY }],
  ["in another container of the same host name", { pidNamespace: "another", pid: NOBODY }],
  ["in another container, with our number", { pidNamespace: "another", startTime: "1" }],
];

/** @guarantee tables-owned */
describe("the lock", () => {
  it("goes to exactly one of many that want it at once", async ({ folder }) => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => lockConnection(folder, "c")),
    );

    expect(results.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(1);
  });

  it.for<readonly [string, object]>([
    // Where the system tells no start times, the number is all there is.
    ["a process that is gone", { pid: NOBODY, startTime: undefined }],
    ["a process whose number another one has now", { startTime: "1" }],
  ])("of %s is taken over, and its file goes", async ([, holder], { folder }) => {
    const path = heldBy(folder, holder);

    const lock = await lockConnection(folder, "c");

    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder)).toHaveLength(1);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(existsSync("/proc/self/stat"))(
    "of a process that was killed is taken over, although whoever started it has not looked yet",
    async ({ folder }) => {
      // A parent that asks for no child of its.
      const parent = spawn("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"]);
      const [output] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(output.toString());
      const stat = () => readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
      heldBy(folder, { pid, startTime: stat()[19] });
      await expect(lockConnection(folder, "c")).rejects.toMatchObject({ code: "sync.locked" });

      process.kill(pid, "SIGKILL");
      await expect.poll(() => stat()[0]).toBe("Z");

      const lock = await lockConnection(folder, "c");
      lock.release();
      parent.kill();
    },
  );

  it("of a living process stays", async ({ folder }) => {
    const path = heldBy(folder, {});

    await expect(lockConnection(folder, "c")).rejects.toMatchObject({ code: "sync.locked" });

    expect(readdirSync(folder)).toEqual([basename(path)]);
  });

  it.for(OUT_OF_SIGHT)(
    "of a process %s stays as long as it shows signs of life",
    async ([, holder], { folder }) => {
      const path = heldBy(folder, holder);
      const life = setInterval(() => utimesSync(path, new Date(), new Date()), QUICK.beatMs);
      const said: string[] = [];
      const onWait = (text: string) => said.push(text);

      await expect(lockConnection(folder, "c", { ...QUICK, onWait })).rejects.toMatchObject({
        code: "sync.locked",
      });

      clearInterval(life);
      expect(said).toEqual([expect.stringMatching(/whether process \d+ on .*, .* still lives/)]);
      expect(readdirSync(folder)).toEqual([basename(path)]);
    },
  );

  it.for(OUT_OF_SIGHT)(
    "of a process %s is taken over when it shows none",
    async ([, holder], { folder }) => {
      const path = heldBy(folder, holder);

      const lock = await lockConnection(folder, "c", QUICK);

      expect(existsSync(path)).toBe(false);
      lock.release();
    },
  );

  it("is not waited for behind a stop", async ({ folder }) => {
    const path = heldBy(folder, { host: "another" });
    const stop = new AbortController();
    const locking = lockConnection(folder, "c", {
      signal: stop.signal,
      onWait: () => stop.abort(new Error("stop")),
    });

    await expect(locking).rejects.toThrow();

    expect(readdirSync(folder)).toEqual([basename(path)]);
  });

  it("shows signs of life, and who was taken for gone learns it and writes no state", async ({
    folder,
  }) => {
    const lock = await lockConnection(folder, "c", QUICK);
    const [name] = readdirSync(folder);
    const path = join(folder, name!);
    utimesSync(path, 1, 1);
    await expect.poll(() => statSync(path).mtimeMs).toBeGreaterThan(1000);
    expect(lock.lost.aborted).toBe(false);

    rmSync(path);

    await expect.poll(() => lock.lost.aborted).toBe(true);
    expect(lock.lost.reason).toMatchObject({ code: "sync.locked" });
    const file = join(folder, "c.json");
    const keeper = new StateKeeper(file, "c", emptyState(), () => {}, lock.lost);
    keeper.changed();
    expect(() => keeper.flush()).toThrow("taken over by another process");
    expect(existsSync(file)).toBe(false);
  });

  it.for(["", "{", "null", "[]"])(
    "is nobody's when its file holds %j",
    async (text, { folder }) => {
      writeFileSync(join(folder, `c.${"0".repeat(16)}.lock`), text);

      const lock = await lockConnection(folder, "c", QUICK);

      expect(readdirSync(folder)).toHaveLength(text === "[]" ? 1 : 2);
      lock.release();
    },
  );

  it("of another connection is in nobody's way", async ({ folder }) => {
    heldBy(folder, {});

    const lock = await lockConnection(folder, "d");

    lock.release();
  });

  it("is free again when its holder has let it go", async ({ folder }) => {
    (await lockConnection(folder, "c")).release();

    (await lockConnection(folder, "c")).release();
  });

  it.runIf(canUnshare())(
    "of a sync in another container of the same name is seen, and its private folder stays",
    { timeout: 60_000 },
    async ({ folder }) => {
      const script = [{ log: "ready", level: "WARN" }, { wait: true }];
      await Project.create(folder, { script });
      const env = { TMPDIR: join(folder, "tmp") };
      mkdirSync(env.TMPDIR);
      const inner = start("unshare", [...OWN_PIDS, ...commandOf("syncline"), "sync"], {
        cwd: folder,
        env,
      });
      await inner.errorLine((line) => line.includes("ready"));
      const given = readdirSync(env.TMPDIR);
      expect(given).toHaveLength(1);

      const outer = await runExecutable("syncline", ["sync"], { cwd: folder, env });

      expect(outer.stderr).toContain("sync.locked");
      expect(outer.exitCode).toBe(4);
      expect(readdirSync(env.TMPDIR)).toEqual(given);
      inner.kill("SIGKILL");
      await inner.finished;
    },
  );
});

function canUnshare(): boolean {
  return spawnSync("unshare", [...OWN_PIDS, "true"]).status === 0;
}
