import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import { start } from "../support/run.ts";
import { Project, WHOLE, type Step } from "./project.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/orchestrator");

const isRecord = (line: string) => line.includes('"type":"RECORD"');
const isComplete = (line: string) => line.includes('"COMPLETE"');

describe("a sync that goes well", () => {
  it("hands over every record and state, then says the stream is complete", async ({ folder }) => {
    const project = await Project.create(folder);

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job).toMatchObject({ id: 1, status: "succeeded" });
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "users", namespace: "public", status: "complete", emitted: 3, committed: 3 },
    ]);
    expect(project.delivered()).toHaveLength(5);
    expect(isComplete(project.delivered()[4]!)).toBe(true);
    expect(project.stateText()).toContain('"state":{"at":3}');
    expect(project.leftovers()).toEqual([]);
  });

  it("changes no byte of a record when names stay as they are", async ({ folder }) => {
    const record = `{"type":"RECORD","record":{"stream":"users","namespace":"public","emitted_at":1,"data":{"n":9007199254740993,"d":1.10,"t":"\\u00e9\\ud83d"}}}`;
    const script = [{ raw: `${record}\n` }, { state: {}, count: 1 }, { status: "COMPLETE" }];
    const project = await Project.create(folder, { script, connection: { namespace: "source" } });

    await project.sync();

    expect(project.delivered()[0]).toBe(record);
  });

  it("renames streams in any spelling of a record and keeps its other bytes", async ({
    folder,
  }) => {
    const script: Step[] = [
      {
        raw: `{"type":"RECORD","record":{"stream":"users","namespace":"public","emitted_at":1,"data":{"n":1.0}}}\n`,
      },
      {
        raw: `{ "record": {"data": {"n": 1.50}, "emitted_at": 1, "namespace": "public", "stream": "users", "x": 1e400}, "type": "RECORD" }\n`,
      },
      { state: { at: 1 }, count: 2 },
      { status: "COMPLETE" },
    ];
    const connection = { prefix: "p_", namespace: "my_${SOURCE_NAMESPACE}" };
    const project = await Project.create(folder, { script, connection });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    expect(project.delivered().slice(0, 3)).toEqual([
      `{"type":"RECORD","record":{"stream":"p_users","namespace":"my_public","emitted_at":1,"data":{"n":1.0}}}`,
      `{ "record": {"data": {"n": 1.50}, "emitted_at": 1, "namespace": "my_public", "stream": "p_users", "x": 1e400}, "type": "RECORD" }`,
      `{"type":"STATE","state":{"id":1,"type":"STREAM","stream":{"stream_descriptor":{"name":"p_users","namespace":"my_public"},"stream_state":{"at":1}},"sourceStats":{"recordCount":2}}}`,
    ]);
    expect(project.stateText()).toContain('{"name":"users","namespace":"public"}');
  });

  it("takes what a source leaves the namespace out of for its only stream of that name", async ({
    folder,
  }) => {
    const bare = { namespace: "" };
    const script: Step[] = [
      { records: 2, ...bare },
      { state: { at: 2 }, ...bare },
      { records: 1 },
      { records: 1, ...bare },
      { state: { at: 4 }, count: 2, ...bare },
      { status: "COMPLETE", ...bare },
    ];
    const streams = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
    const connection = { namespace: "source", streams };
    const project = await Project.create(folder, { script, connection });

    const { exitCode } = await project.sync();
    await project.sync();

    expect(exitCode).toBe(0);
    expect(project.delivered()[0]).toContain('"stream":"users","namespace":"public"');
    expect(project.delivered()[2]).toContain('{"name":"users","namespace":"public"}');
    expect(project.given("read")[1]!["state"]).toContain(
      '{"stream_descriptor":{"name":"users","namespace":"public"},"stream_state":{"at":4}}',
    );
  });

  it("accepts the spelling of other people's connectors", async ({ folder }) => {
    const script = [{ records: 4, airbyte: true }, { state: { a: 1 } }, { status: "COMPLETE" }];
    const project = await Project.create(folder, { script });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts[0]!.streams).toMatchObject([{ emitted: 4, committed: 4 }]);
  });

  it("keeps a state blob byte for byte and gives it back on the next sync", async ({ folder }) => {
    const blob = `{"n": 9007199254740993, "a":1, "a":1.10}`;
    const script = [{ records: 1 }, { state: {}, blob }, { status: "COMPLETE" }];
    const streams = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
    const project = await Project.create(folder, { script, connection: { streams } });

    await project.sync();
    await project.sync();

    expect(project.given("read")[0]!["state"]).toBeUndefined();
    expect(project.given("read")[1]!["state"]).toBe(
      `[{"type":"STREAM","stream":{"stream_descriptor":{"name":"users","namespace":"public"},"stream_state":${blob}}}]\n`,
    );
  });

  it("gives a full refresh without any state one of its own, so that its rows are acknowledged", async ({
    folder,
  }) => {
    const project = await Project.create(folder, {
      script: [{ records: 2 }, { status: "COMPLETE" }],
      connection: { prefix: "p_" },
    });

    const { job } = await project.sync();

    expect(job.attempts[0]!.streams).toMatchObject([{ emitted: 2, committed: 2 }]);
    expect(project.delivered()[2]).toMatch(
      /^{"type":"STATE".*"stream_descriptor":{"name":"p_users"/,
    );
  });

  it("takes the acknowledgement of the last state for those before it", async ({ folder }) => {
    const script = [
      { records: 2 },
      { state: { a: 1 } },
      { records: 1 },
      { state: { a: 2 } },
      { status: "COMPLETE" },
    ];
    const project = await Project.create(folder, { script, destination: { lastStateOnly: true } });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts[0]!.streams).toMatchObject([{ committed: 3 }]);
  });

  it.for([{ withoutId: true }, { respell: true }, { twice: true }])(
    "lives with a destination that is %o",
    async (destination, { folder }) => {
      const script = [{ records: 1 }, { state: {}, blob: `{ "a": 1.0 }` }, { status: "COMPLETE" }];
      const project = await Project.create(folder, { script, destination });

      const { exitCode } = await project.sync();

      expect(exitCode).toBe(0);
      expect(project.stateText()).toContain(`"state":{ "a": 1.0 }`);
    },
  );
});

const APPENDED = { sync_mode: "full_refresh", destination_sync_mode: "append" };

const latin1 = (text: string) => Buffer.from(text, "latin1").toString("base64");

it("takes no failure from a source that says it stopped when it was asked to, because its destination failed", async ({
  folder,
}) => {
  const script: Step[] = [
    {
      onTerm: [
        { error: "stopped by SIGTERM before it was done", internal: "sync.interrupted" },
        { exit: 1 },
      ],
    },
    { status: "STARTED" },
    { records: 3 },
    { wait: true },
  ];
  const project = await Project.create(folder, { script, destination: { exitEarly: 1, exit: 4 } });

  const { stderr, job } = await project.sync();

  expect(job.attempts[0]!.failures!.map(({ code }) => code)).toEqual([
    "connector.exited",
    "stream.incomplete",
  ]);
  expect(stderr).toContain("destination d exited with status 4");
  expect(stderr).not.toContain("SIGTERM");
});

/** What a source does wrong, what the job says about it, and whether COMPLETE must be withheld. */
const BAD_SOURCES: readonly [string, readonly Step[], RegExp, string][] = [
  [
    "is killed",
    [{ records: 2 }, { kill: "SIGKILL" }],
    /source s was killed by SIGKILL/,
    "connector.exited",
  ],
  [
    "is terminated by somebody else",
    [{ records: 2 }, { kill: "SIGTERM" }],
    /killed by SIGTERM/,
    "connector.exited",
  ],
  [
    "ends without saying that the stream is complete",
    [{ status: "STARTED" }, { records: 3 }, { state: {} }],
    /never said that it is complete/,
    "stream.incomplete",
  ],
  [
    "says COMPLETE and exits with status 1",
    [...WHOLE, { exit: 1 }],
    /source s exited with status 1/,
    "connector.exited",
  ],
  [
    "reports an error",
    [{ records: 1 }, { error: "disk on fire" }, { exit: 1 }],
    /source s: disk on fire/,
    "connector.reported",
  ],
  [
    "reports an error and exits with status 0",
    [...WHOLE, { error: "odd" }],
    /source s: odd/,
    "connector.reported",
  ],
  [
    "prints a broken message",
    [{ records: 1 }, { raw: '{"type":"RECORD","record":{"stream":"users",\n' }, ...WHOLE],
    /begins as a message is broken: it is not JSON/,
    "protocol.bad_message",
  ],
  [
    "prints two messages on one line",
    [{ raw: '{"type":"LOG","log":{}}{"type":"LOG","log":{}}\n' }, ...WHOLE],
    /it is not JSON, or more than one message/,
    "protocol.bad_message",
  ],
  [
    "prints a record behind other text",
    [
      { status: "STARTED" },
      {
        raw: 'loading 99% {"type":"RECORD","record":{"stream":"users","namespace":"public","emitted_at":1,"data":{"id":1}}}\n',
      },
      ...WHOLE,
    ],
    /text and a message share one line/,
    "protocol.bad_message",
  ],
  [
    "prints a record that is not UTF-8",
    [
      {
        base64: latin1(
          '{"type":"RECORD","record":{"stream":"users","namespace":"public","emitted_at":1,"data":{"id":"\u00e9"}}}\n',
        ),
      },
      ...WHOLE,
    ],
    /a RECORD that is not UTF-8, of stream public.users/,
    "protocol.bad_message",
  ],
  [
    "prints a state that is not UTF-8",
    [
      {
        base64: latin1(
          '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"users","namespace":"public"},"stream_state":{"at":"\u00e9"}}}}\n',
        ),
      },
      ...WHOLE,
    ],
    /it is not UTF-8/,
    "protocol.bad_message",
  ],
  [
    "says COMPLETE of no stream",
    [
      {
        raw: '{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1,"stream_status":{"status":"COMPLETE"}}}\n',
      },
      ...WHOLE,
    ],
    /trace.stream_status.stream_descriptor: is required/,
    "protocol.bad_message",
  ],
  [
    "cuts a record short and goes on",
    [
      {
        raw: '{"type":"RECORD","record":{"stream":"users","namespace":"public","emitted_at":1,"data":{"id":1\n',
      },
      ...WHOLE,
    ],
    /it is not JSON|cannot be read|not well-formed/,
    "protocol.bad_message",
  ],
  [
    "sends a stream nobody asked for",
    [{ records: 1, stream: "others" }],
    /RECORD of stream public.others, which was not asked for/,
    "protocol.unknown_stream",
  ],
  [
    "sends the stream under another namespace",
    [{ records: 1, namespace: "elsewhere" }],
    /elsewhere.users, which was not asked for/,
    "protocol.unknown_stream",
  ],
  [
    "sends a record after COMPLETE",
    [...WHOLE, { records: 1 }],
    /after it had said COMPLETE/,
    "protocol.bad_message",
  ],
  [
    "says that its connection failed",
    [...WHOLE, { connectionStatus: "FAILED", message: "no route" }],
    /source s: no route/,
    "connector.reported",
  ],
  [
    "says it sent more records than arrived",
    [{ records: 3 }, { state: {}, count: 4 }, { status: "COMPLETE" }],
    /says it sent 4 records .* 3 arrived/,
    "sync.counts_disagree",
  ],
  [
    "stops in the middle of its last line",
    [...WHOLE, { raw: '{"type":"STATE","sta' }, { exit: 0 }],
    /in the middle of a line/,
    "protocol.torn_line",
  ],
  [
    "mixes kinds of state",
    [
      { state: {} },
      { raw: '{"type":"STATE","state":{"type":"GLOBAL","global":{"stream_states":[]}}}\n' },
      { status: "COMPLETE" },
    ],
    /mixes STREAM and GLOBAL/,
    "protocol.bad_message",
  ],
];

/** @guarantee complete-when-sure */
describe("a source that", () => {
  it.for(BAD_SOURCES)("%s fails the sync", async ([, script, message, code], { folder }) => {
    const project = await Project.create(folder, { script });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.status).toBe("failed");
    expect(job.attempts[0]!.failures![0]).toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(project.delivered().filter(isComplete)).toEqual([]);
    expect(project.leftovers()).toEqual([]);
  });

  it("prints a broken line gets it neither into a log nor into a message", async ({ folder }) => {
    const script = [{ raw: '{"type":"RECORD","record":{"data":{"card":"hunter2"\n' }, ...WHOLE];
    const project = await Project.create(folder, { script });

    const { stdout, stderr } = await project.run("sync", "--json", "-v");

    expect(`${stdout}${stderr}${project.log()}`).not.toContain("hunter2");
  });

  it("prints a state behind white space is heard all the same", async ({ folder }) => {
    const state = JSON.stringify({
      type: "STATE",
      state: {
        type: "STREAM",
        stream: {
          stream_descriptor: { name: "users", namespace: "public" },
          stream_state: { at: 9 },
        },
      },
    });
    const script = [{ records: 1 }, { raw: ` \t${state}\r\n` }, { status: "COMPLETE" }];
    const project = await Project.create(folder, { script });

    expect((await project.sync()).exitCode).toBe(0);
    expect(project.stateText()).toContain('{"at":9}');
  });

  it("sends no stream statuses is complete when it ends with status 0, and the report says so", async ({
    folder,
  }) => {
    const streams = [{ name: "a" }, { name: "b" }];
    const script = [
      { records: 2, stream: "a" },
      { state: { at: 2 }, stream: "a" },
    ];
    const project = await Project.create(folder, { streams, script });

    const { exitCode, job } = await project.sync();
    const { stdout } = await project.run("sync");

    expect(exitCode).toBe(0);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "complete", committed: 2 },
      { name: "b", status: "complete", committed: 0 },
    ]);
    const note = "source s sends no stream statuses: its end with status 0 counts as COMPLETE";
    expect(job.attempts[0]!.notes![0]).toContain(note);
    expect(stdout).toContain(note);
  });

  it.for([
    ["exits with a status", [{ records: 1 }, { state: {} }, { exit: 1 }]],
    ["reports an error", [{ records: 1 }, { state: {} }, { error: "no" }]],
    ["stops in the middle of a line", [{ records: 1 }, { raw: '{"type":"STA' }, { exit: 0 }]],
    ["prints nothing at all", []],
    ["prints its usage", [{ raw: "usage: source read --config FILE\n" }]],
    [
      "speaks of another stream",
      [{ records: 1 }, { status: "COMPLETE", stream: "b" }, { exit: 0 }],
    ],
  ] as const)("sends no stream statuses and %s is not complete", async ([, script], { folder }) => {
    const project = await Project.create(folder, {
      streams: [{ name: "a" }, { name: "b" }],
      script,
    });

    const { exitCode } = await project.sync();

    expect(exitCode).not.toBe(0);
    expect(project.delivered().filter(isComplete).join()).not.toContain('"a"');
  });

  it("dies keeps what was acknowledged before", async ({ folder }) => {
    const streams = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
    const script = [{ records: 2 }, { state: { at: 2 } }, { records: 2 }, { kill: "SIGKILL" }];
    const project = await Project.create(folder, { script, connection: { streams } });

    const { job } = await project.sync();

    expect(job.attempts[0]!.streams).toMatchObject([
      { status: "incomplete", emitted: 4, committed: 2 },
    ]);
    expect(project.stateText()).toContain('"state":{"at":2}');
  });

  it("fails in one stream only finishes the others", async ({ folder }) => {
    const project = await Project.create(folder, {
      streams: [{ name: "a" }, { name: "b" }],
      script: [
        { records: 1, stream: "a" },
        { state: {}, stream: "a" },
        { status: "COMPLETE", stream: "a" },
        { error: "b is gone", stream: "b" },
        { status: "INCOMPLETE", stream: "b" },
        { exit: 1 },
      ],
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "complete" },
      { name: "b", status: "incomplete" },
    ]);
    expect(project.delivered().filter(isComplete)).toHaveLength(1);
    expect(job.attempts[0]!.failures![0]!.message).toBe("source s: b is gone");
  });

  it("prints noise beside its messages is logged and not forwarded", async ({ folder }) => {
    const script = [
      { raw: "npm warn something\n\n" },
      { raw: '{"level":"info","msg":"a library"}\n' },
      { raw: '{"type":"FUTURE","future":{}}\n' },
      { stderr: "on stderr\nlast" },
      { log: "\u001b]0;title\u0007 hello\nsecond line" },
      ...WHOLE,
    ];
    const project = await Project.create(folder, { script });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    expect(project.delivered().filter((line) => !isRecord(line))).toHaveLength(2);
    const log = project.log();
    for (const text of [
      "npm warn something",
      "a library",
      "a FUTURE message, which is ignored",
      "on stderr",
      "source s: last",
    ])
      expect(log).toContain(text);
    expect(log).toContain("source s: \\x1b]0;title\\x07 hello\n");
    expect(log).not.toContain("\u001b");
  });

  it("ends without a newline after a whole message loses nothing", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [
        ...WHOLE.slice(0, 3),
        {
          raw: JSON.stringify({
            type: "TRACE",
            trace: {
              type: "STREAM_STATUS",
              emitted_at: 1,
              stream_status: {
                stream_descriptor: { name: "users", namespace: "public" },
                status: "COMPLETE",
              },
            },
          }),
        },
      ],
    });

    expect((await project.sync()).exitCode).toBe(0);
  });

  it("floods stderr does not block, and its log stays small", async ({ folder }) => {
    const script = [{ stderrBytes: 30_000_000 }, ...WHOLE];
    const project = await Project.create(folder, { script });

    expect((await project.sync()).exitCode).toBe(0);
    expect(project.log().length).toBeLessThan(20_000);
  });

  it("leaves a grandchild holding its output does not hang the sync", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [...WHOLE, { grandchild: true }, { exit: 0 }],
    });

    expect((await project.sync()).exitCode).toBe(0);
  });

  const NOOP = { stream: "__noop__", namespace: "__faros__" };
  const WITH_NOOP = [...WHOLE, { state: { mine: 1 }, ...NOOP }];

  it("sends a STATE of a stream nobody asked for is warned, and gets it back", async ({
    folder,
  }) => {
    const project = await Project.create(folder, { script: WITH_NOOP });

    const { exitCode, stderr } = await project.sync();
    await project.sync();

    expect(exitCode).toBe(0);
    expect(stderr).toContain("a STATE of stream __faros__.__noop__, which was not asked for");
    expect(project.delivered().join()).not.toContain("__noop__");
    expect(project.given("read").map(({ state }) => state)).toEqual([
      undefined,
      '[{"type":"STREAM","stream":{"stream_descriptor":{"name":"__noop__","namespace":"__faros__"},"stream_state":{"mine":1}}}]\n',
    ]);
  });

  it("sends such a STATE and fails does not get it back", async ({ folder }) => {
    const project = await Project.create(folder, { script: [...WITH_NOOP, { exit: 1 }] });
    await project.sync();

    await project.sync();

    expect(project.given("read")[1]!["state"]).toBeUndefined();
  });

  it("has kept such a STATE reads the stream from its beginning once it is asked for", async ({
    folder,
  }) => {
    const noop = { name: NOOP.stream, namespace: NOOP.namespace };
    const project = await Project.create(folder, { script: WITH_NOOP });
    await project.sync();
    const stream = { ...noop, sync_mode: "incremental", cursor_field: "updated_at" };
    await project.configure({
      streams: [noop],
      script: [{ status: "COMPLETE" }],
      connection: { streams: [stream] },
    });

    await project.sync();

    expect(project.given("read")[1]!["state"]).toBeUndefined();
  });

  it.for([
    ["measures with a number", { type: "ANALYTICS", analytics: { type: "rows", value: 3 } }],
    ["measures nothing", { type: "ANALYTICS" }],
    [
      "estimates by halves",
      { type: "ESTIMATE", estimate: { name: "users", type: "STREAM", row_estimate: 1.5 } },
    ],
  ] as const)("%s is heard all the same", async ([, trace], { folder }) => {
    const message = { type: "TRACE", trace: { emitted_at: 1, ...trace } };
    const script = [{ raw: `${JSON.stringify(message)}\n` }, ...WHOLE];
    const project = await Project.create(folder, { script });

    expect((await project.sync()).exitCode).toBe(0);
  });

  it("begins with a byte order mark loses nothing", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [{ raw: "\ufeff" }, ...WHOLE.slice(1)],
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts[0]!.streams).toMatchObject([{ emitted: 3, committed: 3 }]);
    expect(project.delivered()[0]).toMatch(/^\{/);
  });

  it("says FAILED beside its catalog has no catalog", async ({ folder }) => {
    const discover = [
      { connectionStatus: "FAILED", message: "no route" },
      { catalog: [{ name: "users", namespace: "public" }] },
    ];
    const project = await Project.create(folder, { source: { discover } });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts[0]!.failures).toMatchObject([{ message: "source s: no route" }]);
  });

  it("falls silent is stopped, even when it ignores SIGTERM", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [{ deafTo: "SIGTERM" }, { records: 1 }, { wait: true }],
      connection: { limits: { source_silence_seconds: 1 } },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts[0]!.failures![0]).toMatchObject({
      code: "connector.silent",
      origin: "source",
    });
  });

  it("falls silent lets the destination commit what it was sent", async ({ folder }) => {
    const streams = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
    const project = await Project.create(folder, {
      script: [{ records: 1 }, { state: { at: 1 } }, { wait: true }],
      destination: { lastStateOnly: true },
      connection: { streams, limits: { source_silence_seconds: 1 } },
    });

    await project.sync();

    expect(project.stateText()).toContain('{"at":1}');
  });
});

describe("a source without stream statuses, where rows of an earlier sync are there,", () => {
  const BEFORE = {
    streams: [{ name: "a" }, { name: "b" }],
    script: ["a", "b"].flatMap((stream) => [
      { records: 2, stream },
      { state: { at: 2 }, stream },
    ]),
  };
  const ONLY_A = BEFORE.script.slice(0, 2);
  const ERROR = { log: "cannot go on", level: "ERROR" };
  const completed = (project: Project) =>
    project
      .delivered()
      .map(told)
      .filter((line) => line.startsWith("COMPLETE"))
      .slice(2);

  it("replaces nothing of what it sent nothing of", async ({ folder }) => {
    const project = await Project.create(folder, BEFORE);
    await project.sync();
    await project.configure({ ...BEFORE, script: ONLY_A });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(completed(project)).toEqual(["COMPLETE a"]);
    expect(job.attempts[0]!.failures).toMatchObject([
      {
        code: "stream.incomplete",
        stream: "b",
        message: expect.stringContaining(
          "sends no stream statuses and sent nothing of it",
        ) as string,
      },
    ]);
  });

  it("replaces nothing when it logged an error, and the report has it", async ({ folder }) => {
    const project = await Project.create(folder, BEFORE);
    await project.sync();
    await project.configure({ ...BEFORE, script: [...BEFORE.script, ERROR] });

    const { exitCode, job } = await project.sync();
    const { stdout } = await project.run("sync");

    expect(exitCode).toBe(1);
    expect(completed(project)).toEqual([]);
    expect(job.attempts[0]!.failures).toHaveLength(2);
    expect(stdout).toContain("source s logged an error: cannot go on");
  });

  it("adds rows all the same, and the report has the error it logged", async ({ folder }) => {
    const streams = BEFORE.streams.map((stream) => ({ ...stream, ...APPENDED }));
    const connection = { streams };
    const project = await Project.create(folder, { ...BEFORE, connection });
    await project.sync();
    await project.configure({ ...BEFORE, script: [...ONLY_A, ERROR], connection });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts[0]!.notes).toContain("source s logged an error: cannot go on");
  });

  it("replaces what was emptied by what it sent nothing of", async ({ folder }) => {
    const project = await Project.create(folder, BEFORE);
    await project.sync();
    await project.run("clear", "c", "--stream", "b", "--yes");
    await project.configure({ ...BEFORE, script: ONLY_A });

    const [first, second] = [await project.sync(), await project.sync()];

    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
  });
});

/** More than fits into any pipe. */
const MUCH: readonly Step[] = [
  { records: 50_000, width: 100 },
  { state: {} },
  { status: "COMPLETE" },
];

const BAD_DESTINATIONS: readonly [string, object, RegExp, string][] = [
  [
    "ends before its input does",
    { exitEarly: 2, much: true },
    /ended with status 0 before its input did/,
    "connector.closed_stdin",
  ],
  ["is killed", { kill: 2 }, /destination d was killed by SIGKILL/, "connector.exited"],
  ["exits with a status", { exit: 7 }, /destination d exited with status 7/, "connector.exited"],
  [
    "reports an error",
    { error: "table locked", exit: 1 },
    /destination d: table locked/,
    "connector.reported",
  ],
  [
    "says that its connection failed",
    { print: { type: "CONNECTION_STATUS", connectionStatus: { status: "FAILED" } } },
    /destination d: it says that its connection FAILED/,
    "connector.reported",
  ],
  [
    "says INCOMPLETE",
    {
      print: {
        type: "TRACE",
        trace: {
          type: "STREAM_STATUS",
          emitted_at: 1,
          stream_status: { stream_descriptor: { name: "users" }, status: "INCOMPLETE" },
        },
      },
    },
    /the destination says that stream users is incomplete/,
    "stream.incomplete",
  ],
  [
    "swallows the states",
    { swallowStates: true },
    /without acknowledging 3 records of stream public.users/,
    "sync.counts_disagree",
  ],
  [
    "changes a state",
    { wrongBlob: true },
    /changed the content of a STATE/,
    "protocol.bad_message",
  ],
  ["invents a state", { wrongId: true }, /it was never sent/, "protocol.bad_message"],
  [
    "commits another number of records",
    { wrongCount: true },
    /committed 4 records where 3 were sent/,
    "sync.counts_disagree",
  ],
];

/** @guarantee complete-when-sure */
describe("a destination that", () => {
  it("does not remember is said to have rows twice, perhaps, after a second attempt", async ({
    folder,
  }) => {
    const streams = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
    const retry = { max_attempts: 2, first_delay_seconds: 0.01 };
    const script = [{ onAttempt: 0, steps: [{ records: 2 }, { exit: 1 }] }, ...WHOLE];
    const project = await Project.create(folder, { script, connection: { streams, retry } });

    const { stdout } = await project.run("sync");

    expect(stdout).toContain("destination d does not tell what it has committed");
  });

  it.for(BAD_DESTINATIONS)(
    "%s fails the sync",
    async ([, destination, message, code], { folder }) => {
      const script = "much" in destination ? MUCH : WHOLE;
      const project = await Project.create(folder, { destination, script });

      const { exitCode, job } = await project.sync();

      expect(exitCode).toBe(1);
      expect(job.attempts[0]!.failures![0]).toMatchObject({
        origin: "destination",
        code,
        message: expect.stringMatching(message) as string,
      });
    },
  );

  it("dies early stops a source that would go on for ever", async ({ folder }) => {
    const script = [{ records: 100_000, width: 100 }, { state: {} }, { wait: true }];
    const project = await Project.create(folder, { script, destination: { kill: 1000 } });

    const { job } = await project.sync();

    expect(job.attempts[0]!.failures![0]!.message).toBe("destination d was killed by SIGKILL");
  });

  it("dies stops a source that says nothing", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [{ records: 1 }, { wait: true }],
      destination: { kill: 1 },
    });

    const { job } = await project.sync();

    expect(job.attempts[0]!.failures!.map(({ message }) => message)).toEqual([
      "destination d was killed by SIGKILL",
      "stream public.users: source s never said that it is complete",
    ]);
  });

  it("drops the numbers of states is taken for what it says of its own streams only", async ({
    folder,
  }) => {
    const streams = [{ name: "a" }, { name: "b" }];
    const script = streams.flatMap(({ name: stream }): Step[] => [
      { records: 2, stream },
      { state: {}, stream },
      { status: "COMPLETE", stream },
    ]);
    const project = await Project.create(folder, {
      streams,
      script,
      destination: { withoutId: true, swallowStream: "a" },
    });

    const { job } = await project.sync();

    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "incomplete", committed: 0 },
      { name: "b", status: "complete", committed: 2 },
    ]);
  });

  it("has not acknowledged a state yet finds it in no file", async ({ folder }) => {
    const streams = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
    const project = await Project.create(folder, {
      script: [{ records: 1 }, { state: { at: 1 } }, { pause: 1500 }, ...WHOLE.slice(3)],
      destination: { swallowStates: true },
      connection: { streams },
    });

    await project.sync();

    expect(project.stateText()).toBeDefined();
    expect(project.stateText()).not.toContain('"state"');
  });

  it("hangs is stopped", async ({ folder }) => {
    const project = await Project.create(folder, {
      destination: { hangAtEnd: true, deaf: true },
      connection: { limits: { destination_silence_seconds: 1 } },
    });

    const { job } = await project.sync();

    expect(job.attempts[0]!.failures![0]).toMatchObject({
      code: "connector.silent",
      origin: "destination",
    });
  });
});

/** A stream as a well-behaved source sends it, and one that fails behind some records. */
const wholeOf = (stream: string): Step[] => [
  { records: 2, stream },
  { state: { of: stream }, stream },
  { status: "COMPLETE", stream },
];
const failedOf = (stream: string, kind = "transient_error"): Step[] => [
  { records: 3, stream },
  { error: `${stream} is gone`, kind, stream },
  { status: "INCOMPLETE", stream },
];
const TWO = [{ name: "a" }, { name: "b" }];

describe("a stream that failed at the source", () => {
  it("is nothing to hide behind for a destination that is killed after its acknowledgements", async ({
    folder,
  }) => {
    const project = await Project.create(folder, {
      streams: TWO,
      script: [...wholeOf("a"), ...failedOf("b"), { exit: 1 }],
      destination: { killAtEnd: true },
      destinationRemembers: true,
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "incomplete", committed: 2 },
      { name: "b", status: "incomplete" },
    ]);
    expect(job.attempts[0]!.failures!.map(({ origin, message }) => [origin, message])).toEqual(
      expect.arrayContaining([
        ["source", "source s: b is gone"],
        ["destination", "destination d was killed by SIGKILL"],
      ]),
    );
  });

  it("costs the others nothing when the destination only complains of it", async ({ folder }) => {
    const complaint = {
      type: "TRACE",
      trace: {
        type: "ERROR",
        emitted_at: 1,
        error: {
          message: "the input ended before the stream was complete: b",
          internal_message: "stream.incomplete",
          failure_type: "system_error",
          stream_descriptor: { name: "b" },
        },
      },
    };
    const project = await Project.create(folder, {
      streams: TWO,
      script: [...wholeOf("a"), ...failedOf("b"), { exit: 1 }],
      destination: { print: complaint, exit: 1 },
      destinationRemembers: true,
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "complete" },
      { name: "b", status: "incomplete" },
    ]);
  });

  it("is told to the destination at once, in its names, between its records and those of others", async ({
    folder,
  }) => {
    const project = await Project.create(folder, {
      streams: TWO,
      script: [...failedOf("a"), ...wholeOf("b"), { exit: 1 }],
      connection: { prefix: "p_" },
    });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(3);
    const lines = project.delivered().map(told);
    expect(lines).toEqual([
      ...Array<string>(3).fill("RECORD p_a"),
      "INCOMPLETE p_a",
      ...Array<string>(2).fill("RECORD p_b"),
      "STATE p_b",
      "COMPLETE p_b",
    ]);
  });

  it.for([
    ["COMPLETE", [{ status: "COMPLETE", stream: "a" }]],
    ["STARTED and RUNNING", ["STARTED", "RUNNING"].map((status) => ({ status, stream: "a" }))],
    ["COMPLETE before", [{ status: "INCOMPLETE", stream: "a" }]],
  ] as const)(
    "has failed in this attempt, also when the source says %s",
    async ([what, steps], { folder }) => {
      const before = what === "COMPLETE before" ? wholeOf("a") : failedOf("a");
      const project = await Project.create(folder, {
        streams: TWO,
        script: [...before, ...steps, ...wholeOf("b")],
      });

      const { exitCode, job } = await project.sync();

      expect(exitCode).toBe(3);
      expect(job.attempts[0]!.streams).toMatchObject([
        { name: "a", status: "incomplete" },
        { name: "b", status: "complete" },
      ]);
      const statuses = project
        .delivered()
        .map(told)
        .filter((line) => /COMPLETE/.test(line));
      expect(statuses).toEqual(["INCOMPLETE a", "COMPLETE b"]);
    },
  );

  it("does not move on by a state that comes behind, whose rows the destination has taken back", async ({
    folder,
  }) => {
    const incremental = (name: string) => ({
      name,
      sync_mode: "incremental",
      cursor_field: "updated_at",
    });
    const project = await Project.create(folder, {
      streams: TWO,
      script: [...failedOf("a"), { state: { at: 3 }, stream: "a" }, ...wholeOf("b"), { exit: 1 }],
      connection: { streams: TWO.map(({ name }) => incremental(name)) },
    });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(3);
    expect(project.stateText()).toContain('{"of":"b"}');
    expect(project.stateText()).not.toContain('{"at":3}');
    expect(project.log()).toContain("a STATE of stream a after it had said INCOMPLETE");
  });
});

/** `RECORD a`, `STATE a`, `COMPLETE a`. */
function told(line: string): string {
  const { type, record, state, trace } = JSON.parse(line) as {
    type: string;
    record?: { stream: string };
    state?: { stream?: { stream_descriptor: { name: string } } };
    trace?: { stream_status?: { status: string; stream_descriptor: { name: string } } };
  };
  if (record) return `${type} ${record.stream}`;
  if (state) return `${type} ${state.stream?.stream_descriptor.name ?? "all"}`;
  return `${trace!.stream_status!.status} ${trace!.stream_status!.stream_descriptor.name}`;
}

describe("an attempt that fails in several ways", () => {
  const retry = { max_attempts: 2, first_delay_seconds: 0.01 };
  const error = (message: string, kind: string): Step => ({ error: message, kind });

  it("is repeated when the last of many failures may pass with time, and says how many there are", async ({
    folder,
  }) => {
    const wrong = Array.from({ length: 20 }, (_, n) => error(`wrong ${n}`, "config_error"));
    const project = await Project.create(folder, {
      script: [...wrong, error("busy", "transient_error"), { exit: 1 }],
      connection: { retry },
    });

    const { exitCode, job } = await project.sync();

    expect(job.attempts).toHaveLength(2);
    expect(exitCode).toBe(2); // by the first, when all attempts are used up
    const [attempt] = job.attempts;
    expect(attempt!.failures).toHaveLength(20);
    expect(attempt!.notes).toEqual(["2 more failures are not shown"]);
    expect(project.log()).toContain("source s: busy");
  });

  it("is repeated whatever came first", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [error("wrong", "config_error"), error("busy", "transient_error"), { exit: 1 }],
      connection: { retry },
    });

    expect((await project.sync()).job.attempts).toHaveLength(2);
  });

  it("is not repeated for what only follows from a wrong configuration", async ({ folder }) => {
    const project = await Project.create(folder, {
      streams: TWO,
      script: [...wholeOf("a"), error("wrong", "config_error"), { exit: 1 }],
      destination: { error: "half of it is missing", exit: 1 },
      connection: { retry },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(2);
    expect(job.attempts).toHaveLength(1);
    expect(job.attempts[0]!.failures!.length).toBeGreaterThan(1);
  });
});

describe("an attempt that cannot begin", () => {
  it("leaves no process behind when only one of the two could be started", async ({ folder }) => {
    const project = await Project.create(folder, {
      destination: { hang: true, deaf: true },
      connection: { retry: { max_attempts: 2, first_delay_seconds: 3600 } },
    });
    const running = start("syncline", ["sync"], {
      cwd: folder,
      env: {
        NODE_OPTIONS: `--import=${pathToFileURL(join(FIXTURES, "fail-to-write.mjs")).href}`,
        SYNCLINE_TEST_FILE: "source-catalog",
        SYNCLINE_TEST_AFTER: project.received,
        SYNCLINE_TEST_TEXT: '"command":"write"',
      },
    });
    running.endInput();
    await running.errorLine((line) => line.includes("trying again"));

    expect(project.given("write")).toHaveLength(1);
    expect(descendants(running.pid, "fixtures/orchestrator/")).toEqual([]);

    running.kill("SIGINT");
    expect((await running.finished).exitCode).toBe(130);
  });

  it("stops asking one connector when the other cannot answer", async ({ folder }) => {
    const project = await Project.create(folder);
    await project.write({
      sources: { s: { command: ["sh", "-c", "exit 9"], config: {} } },
      destinations: { d: { command: ["sh", "-c", "trap '' TERM; sleep 3000"], config: {} } },
      connections: {
        c: {
          source: "s",
          destination: "d",
          retry: { max_attempts: 2, first_delay_seconds: 3600 },
          limits: { stop_seconds: 0.5 },
        },
      },
    });
    const running = project.start("sync");

    const said = await running.errorLine((line) => line.includes("trying again"));

    expect(said).toContain("source s did not answer `spec`");
    expect(descendants(running.pid, "sleep 3000")).toEqual([]);
    running.kill("SIGINT");
    await running.finished;
  });

  it("names the side that a failure comes from, whatever its words", async ({ folder }) => {
    const discover = [{ error: "destination of this link is unknown" }, { exit: 1 }];
    const project = await Project.create(folder, { source: { discover } });

    const { job } = await project.sync();

    expect(job.attempts[0]!.failures).toMatchObject([
      { origin: "source", message: "source s: destination of this link is unknown" },
    ]);
  });
});
