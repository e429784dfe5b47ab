/** @guarantee streams-fail-alone */
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, type ProjectSettings, type Step } from "./project.ts";

const NAMES = ["a", "b", "c"];
const wholeOf = (stream: string): Step[] => [
  { records: 1, stream },
  { state: { of: stream }, stream },
  { status: "COMPLETE", stream },
];
const SCRIPT = NAMES.flatMap(wholeOf);
const INCREMENTAL = NAMES.map((name) => ({
  name,
  sync_mode: "incremental",
  cursor_field: "updated_at",
}));

const create = (folder: string, settings: ProjectSettings) =>
  Project.create(folder, { streams: NAMES.map((name) => ({ name })), script: SCRIPT, ...settings });

const asked = (project: Project, command: string) =>
  project.given(command).map(({ catalog }) => {
    const { streams } = JSON.parse(catalog!) as { streams: unknown[] };
    return streams.length;
  });

it("ends a job whose streams are refused one after the other, and nothing is synced", async ({
  folder,
}) => {
  const streams = Array.from({ length: 25 }, (_, n) => ({ name: `s${n}` }));
  const project = await Project.create(folder, {
    streams,
    script: [],
    destination: { refuses: "*" },
    connection: { retry: { max_attempts: 1, first_delay_seconds: 3600 } },
  });

  const { exitCode, job } = await project.sync();

  expect(exitCode).toBe(2);
  expect(job.attempts).toHaveLength(20);
}, 120_000);

describe("a stream that one side refuses by name", () => {
  it("is left out at once, the others are synced, and its failure stays in the report", async ({
    folder,
  }) => {
    const project = await create(folder, {
      script: [{ onAttempt: 1, steps: [...wholeOf("a"), ...wholeOf("c")] }],
      destination: { refuses: "b" },
      connection: { retry: { max_attempts: 1, first_delay_seconds: 3600 } },
    });

    const { exitCode, job, stderr } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts).toHaveLength(2);
    expect(job.attempts[1]!.streams).toMatchObject([
      { name: "a", status: "complete" },
      { name: "c", status: "complete" },
      { name: "b", status: "incomplete", emitted: 0 },
    ]);
    expect(job.attempts[1]!.failures).toMatchObject([
      {
        origin: "destination",
        stream: "b",
        message: "destination d: the table of b is somebody's",
      },
    ]);
    expect(stderr).toContain("the table of b is somebody's");
  });

  it("is left out of the next attempt when another stream failed meanwhile, and that one is synced", async ({
    folder,
  }) => {
    const interrupted: Step[] = [
      { error: "the connection was lost", kind: "transient_error", stream: "a" },
      { status: "INCOMPLETE", stream: "a" },
      ...wholeOf("b"),
      ...wholeOf("c"),
      { exit: 1 },
    ];
    const project = await create(folder, {
      script: [
        { onAttempt: 0, steps: interrupted },
        { onAttempt: 1, steps: [...wholeOf("a"), ...wholeOf("c")] },
      ],
      destination: { refuses: "b" },
      connection: { retry: { max_attempts: 2, first_delay_seconds: 0 } },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts).toHaveLength(2);
    expect(job.attempts[1]!.streams).toMatchObject([
      { name: "a", status: "complete" },
      { name: "c", status: "complete" },
      { name: "b", status: "incomplete", emitted: 0 },
    ]);
  });

  it("is tried again by the next sync", async ({ folder }) => {
    const project = await create(folder, {
      script: [{ onAttempt: 1, steps: [...wholeOf("a"), ...wholeOf("c")] }],
      destination: { refuses: "b" },
    });
    await project.sync();
    await project.configure({ streams: NAMES.map((name) => ({ name })), script: SCRIPT });

    expect((await project.sync()).exitCode).toBe(0);
  });

  it("may be refused when the destination is asked for its checkpoints, also in plan", async ({
    folder,
  }) => {
    const project = await create(folder, {
      script: [...wholeOf("a"), ...wholeOf("c")],
      destination: { refusesState: "b" },
      destinationRemembers: true,
      connection: { streams: INCREMENTAL },
    });

    const plan = await project.run("plan");
    const { exitCode, job } = await project.sync();

    expect(plan.exitCode).toBe(3);
    expect(plan.stdout).toContain(
      "not synced: b: connector.reported: destination d: the table of b",
    );
    expect(exitCode).toBe(3);
    expect(job.attempts).toHaveLength(1);
    expect(asked(project, "write")).toEqual([2]);
  });

  it("may be refused by a source that reads nothing at all because of it", async ({ folder }) => {
    const refusal = [
      { error: "b has a NULL in its cursor", kind: "config_error", stream: "b" },
      { exit: 1 },
    ];
    const project = await create(folder, {
      script: [
        { onAttempt: 0, steps: refusal },
        { onAttempt: 1, steps: [...wholeOf("a"), ...wholeOf("c")] },
      ],
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts).toHaveLength(2);
    expect(asked(project, "read")).toEqual([3, 2]);
  });

  it("ends the job where it is the only one", async ({ folder }) => {
    const project = await create(folder, {
      script: wholeOf("b"),
      destination: { refuses: "b" },
      connection: { streams: ["b"] },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(2);
    expect(job.attempts).toHaveLength(1);
  });

  it("is not left out for what may pass with time", async ({ folder }) => {
    const busy = [{ error: "busy", kind: "transient_error", stream: "b" }, { exit: 1 }];
    const project = await create(folder, {
      script: [{ onAttempt: 0, steps: busy }, ...SCRIPT],
      connection: { retry: { max_attempts: 2, first_delay_seconds: 0.01 } },
    });

    expect((await project.sync()).exitCode).toBe(0);
    expect(asked(project, "read")).toEqual([3, 3]);
  });
});

describe("what the configuration says of one stream and does not fit", () => {
  it.for([
    ["a mapper", { mappers: [{ type: "drop", field: "gone" }] }, "mappers: no column gone"],
    ["a field", { fields: ["id", "gone"] }, "fields: no column gone"],
    [
      "a cursor",
      { sync_mode: "incremental", cursor_field: "gone" },
      "cursor_field: no column gone",
    ],
    [
      "a key",
      { destination_sync_mode: "append_dedup", primary_key: "gone" },
      "primary_key: no column gone",
    ],
  ] as const)("is that stream's failure: %s", async ([, entry, message], { folder }) => {
    const project = await create(folder, {
      script: wholeOf("a"),
      connection: { streams: ["a", { name: "b", ...entry }] },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.failures).toMatchObject([
      {
        code: "config.invalid",
        stream: "b",
        message: expect.stringContaining(message) as string,
      },
    ]);
  });

  it("is that stream's failure: another cursor than its position was taken with", async ({
    folder,
  }) => {
    const [a, b] = INCREMENTAL;
    const script = [...wholeOf("a"), ...wholeOf("b")];
    const project = await create(folder, { script, connection: { streams: [a, b] } });
    await project.sync();
    const other = { ...b, cursor_field: "id" };
    const settings = { streams: NAMES.map((name) => ({ name })), script: wholeOf("a") };
    await project.configure({ ...settings, connection: { streams: [a, other] } });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.failures).toMatchObject([{ code: "state.invalid", stream: "b" }]);
    expect(project.stateText()).toContain('{"of":"b"}');
  });

  it("is not another order of its key, which the destination never sees", async ({ folder }) => {
    const entry = (key: readonly string[]) => ({
      ...INCREMENTAL[0],
      destination_sync_mode: "append_dedup",
      primary_key: key,
    });
    const settings = { streams: [{ name: "a" }], script: wholeOf("a") };
    const project = await Project.create(folder, {
      ...settings,
      connection: { streams: [entry(["id", "text"])] },
    });
    await project.sync();
    await project.configure({ ...settings, connection: { streams: [entry(["text", "id"])] } });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    const keys = project.given("write").map(({ catalog }) => {
      const { streams } = JSON.parse(catalog!) as { streams: { primary_key: unknown }[] };
      return streams[0]!.primary_key;
    });
    expect(keys).toEqual([
      [["id"], ["text"]],
      [["id"], ["text"]],
    ]);
  });
});
