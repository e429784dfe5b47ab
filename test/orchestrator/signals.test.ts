/** @guarantee ends-in-time */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import { Project, type ProjectSettings, type Step } from "./project.ts";

const INCREMENTAL = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
const READY: Step = { log: "ready", level: "WARN" };
const WAITS: Step[] = [{ records: 3 }, { state: { at: 3 } }, READY, { wait: true }];
/** Waits, and sends one more row and state when it is asked to end. */
const ENDS_WELL: Step[] = [
  { onTerm: [{ records: 1 }, { state: { at: 4 }, count: 1 }, { exit: 0 }] },
  ...WAITS,
];

async function running(folder: string, settings: ProjectSettings) {
  const { connection, ...rest } = settings;
  const project = await Project.create(folder, {
    connection: { streams: INCREMENTAL, ...connection },
    ...rest,
  });
  const sync = project.start("sync");
  await sync.errorLine((line) => line.includes("ready"));
  return { project, sync, connectors: descendants(sync.pid, "fixtures/orchestrator/") };
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
async function areGone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
}

describe("a sync that is asked to end", () => {
  it.for([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
    ["SIGTERM", 143],
  ] as const)(
    "by %s stops the source, commits what was read, saves the state and exits with %i",
    async ([signal, status], { folder }) => {
      const { project, sync, connectors } = await running(folder, { script: ENDS_WELL });

      sync.kill(signal);
      const { exitCode } = await sync.finished;

      expect(exitCode).toBe(status);
      expect(project.stateText()).toContain('{"at":4}');
      expect(project.delivered().some((line) => line.includes("COMPLETE"))).toBe(false);
      expect((await project.run("status")).stdout).toContain("cancelled");
      expect(project.leftovers()).toEqual([]);
      expect(connectors).toHaveLength(2);
      await areGone(connectors);
    },
  );

  it("kills a source that does not listen, after its time", async ({ folder }) => {
    const { project, sync, connectors } = await running(folder, {
      script: [{ deafTo: "SIGTERM" }, ...WAITS],
      connection: { limits: { stop_seconds: 0.5 } },
    });

    sync.kill("SIGINT");

    expect((await sync.finished).exitCode).toBe(130);
    expect(project.stateText()).toContain('{"at":3}');
    await areGone(connectors);
  });

  it("ends a destination that does not, after twice its time", async ({ folder }) => {
    const { project, sync, connectors } = await running(folder, {
      script: [{ records: 3 }, { state: { at: 3 } }, READY, { wait: true }],
      destination: { hang: true, deaf: true },
      connection: { limits: { stop_seconds: 0.5 } },
    });

    sync.kill("SIGTERM");

    expect((await sync.finished).exitCode).toBe(143);
    expect(project.leftovers()).toEqual([]);
    await areGone(connectors);
  });

  it("twice kills both at once", async ({ folder }) => {
    const { project, sync, connectors } = await running(folder, {
      script: [{ deafTo: "SIGTERM" }, READY, { wait: true }],
      destination: { hang: true, deaf: true },
      connection: { limits: { stop_seconds: 3600 } },
    });

    sync.kill("SIGINT");
    await sync.errorLine((line) => line.includes("once more to stop at once"));
    sync.kill("SIGINT");

    expect((await sync.finished).exitCode).toBe(130);
    expect(project.leftovers()).toEqual([]);
    expect(connectors).toHaveLength(2);
    await areGone(connectors);
  });

  it("while it waits for the next attempt ends at once", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [{ exit: 1 }],
      connection: { retry: { max_attempts: 3, first_delay_seconds: 3600 } },
    });
    const sync = project.start("sync");
    await sync.errorLine((line) => line.includes("trying again"));

    sync.kill("SIGTERM");

    expect((await sync.finished).exitCode).toBe(143);
    expect((await project.run("status")).stdout).toContain("cancelled");
  });

  it("does not begin the connections that are left", async ({ folder }) => {
    const project = await Project.create(folder, { script: WAITS });
    const file = join(folder, "syncline.yaml");
    const config = JSON.parse(readFileSync(file, "utf8")) as { connections: { c: object } };
    const second = { ...config.connections.c, prefix: "second_" };
    await project.write({ ...config, connections: { ...config.connections, second } });
    const sync = project.start("sync");
    await sync.errorLine((line) => line.includes("ready"));

    sync.kill("SIGINT");

    await sync.finished;
    expect((await project.run("jobs", "--json")).stdout.trim().split("\n")).toHaveLength(1);
  });
});

describe("a sync that is killed", () => {
  it("leaves no connector behind, however little these listen", async ({ folder }) => {
    const { sync, connectors } = await running(folder, {
      script: [{ deafTo: "SIGTERM" }, READY, { wait: true }],
      destination: { hang: true, deaf: true },
      connection: { limits: { stop_seconds: 0.5 } },
    });

    sync.kill("SIGKILL");

    await sync.finished;
    expect(connectors).toHaveLength(2);
    await areGone(connectors);
  });

  it("lets the destination end by itself", async ({ folder }) => {
    const { project, sync, connectors } = await running(folder, {
      script: WAITS,
      destination: { atEnd: "the end of its input" },
    });

    sync.kill("SIGKILL");

    await sync.finished;
    await areGone(connectors);
    expect(project.delivered().at(-1)).toBe("the end of its input");
  });
});
