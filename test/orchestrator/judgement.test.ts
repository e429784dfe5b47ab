import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, WHOLE, type Step } from "./project.ts";

const STREAMS = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];

/** Two STATEs, and what is left of the second one in the end. */
const TWO_STATES: readonly Step[] = [
  { records: 2 },
  { state: { at: 2 } },
  { records: 1 },
  { state: { at: 3 } },
  { status: "COMPLETE" },
];

describe("the position that is kept", () => {
  it.for<readonly [string, object]>([
    ["swallows states", { swallowStates: true }],
    ["changes a state", { wrongBlob: true }],
    ["gives back a state that it was not sent", { wrongId: true }],
    ["counts otherwise", { wrongCount: true }],
    ["dies before the first state", { kill: 2 }],
  ])(
    "is none while nothing was acknowledged: the destination %s",
    async ([, destination], { folder }) => {
      const connection = { streams: STREAMS };
      const project = await Project.create(folder, { destination, script: TWO_STATES, connection });

      expect((await project.sync()).exitCode).toBe(1);

      expect(project.stateText()).not.toContain('"at"');
    },
  );

  it("is the last one acknowledged, when the destination dies over the next", async ({
    folder,
  }) => {
    const project = await Project.create(folder, {
      destination: { kill: 4 }, // the line before the second state
      script: [...TWO_STATES.slice(0, 2), { pause: 300 }, ...TWO_STATES.slice(2)],
      connection: { streams: STREAMS },
    });

    const { job } = await project.sync();

    expect(project.stateText()).toContain('"state":{"at":2}');
    expect(job.attempts[0]!.streams).toMatchObject([{ status: "incomplete", committed: 2 }]);
  });
});

describe("a stream is not complete", () => {
  it.for([
    ["its source said INCOMPLETE first", [{ status: "INCOMPLETE" }, { status: "COMPLETE" }]],
    ["its source said INCOMPLETE last", [{ status: "COMPLETE" }, { status: "INCOMPLETE" }]],
    ["a record follows its COMPLETE", [{ status: "COMPLETE" }, { records: 1 }]],
  ] as const)("when %s", async ([, end], { folder }) => {
    const script = [{ records: 1 }, ...end];
    const project = await Project.create(folder, { script });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts[0]!.streams).toMatchObject([{ status: "incomplete" }]);
    expect(project.delivered().join()).not.toContain('"COMPLETE"');
  });

  it.for<readonly [string, object]>([
    ["exits with a status", { exit: 7 }],
    ["reports an error and exits with one", { error: "disk full", exit: 1 }],
    ["reports an error and exits with 0", { error: "disk full" }],
  ])("when the destination acknowledged all of it and %s", async ([, destination], { folder }) => {
    const project = await Project.create(folder, { destination });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts[0]!.streams).toMatchObject([{ status: "incomplete" }]);
  });

  it("when another one failed and the destination complains of more than that", async ({
    folder,
  }) => {
    const project = await Project.create(folder, {
      streams: [{ name: "a" }, { name: "b" }],
      script: [
        { records: 1, stream: "a" },
        { state: { at: 1 }, stream: "a" },
        { status: "COMPLETE", stream: "a" },
        { status: "INCOMPLETE", stream: "b" },
      ],
      destinationRemembers: true,
      destination: { error: "out of disk", exit: 1 },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "incomplete", committed: 1 },
      { name: "b", status: "incomplete" },
    ]);
  });

  it("when only another one was acknowledged", async ({ folder }) => {
    const streams = [{ name: "a" }, { name: "b" }];
    const script = streams.flatMap(({ name: stream }) => [
      { records: 2, stream },
      { state: { at: 2 }, stream },
      { status: "COMPLETE", stream },
    ]);
    const project = await Project.create(folder, {
      streams,
      script,
      destination: { lastStateOnly: true }, // that is b's
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "incomplete", committed: 0 },
      { name: "b", status: "complete", committed: 2 },
    ]);
    expect(job.attempts[0]!.failures).toMatchObject([
      { code: "sync.counts_disagree", message: expect.stringContaining("2 records of stream a") },
    ]);
  });
});

describe("records that a destination says it rejected", () => {
  it("are not missing", async ({ folder }) => {
    const project = await Project.create(folder, { destination: { rejects: 1 } });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts[0]!.streams).toMatchObject([{ emitted: 3, committed: 3 }]);
  });
});

describe("a source without stream statuses", () => {
  it("that failed is not said to have ended with status 0", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [{ records: 1 }, { state: {} }, { exit: 1 }],
    });

    const { job } = await project.sync();

    expect(job.attempts[0]!.notes ?? []).toEqual([]);
  });
});

describe("a source whose destination died", () => {
  it("is stopped although it has nothing to say", async ({ folder }) => {
    const script = [...WHOLE.slice(0, 2), { wait: true }];
    const project = await Project.create(folder, { script, destination: { kill: 2 } });

    const { job } = await project.sync();

    expect(job.attempts[0]!.failures![0]!.message).toBe("destination d was killed by SIGKILL");
  });
});
