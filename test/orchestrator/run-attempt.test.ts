import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { ConnectorProcess, Exit } from "../../orchestrator/connector/process.ts";
import { AttemptLog } from "../../orchestrator/store/attempt-log.ts";
import { emptyState } from "../../orchestrator/store/state-file.ts";
import { runAttempt, type AttemptSetup } from "../../orchestrator/sync/attempt.ts";
import { PLAIN_TERMS } from "../../orchestrator/sync/terms.ts";
import { StateKeeper } from "../../orchestrator/sync/positions/state-keeper.ts";
import { it } from "../support/fixtures.ts";

const STREAM = {
  source: { name: "s" },
  destination: { name: "s" },
  configured: {
    stream: { name: "s", json_schema: {}, supported_sync_modes: ["full_refresh" as const] },
    sync_mode: "full_refresh" as const,
    destination_sync_mode: "append" as const,
  },
};

/** A process that takes its time to die: it is gone when the test says so. */
function slowToDie() {
  const signals: string[] = [];
  let isGone: (exit: Exit) => void = () => {};
  const process: ConnectorProcess = {
    stdin: new PassThrough().resume(),
    stdout: new PassThrough(),
    pid: 1,
    exit: new Promise((resolve) => (isGone = resolve)),
    stop: () => void signals.push("stop"),
    kill: () => void signals.push("kill"),
  };
  return {
    process,
    signals,
    die() {
      (process.stdout as PassThrough).end();
      isGone({ kind: "signaled", signal: "SIGKILL", weAsked: true });
    },
  };
}

function setup(folder: string, read: () => ConnectorProcess, write: () => ConnectorProcess) {
  const controller = new AbortController();
  return {
    source: { role: "source", label: "source s", prepare: async () => {}, read },
    destination: {
      role: "destination",
      label: "destination d",
      prepare: async () => {},
      write,
      updateConfig: async () => {},
    },
    destinationRemembers: false,
    terms: PLAIN_TERMS,
    streams: [STREAM],
    leftOut: [],
    beginnings: new Map(),
    mayHaveRows: new Set(),
    keeper: new StateKeeper(join(folder, "c.json"), "c", emptyState(), () => {}),
    state: undefined,
    stateType: undefined,
    limits: {
      startSeconds: 60,
      sourceSilenceSeconds: 60,
      destinationSilenceSeconds: 60,
      stopSeconds: 1,
    },
    log: new AttemptLog(),
    stop: { gracefully: controller.signal, now: controller.signal },
    onProgress: () => {},
  } satisfies AttemptSetup;
}

/** Whether a promise is still open after everything that can happen by itself has happened. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  const settle = () => (isSettled = true);
  promise.then(settle, settle);
  for (let round = 0; round < 20; round++) await turn();
  return !isSettled;
}

describe("an attempt is over only when both processes are gone", () => {
  it("also when the second of them cannot be started", async ({ folder }) => {
    const destination = slowToDie();
    const running = runAttempt(
      setup(
        folder,
        () => {
          throw new Error("no room");
        },
        () => destination.process,
      ),
    );

    expect(await isOpen(running)).toBe(true);
    expect(destination.signals).toEqual(["kill"]);
    destination.die();

    const { failures, streams } = await running;
    expect(failures).toMatchObject([
      { origin: "syncline", failure: { code: "internal.bug", message: "no room" } },
    ]);
    expect(streams).toMatchObject([{ verdict: { isComplete: false } }]);
  });

  it("also when something of ours throws in between", async ({ folder }) => {
    const [source, destination] = [slowToDie(), slowToDie()];
    const running = runAttempt({
      ...setup(
        folder,
        () => source.process,
        () => destination.process,
      ),
      onProgress: () => {
        throw new TypeError("a bug");
      },
    });
    (source.process.stdout as PassThrough).write("noise\n");

    expect(await isOpen(running)).toBe(true);
    expect([source.signals, destination.signals]).toEqual([["kill"], ["kill"]]);
    destination.die();
    expect(await isOpen(running)).toBe(true);
    source.die();

    const { failures } = await running;
    expect(failures).toMatchObject([
      { origin: "syncline", failure: { code: "internal.bug", message: "a bug" } },
      { origin: "source", failure: { code: "stream.incomplete" }, isConsequence: true },
    ]);
  });
});
