import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, WHOLE, type Step } from "./project.ts";

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

const latin1 = (text: string) => Buffer.from(text, "latin1").toString("base64");

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
