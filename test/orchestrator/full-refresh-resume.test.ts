import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, type ProjectSettings, type Step } from "./project.ts";

const RETRY = { retry: { max_attempts: 3, first_delay_seconds: 0.01 } };
/** A back-off nobody waits for in a test. */
const SLOW_RETRY = { retry: { max_attempts: 3, first_delay_seconds: 3600 } };
const RESUMABLE = [{ name: "users", namespace: "public", is_resumable: true }];
const APPEND = [{ name: "users", sync_mode: "full_refresh", destination_sync_mode: "append" }];

const create = (folder: string, settings: ProjectSettings) =>
  Project.create(folder, {
    streams: RESUMABLE,
    destinationRemembers: true,
    connection: RETRY,
    ...settings,
  });

const attempt = (onAttempt: number, ...steps: Step[]): Step => ({ onAttempt, steps });
const HALF: Step[] = [
  { status: "STARTED" },
  { records: 3 },
  { state: { at: 3 } },
  { status: "RUNNING" },
];
const REST: Step[] = [{ records: 2 }, { state: { at: 5 } }, { status: "COMPLETE" }];

/** The state that each `read` was given, and the generations that each `write` was. */
function runs(project: Project) {
  return {
    states: project.given("read").map(({ state }) => stateOf(state)),
    generations: project.generations().map((streams) => streams.map(([id]) => id)),
  };
}

function stateOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const parts = JSON.parse(text) as { stream: { stream_state: unknown } }[];
  return parts.map(({ stream }) => stream.stream_state);
}

describe("a full refresh that is interrupted", () => {
  it("goes on in the next attempt of its job, in the same generation", async ({ folder }) => {
    const script = [attempt(0, ...HALF, { kill: "SIGKILL" }), attempt(1, ...REST)];
    const project = await create(folder, { script });

    const { exitCode, stdout } = await project.run("sync");

    expect(exitCode).toBe(0);
    expect(runs(project)).toEqual({ states: [undefined, [{ at: 3 }]], generations: [[1], [1]] });
    expect(stdout).toContain("public.users: resumed after 3 rows");
    expect(stdout).toMatch(/public\.users +complete +5 +5 /);
    expect(project.log(1, 1)).toContain("goes on where the earlier attempt stopped");
  });

  it("starts again in a new job, without state and in a new generation", async ({ folder }) => {
    const project = await create(folder, {
      script: [...HALF, { kill: "SIGKILL" }],
      connection: {},
    });
    await project.sync();
    await project.configure({ streams: RESUMABLE, destinationRemembers: true });

    await project.sync();

    expect(runs(project)).toEqual({ states: [undefined, undefined], generations: [[1], [2]] });
  });

  it("starts again under a destination that does not say what it keeps", async ({ folder }) => {
    const script = [attempt(0, ...HALF, { kill: "SIGKILL" }), attempt(1, ...HALF, ...REST)];
    const project = await create(folder, { script, destinationRemembers: false });

    const { stdout } = await project.run("sync");

    expect(runs(project)).toEqual({ states: [undefined, undefined], generations: [[1], [2]] });
    expect(stdout).toContain("started again; 3 rows of an earlier attempt were replaced");
    expect(stdout).toMatch(/public\.users +complete +5 +5 /);
  });

  it("goes on from what the destination has, when its rows are appended", async ({ folder }) => {
    const script = [attempt(0, ...HALF, { kill: "SIGKILL" }), attempt(1, ...REST)];
    const connection = { ...RETRY, streams: APPEND };
    const project = await create(folder, { script, connection, destinationRemembers: false });

    expect((await project.sync()).exitCode).toBe(0);
    expect(runs(project)).toEqual({ states: [undefined, [{ at: 3 }]], generations: [[1], [1]] });
  });
});

describe("a full refresh whose table has outlived its state", () => {
  const SUPERSEDED: Step[] = [
    {
      error: "the table was rewritten",
      kind: "transient_error",
      internal: 'state.superseded {"rows":3}',
      stream: "users",
    },
    { status: "INCOMPLETE" },
    { exit: 1 },
  ];

  it("starts again at once, without state and in a new generation", async ({ folder }) => {
    const script = [
      attempt(0, ...HALF, { error: "gone", kind: "transient_error" }, { exit: 1 }),
      attempt(1, ...SUPERSEDED),
      attempt(2, ...HALF, ...REST),
    ];
    const retry = { max_attempts: 2, first_delay_seconds: 0.01 };
    const project = await create(folder, { script, connection: { retry } });

    const { exitCode, stdout, stderr } = await project.run("sync");

    expect(exitCode).toBe(0);
    expect(runs(project)).toEqual({
      states: [undefined, [{ at: 3 }], undefined],
      generations: [[1], [1], [2]],
    });
    expect(stderr).toContain("state.superseded: source s: the table was rewritten; trying again");
    expect(stdout).toContain("public.users: started again; 3 rows of an earlier attempt were");
  });

  it("leaves the streams beside it where they are", async ({ folder }) => {
    const streams = ["users", "orders"].map((name) => ({ name, is_resumable: true }));
    const of = (stream: string, steps: Step[]) => steps.map((step) => ({ ...step, stream }));
    const script = [
      attempt(0, ...of("users", HALF), ...of("orders", HALF), { kill: "SIGKILL" }),
      attempt(1, ...of("orders", REST), ...of("users", SUPERSEDED)),
      attempt(2, ...of("users", [...HALF, ...REST])),
    ];
    const project = await create(folder, { streams, script });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(runs(project).generations).toEqual([[1, 1], [1, 1], [2]]);
    expect(job.attempts[1]!.streams).toMatchObject([
      { name: "users", status: "incomplete", began: "resumed" },
      { name: "orders", status: "complete", began: "resumed" },
    ]);
  });

  it("is an ordinary failure when the source was given no state", async ({ folder }) => {
    const project = await create(folder, {
      script: SUPERSEDED,
      connection: { retry: { max_attempts: 1 } },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts).toHaveLength(1);
  });

  it("waits for its turn when something else is wrong first", async ({ folder }) => {
    const script = [{ error: "out of disk" }, ...SUPERSEDED];
    const project = await create(folder, { script, connection: SLOW_RETRY });
    const running = project.start("sync");

    await running.errorLine((line) => line.includes("trying again in"));

    running.kill("SIGINT");
    expect((await running.finished).exitCode).toBe(130);
  });
});

describe("a full refresh beside which something else is wrong", () => {
  const SUPERSEDED_FIRST: Step[] = [
    {
      error: "the table was rewritten",
      kind: "transient_error",
      internal: 'state.superseded {"rows":3}',
      stream: "users",
    },
    { error: "out of disk" },
    { status: "INCOMPLETE" },
    { exit: 1 },
  ];

  it("waits for its turn, whatever was said first", async ({ folder }) => {
    const script = [
      attempt(0, ...HALF, { error: "gone", kind: "transient_error" }, { exit: 1 }),
      attempt(1, ...SUPERSEDED_FIRST),
    ];
    const retry = { max_attempts: 2, first_delay_seconds: 0.01 };
    const project = await create(folder, { script, connection: { retry } });

    await project.sync();

    // The first made progress, the second counts, and so does the third, which prints nothing.
    expect(project.given("read")).toHaveLength(3);
  });
});

describe("a full refresh that was read whole but not finished", () => {
  const WHOLE: Step[] = [...HALF, ...REST];
  const failsFirst = { onlyOnAttempt: 0, exit: 1 };

  it("is finished without reading it again", async ({ folder }) => {
    const project = await create(folder, { script: WHOLE, destination: failsFirst });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(project.given("read")).toHaveLength(1);
    expect(runs(project).generations).toEqual([[1], [1]]);
    expect(project.delivered().at(-1)).toContain('"COMPLETE"');
    expect(job.attempts[1]!.streams).toMatchObject([
      { status: "complete", began: "delivered", emitted: 0 },
    ]);
  });

  it("is left out while the others are read", async ({ folder }) => {
    const streams = ["users", "orders"].map((name) => ({ name, is_resumable: true }));
    const of = (stream: string, steps: Step[]) => steps.map((step) => ({ ...step, stream }));
    const script = [
      attempt(0, ...of("users", WHOLE), ...of("orders", HALF), { kill: "SIGKILL" }),
      attempt(1, ...of("orders", REST)),
    ];
    const project = await create(folder, { streams, script });

    expect((await project.sync()).exitCode).toBe(0);

    const asked = project.given("read").map(({ catalog }) => catalog!.match(/"name":"\w+"/g));
    expect(asked).toEqual([['"name":"users"', '"name":"orders"'], ['"name":"orders"']]);
    expect(runs(project).states).toEqual([undefined, [{ at: 3 }]]);
    expect(project.delivered().filter((line) => line.includes('"COMPLETE"'))).toHaveLength(2);
  });

  it("is not taken from a source that was not asked for it", async ({ folder }) => {
    const streams = ["users", "orders"].map((name) => ({ name, is_resumable: true }));
    const of = (stream: string, steps: Step[]) => steps.map((step) => ({ ...step, stream }));
    const script = [
      attempt(0, ...of("users", WHOLE), ...of("orders", HALF), { kill: "SIGKILL" }),
      attempt(1, ...of("users", REST), ...of("orders", REST)),
      attempt(2, ...of("orders", REST)),
    ];
    const project = await create(folder, { streams, script });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts[1]!.failures![0]).toMatchObject({
      code: "protocol.unknown_stream",
      message: "source s sent a RECORD of stream users, which was not asked for",
    });
  });

  it("does not make the silence of a source an end of the others", async ({ folder }) => {
    const streams = ["users", "orders"].map((name) => ({ name, is_resumable: true }));
    const of = (stream: string, steps: Step[]) => steps.map((step) => ({ ...step, stream }));
    const script = [
      attempt(0, ...of("users", WHOLE), ...of("orders", HALF), { kill: "SIGKILL" }),
      attempt(1, { raw: "usage: source read --config FILE\n" }),
    ];
    const retry = { max_attempts: 2, first_delay_seconds: 0.01 };
    const project = await create(folder, { streams, script, connection: { retry } });

    const { job } = await project.sync();

    expect(job.attempts[1]!.streams).toMatchObject([
      { name: "users", status: "complete" },
      { name: "orders", status: "incomplete" },
    ]);
    expect(project.delivered().filter((line) => line.includes('"COMPLETE"'))).toHaveLength(1);
  });

  it("is read again when the destination has lost it", async ({ folder }) => {
    const script = [...WHOLE, { onAttempt: 0, steps: [{ log: "read", level: "WARN" }] }];
    const project = await create(folder, {
      script,
      destination: failsFirst,
      connection: { retry: { max_attempts: 2, first_delay_seconds: 1 } },
    });
    const running = project.start("sync");
    await running.errorLine((line) => line.includes("trying again in"));
    writeFileSync(join(folder, "memory.json"), "{}");

    expect((await running.finished).exitCode).toBe(0);
    expect(runs(project)).toEqual({ states: [undefined, undefined], generations: [[1], [2]] });
  });

  it("is finished also when the destination died before it could say so", async ({ folder }) => {
    const destination = { onlyOnAttempt: 0, killAfterState: 2 };
    const project = await create(folder, { script: WHOLE, destination });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts[0]!.streams).toMatchObject([{ committed: 3 }]);
    expect(project.given("read")).toHaveLength(1);
    expect(runs(project).generations).toEqual([[1], [1]]);
  });

  it("is read again when nobody can tell which of two equal states was committed", async ({
    folder,
  }) => {
    const same = [{ records: 3 }, { state: {} }, { records: 2 }, { state: {} }];
    const script = [...same, { status: "COMPLETE" }];
    const destination = { onlyOnAttempt: 0, killAfterState: 2 };
    const project = await create(folder, { script, destination });

    expect((await project.sync()).exitCode).toBe(0);
    expect(runs(project)).toEqual({ states: [undefined, undefined], generations: [[1], [2]] });
  });

  it("is read again when the source ended badly without saying why", async ({ folder }) => {
    const script = [attempt(0, ...WHOLE, { exit: 1 }), attempt(1, ...WHOLE)];
    const project = await create(folder, { script });

    expect((await project.sync()).exitCode).toBe(0);
    expect(runs(project).states).toEqual([undefined, undefined]);
    expect(runs(project).generations).toEqual([[1], [2]]);
  });

  it("never makes the next job's refresh an empty one", async ({ folder }) => {
    const project = await create(folder, { script: WHOLE });
    await project.sync();
    rmSync(project.out);

    const { job } = await project.sync();

    expect(runs(project).states).toEqual([undefined, undefined]);
    expect(job.attempts[0]!.streams).toMatchObject([{ emitted: 5, committed: 5 }]);
  });
});

describe("a full refresh whose source dies between its last state and COMPLETE", () => {
  const ALL: Step[] = [{ status: "STARTED" }, { records: 5 }, { state: { finished: true } }];
  const DEDUP = [{ ...APPEND[0], destination_sync_mode: "append_dedup", primary_key: "id" }];

  it.for([
    ["overwrite", undefined],
    ["append", APPEND],
    ["append_dedup", DEDUP],
  ] as const)("is not gone on from there: %s", async ([, streams], { folder }) => {
    const script = [
      attempt(0, ...ALL, { kill: "SIGKILL" }),
      attempt(1, ...ALL, { status: "COMPLETE" }),
    ];
    const connection = { ...RETRY, ...(streams && { streams }) };
    const project = await create(folder, { script, connection });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(runs(project)).toEqual({ states: [undefined, undefined], generations: [[1], [1]] });
    expect(job.attempts.map(({ streams: of }) => of![0]!.committed)).toEqual([0, 5]);
  });
});

describe("a full refresh that adds its rows", () => {
  const both = ["users", "orders"];
  const streams = both.map((name) => ({ name, is_resumable: true }));
  const of = (stream: string, steps: Step[]) => steps.map((step) => ({ ...step, stream }));
  const connection = { ...RETRY, streams: both.map((name) => ({ ...APPEND[0], name })) };
  const asked = (project: Project) =>
    project.given("read").map(({ catalog }) => catalog!.match(/"name":"(\w+)"/g)?.length);

  it.for([
    ["is killed", [{ kill: "SIGKILL" }]],
    ["says no more", [{ exit: 1 }]],
    ["reports an error", [{ error: "lost", kind: "transient_error" }, { exit: 1 }]],
  ] as const)(
    "is never added again once it was read whole and its source %s in another stream",
    async ([, steps], { folder }) => {
      const script = [
        attempt(0, ...of("users", [...HALF, ...REST]), ...of("orders", HALF), ...steps),
        attempt(1, ...of("orders", REST)),
      ];
      const project = await create(folder, { streams, script, connection });

      const { exitCode, job } = await project.sync();

      expect(exitCode).toBe(0);
      expect(asked(project)).toEqual([2, 1]);
      expect(job.attempts[1]!.streams).toMatchObject([
        { name: "users", status: "complete", began: "delivered", emitted: 0 },
        { name: "orders", status: "complete", began: "resumed", emitted: 2 },
      ]);
    },
  );

  it("is finished although the others go on failing", async ({ folder }) => {
    const script = [
      attempt(0, ...of("users", [...HALF, ...REST]), ...of("orders", HALF), { exit: 1 }),
      attempt(1, { exit: 1 }),
    ];
    const retry = { max_attempts: 1 };
    const project = await create(folder, { streams, script, connection: { ...connection, retry } });
    await project.sync();

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "users", status: "complete" },
      { name: "orders", status: "incomplete" },
    ]);
  });

  it("has its rows behind the last state under a state of ours, and is never added again", async ({
    folder,
  }) => {
    const script = of("users", [...HALF, { records: 2 }, { status: "COMPLETE" }]);
    const project = await create(folder, {
      script,
      connection: { ...RETRY, streams: APPEND },
      destination: { onlyOnAttempt: 0, exit: 1 },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts.map(({ streams: one }) => one![0]!.committed)).toEqual([5, 0]);
    expect(project.given("read")).toHaveLength(1);
  });

  it("is finished by the next job, in its generation, and begun anew by the one after", async ({
    folder,
  }) => {
    const once = { retry: { max_attempts: 1 }, streams: APPEND };
    const settings = { connection: once };
    const project = await create(folder, { ...settings, script: [...HALF, { kill: "SIGKILL" }] });
    await project.sync();
    await project.configure({
      streams: RESUMABLE,
      destinationRemembers: true,
      ...settings,
      script: REST,
    });

    const { stdout } = await project.run("sync");
    await project.sync();

    expect(stdout).toContain("goes on behind the rows that an earlier job brought");
    expect(runs(project)).toEqual({
      states: [undefined, [{ at: 3 }], undefined],
      generations: [[1], [1], [2]],
    });
  });

  it.for([
    ["knows it from the destination", { killAfterState: 2 }],
    ["knows it from its own file", { killAtEnd: true }],
  ] as const)(
    "is only finished by the next job when it was whole: it %s",
    async ([, destination], { folder }) => {
      const once = { retry: { max_attempts: 1 }, streams: APPEND };
      const settings = { script: [...HALF, ...REST], connection: once };
      const project = await create(folder, { ...settings, destination });
      const { exitCode: first } = await project.sync();
      await project.configure({ streams: RESUMABLE, destinationRemembers: true, ...settings });

      const { exitCode, job } = await project.sync();

      expect([first, exitCode]).toEqual([1, 0]);
      expect(project.given("read")).toHaveLength(1);
      expect(job.attempts[0]!.streams).toMatchObject([
        { status: "complete", began: "delivered", emitted: 0 },
      ]);
    },
  );

  it("is whole also when its last state erases", async ({ folder }) => {
    const project = await create(folder, {
      script: [{ records: 2 }, { state: null }, { status: "COMPLETE" }],
      connection: { ...RETRY, streams: APPEND },
      destination: { onlyOnAttempt: 0, killAfterState: 1 },
    });

    expect((await project.sync()).exitCode).toBe(0);
    expect(project.given("read")).toHaveLength(1);
  });

  it.for([
    ["refresh", "--keep"],
    ["state", "clear"],
  ] as const)("is begun anew after `%s %s`", async (command, { folder }) => {
    const once = { retry: { max_attempts: 1 }, streams: APPEND };
    const settings = { streams: RESUMABLE, destinationRemembers: true, connection: once };
    const project = await create(folder, { ...settings, script: [...HALF, { kill: "SIGKILL" }] });
    await project.sync();
    await project.configure({ ...settings, script: [...HALF, ...REST] });
    const [verb, option] = command;
    await project.run(
      ...(verb === "state" ? ["state", "clear", "c", "--yes"] : ["refresh", "c", option]),
    );

    if (verb === "state") await project.sync();

    expect(project.given("read").map(({ state }) => state)).toEqual([undefined, undefined]);
  });
});
