import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { emptyState, readState, writeState } from "../../orchestrator/store/state-file.ts";
import { it } from "../support/fixtures.ts";
import { commandOf, runExecutable } from "../support/run.ts";
import { Project, WHOLE, type Step } from "./project.ts";

const INCREMENTAL = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];
const BLOB = `{"n": 9007199254740993, "a":1, "a":1.10}`;

function write(path: string, connection = "c"): void {
  const state = emptyState();
  state.streams.set("k", { stream: { name: "users" }, generation: 3, blob: Buffer.from(BLOB) });
  state.streams.set("l", { stream: { name: "l", namespace: "n" }, generation: 0 });
  writeState(path, connection, state);
}

/** @guarantee kept-whole */
describe("the state file", () => {
  it("gives back exactly the bytes it was given, and is valid JSON", ({ folder }) => {
    const path = join(folder, "c.json");
    write(path);

    const [users, other] = readState(path, "c").streams.values();

    expect(users!.blob!.toString()).toBe(BLOB);
    expect(users!.generation).toBe(3);
    expect(other).toEqual({ stream: { name: "l", namespace: "n" }, generation: 0 });
    expect(() => JSON.parse(readFileSync(path, "utf8")) as unknown).not.toThrow();
  });

  it("is refused when it was cut short, at whatever byte", ({ folder }) => {
    const path = join(folder, "c.json");
    write(path);
    const whole = readFileSync(path);

    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(() => readState(path, "c"), `${length} bytes`).toThrow(/state file .*c\.json/);
    }
  });

  it("is refused when any byte of it was changed", ({ folder }) => {
    const path = join(folder, "c.json");
    write(path);
    const whole = readFileSync(path);

    for (let at = whole.indexOf(0x0a) + 1; at < whole.length; at++) {
      const edited = Buffer.from(whole);
      edited[at]! ^= 1;
      writeFileSync(path, edited);
      expect(() => readState(path, "c"), `byte ${at}`).toThrow(/state file/);
    }
  });

  it("is refused when it belongs to another connection or to a newer version", ({ folder }) => {
    const path = join(folder, "c.json");
    write(path, "other");
    expect(() => readState(path, "c")).toThrow(/belongs to connection other/);

    write(path);
    writeFileSync(path, readFileSync(path, "utf8").replace('"version":1', '"version":2'));
    expect(() => readState(path, "c")).toThrow(/newer syncline/);
  });

  it("is readable by its owner only, and keeps the generation before it", ({ folder }) => {
    const path = join(folder, "c.json");
    const before = process.umask(0);
    write(path);
    const first = readFileSync(path, "utf8");
    writeState(path, "c", emptyState());
    process.umask(before);

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}.bak`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${path}.bak`, "utf8")).toBe(first);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("stays as it was when the new one cannot be written", ({ folder }) => {
    const path = join(folder, "c.json");
    write(path);
    // A folder in the place of the backup: no permission stops root, this does.
    const before = readFileSync(path, "utf8");
    chmodSync(folder, 0o700);
    const broken = join(folder, "missing", "c.json");

    expect(() => writeState(broken, "c", emptyState())).toThrow(/cannot be saved/);
    expect(readFileSync(path, "utf8")).toBe(before);
  });
});

describe("a damaged state", () => {
  it("stops the sync with a way out, and clearing it is one", async ({ folder }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });
    await project.sync();
    writeFileSync(join(folder, ".syncline/state/c.json"), "garbage");

    const refused = await project.run("sync");
    const cleared = await project.run("state", "clear", "c", "--yes");
    const again = await project.run("sync");

    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("c.json.bak");
    expect(refused.stderr).toContain("syncline state clear c");
    expect(cleared.exitCode).toBe(0);
    expect(again.exitCode).toBe(0);
    expect(project.given("read")[1]!["state"]).toBeUndefined();
  });
});

describe("state commands", () => {
  it("show, set, export and import positions without touching their bytes", async ({ folder }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });
    await project.sync();

    await project.run("state", "set", "c", BLOB, "--stream", "public.users", "--yes");
    const shown = await project.run("state", "show", "c", "--json");
    const exported = await project.run("state", "export", "c");
    await project.run("state", "clear", "c", "--yes");
    writeFileSync(join(folder, "saved.json"), exported.stdout);
    await project.run("state", "import", "c", "saved.json");
    await project.sync();

    expect(shown.stdout).toContain(`"state":${BLOB}`);
    expect(exported.stdout).toContain(BLOB);
    expect(project.given("read")[1]!["state"]).toContain(BLOB);
  });

  it("import nothing that would only take positions away, and say what they change", async ({
    folder,
  }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });
    await project.sync();
    await project.run("state", "set", "c", BLOB, "--stream", "public.users", "--yes");
    const before = project.stateText();
    const take = (text: string) => {
      writeFileSync(join(folder, "saved.json"), text);
      return project.run("state", "import", "c", "saved.json", "--yes");
    };

    for (const [text, reason] of [
      [before!, "a file of syncline's own"],
      ["{}", "holds no position"],
      ["[]", "holds no position"],
    ] as const) {
      const { exitCode, stderr } = await take(text);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(reason);
      expect(project.stateText()).toBe(before);
    }
    const item = (name: string) =>
      `{"type":"STREAM","stream":{"stream_descriptor":{"name":"${name}"},"stream_state":{"a":1}}}`;
    const strange = await take(`[${item("others")},${item("more")}]`);
    expect(strange.exitCode).toBe(2);
    expect(strange.stderr).toContain(
      "positions of others, more, and of no stream of the connection c",
    );
    expect(strange.stderr).toContain("its streams are public.users");
    expect(project.stateText()).toBe(before);
    const taken = await take(`[${item("users")},${item("others")}]`);

    expect(taken.exitCode).toBe(0);
    expect(taken.stderr).toMatch(/public\.users: .+ → \{"a":1\}/);
    expect(taken.stderr).toContain('others: at its beginning → {"a":1}');
  });

  it.for([["before the first sync"], ["after it"]])(
    "import a position without a namespace as that of the only stream of its name, %s",
    async ([when], { folder }) => {
      const users = { ...INCREMENTAL[0], namespace: "public" };
      const streams = [users, { ...users, namespace: "other" }];
      const project = await Project.create(folder, { streams, connection: { streams: [users] } });
      if (when === "after it") await project.sync();
      const item = `{"stream_descriptor":{"name":"users"},"stream_state":${BLOB}}`;
      for (const text of [
        `[{"type":"STREAM","stream":${item}}]`,
        `[{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[${item}]}}]`,
      ]) {
        writeFileSync(join(folder, "saved.json"), text);

        const taken = await project.run("state", "import", "c", "saved.json", "--yes");
        await project.run("sync");

        expect(taken.exitCode, taken.stderr).toBe(0);
        const state = project.given("read").at(-1)!["state"]!;
        expect(state).toContain(BLOB);
        expect(state).toContain('"namespace":"public"');
      }
    },
  );

  it("import no position that may be of one stream or of another, or two of one", async ({
    folder,
  }) => {
    const users = { ...INCREMENTAL[0], namespace: "public" };
    const streams = [users, { ...users, namespace: "other" }];
    const connection = { streams, namespace: "source" };
    const project = await Project.create(folder, { streams, connection });
    const item = (stream: object) =>
      `{"type":"STREAM","stream":{"stream_descriptor":${JSON.stringify(stream)},"stream_state":${BLOB}}}`;
    const take = (text: string) => {
      writeFileSync(join(folder, "saved.json"), text);
      return project.run("state", "import", "c", "saved.json", "--yes");
    };

    const unclear = await take(`[${item({ name: "users" })}]`);
    await project.configure({ streams, connection: { ...connection, streams: [users] } });
    const twice = await take(
      `[${item({ name: "users" })},${item({ name: "users", namespace: "public" })}]`,
    );

    expect([unclear.exitCode, twice.exitCode]).toEqual([2, 2]);
    expect(unclear.stderr).toContain("of which stream users its position is");
    expect(unclear.stderr).toContain("public.users, other.users");
    expect(twice.stderr).toContain("two positions of public.users");
    expect(project.stateText()).toBeUndefined();
  });

  it("import what a pipe brings, however late it begins", async ({ folder }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });
    await project.sync();
    await project.run("state", "set", "c", BLOB, "--stream", "public.users", "--yes");
    const before = project.stateText();
    const [node, syncline] = commandOf("syncline");
    const command = `"${node}" "${syncline}"`;

    // The second command reads long before two others have written anything.
    const { exitCode, stderr } = await runExecutable(
      "bash",
      [
        "--norc",
        "-c",
        `{ ${command} status >&2; ${command} state export c; } | ${command} state import c - --yes`,
      ],
      { cwd: folder },
    );

    expect(exitCode, stderr).toBe(0);
    expect(project.stateText()).toContain(BLOB);
    expect(project.stateText()).not.toBe(before);
  });

  it("import nothing before the first sync that no stream of the configuration has", async ({
    folder,
  }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });
    const take = (name: string, namespace: string) => {
      const stream = JSON.stringify({ name, namespace });
      const text = `[{"type":"STREAM","stream":{"stream_descriptor":${stream},"stream_state":{"a":1}}}]`;
      writeFileSync(join(folder, "saved.json"), text);
      return project.run("state", "import", "c", "saved.json", "--yes");
    };

    const strange = await take("others", "public");
    const taken = await take("users", "public");

    expect(strange.exitCode).toBe(2);
    expect(strange.stderr).toContain("positions of public.others, and of no stream");
    expect(taken.exitCode).toBe(0);
  });

  it("refuse a position taken with another cursor, and say what to do", async ({ folder }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });
    await project.sync();
    const streams = [{ ...INCREMENTAL[0], cursor_field: "id" }];
    await project.configure({ connection: { streams } });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(2);
    expect(job.attempts[0]!.failures![0]).toMatchObject({
      code: "state.invalid",
      message: expect.stringContaining("cursor updated_at, which is now id") as string,
      hint: expect.stringContaining("syncline refresh c") as string,
    });
  });

  it("say what a changed sync mode does to the position", async ({ folder }) => {
    const project = await Project.create(folder);
    await project.sync();
    await project.configure({ connection: { streams: INCREMENTAL } });
    const first = await project.sync();
    await project.configure({});

    const second = await project.sync();

    expect(first.stderr).toContain(
      "stream public.users: it was synced as full_refresh before; it is read from its beginning",
    );
    expect(second.stderr).toContain("synced as incremental before; its position is forgotten");
    expect(project.given("read").map(({ state }) => state)).toEqual(Array(3).fill(undefined));
  });

  it("never take a full refresh's state for that of an incremental sync", async ({ folder }) => {
    const project = await Project.create(folder, { destinationRemembers: true });
    await project.sync();
    const fails: Step[] = [{ onAttempt: 0, steps: [{ exit: 1 }] }];
    const retry = { max_attempts: 2, first_delay_seconds: 0.01 };
    await project.configure({
      script: [...fails, ...WHOLE],
      connection: { streams: INCREMENTAL, retry },
      destinationRemembers: true,
    });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    expect(project.given("read").map(({ state }) => state)).toEqual(Array(3).fill(undefined));
  });

  it("leave streams alone that are not selected any more", async ({ folder }) => {
    const script: Step[] = ["a", "b"].flatMap((stream) => [
      { records: 1, stream },
      { state: { of: stream }, stream },
      { status: "COMPLETE", stream },
    ]);
    const streams = [{ name: "a" }, { name: "b" }];
    const incremental = (name: string) => ({ ...INCREMENTAL[0], name });
    const project = await Project.create(folder, {
      streams,
      script,
      connection: { streams: [incremental("a"), incremental("b")] },
    });
    await project.sync();
    await project.configure({
      streams,
      script: script.slice(0, 3),
      connection: { streams: [incremental("a")] },
    });

    await project.sync();

    expect(project.stateText()).toContain('{"of":"b"}');
  });
});

describe("generations", () => {
  const generationOf = (project: Project, index: number) => project.generations()[index]![0];

  it("rise with every full refresh, and an overwrite keeps its own only", async ({ folder }) => {
    const project = await Project.create(folder);

    await project.sync();
    await project.sync();

    expect([0, 1].map((index) => generationOf(project, index))).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it("rise with a refresh of an incremental stream, which then starts anew", async ({ folder }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });

    await project.sync();
    await project.run("refresh", "c", "--remove", "--yes");
    await project.sync();
    await project.run("refresh", "c", "--keep");

    expect([0, 1, 2, 3].map((index) => generationOf(project, index))).toEqual([
      [0, 0],
      [1, 1],
      [1, 0],
      [2, 0],
    ]);
    expect(project.given("read").map(({ state }) => state !== undefined)).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it("a refresh that failed is carried on by the next sync", async ({ folder }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });
    await project.sync();
    const script = [{ records: 2 }, { state: { at: 2 } }, { exit: 1 }];
    await project.configure({ script, connection: { streams: INCREMENTAL } });
    await project.run("refresh", "c", "--remove", "--yes");
    await project.configure({ connection: { streams: INCREMENTAL } });

    await project.sync();

    expect(generationOf(project, 2)).toEqual([2, 2]);
    expect(project.given("read")[2]!["state"]).toBeUndefined();
  });

  it.for([
    ["refresh", "--remove"],
    ["refresh", "--keep"],
    ["clear", undefined],
  ] as const)(
    "%s %s is done also when its first attempt fails before it begins",
    async ([command, option], { folder }) => {
      const connection = {
        streams: INCREMENTAL,
        retry: { max_attempts: 2, first_delay_seconds: 0.01 },
      };
      const project = await Project.create(folder, { connection });
      await project.sync();
      const discover = [
        { onAttempt: 0, steps: [{ error: "not yet", kind: "transient_error" }, { exit: 1 }] },
        { catalog: [{ name: "users", namespace: "public" }] },
      ];
      await project.configure({ connection, source: { discover } });

      const { exitCode } = await project.run(command, "c", ...(option ? [option] : []), "--yes");

      expect(exitCode).toBe(0);
      expect(project.given("write")).toHaveLength(2);
      expect(generationOf(project, 1)).toEqual([1, option === "--keep" ? 0 : 1]);
      if (command === "refresh") expect(project.given("read")[1]!["state"]).toBeUndefined();
      else expect(project.stateText()).not.toContain('"state":');
    },
  );

  it("clear sends no record, erases the state and replaces all rows", async ({ folder }) => {
    const project = await Project.create(folder, { connection: { streams: INCREMENTAL } });
    await project.sync();
    const before = project.delivered().length;

    const { exitCode } = await project.run("clear", "c", "--yes");

    expect(exitCode).toBe(0);
    expect(generationOf(project, 1)).toEqual([1, 1]);
    const sent = project.delivered().slice(before);
    expect(sent.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      "STATE",
      "TRACE",
    ]);
    expect(sent[0]).toContain('"stream_state":null');
    expect(project.stateText()).not.toContain('"state":');
  });
});

describe("attempts", () => {
  const FAILS_FIRST: Step[] = [
    { onAttempt: 0, steps: [{ records: 2 }, { state: { at: 2 } }, { exit: 1 }] },
    { onAttempt: 1, steps: WHOLE },
  ];

  it("are repeated from the acknowledged state, each with its own log", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: FAILS_FIRST,
      connection: { streams: INCREMENTAL, retry: { max_attempts: 3, first_delay_seconds: 0.01 } },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(0);
    expect(job.attempts.map(({ status }) => status)).toEqual(["failed", "succeeded"]);
    expect(project.given("read")[1]!["state"]).toContain('{"at":2}');
    expect(project.log(1, 1)).toContain("attempt 1 succeeded");
  });

  it("end at once with a configuration error", async ({ folder }) => {
    const script = [{ error: "wrong password", kind: "config_error" }, { exit: 1 }];
    const retry = { max_attempts: 3, first_delay_seconds: 0.01 };
    const project = await Project.create(folder, { script, connection: { retry } });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(2);
    expect(job.attempts).toHaveLength(1);
  });

  it("end after as many without progress as allowed", async ({ folder }) => {
    const retry = { max_attempts: 3, first_delay_seconds: 0.01 };
    const project = await Project.create(folder, { script: [{ exit: 1 }], connection: { retry } });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts).toHaveLength(3);
  });

  it("stop on SIGTERM with everything read committed and saved", async ({ folder }) => {
    const script = [
      { onTerm: [{ records: 1 }, { state: { at: 4 }, count: 1 }, { exit: 0 }] },
      { records: 3 },
      { state: { at: 3 } },
      { log: "ready", level: "WARN" },
      { wait: true },
    ];
    const project = await Project.create(folder, { script, connection: { streams: INCREMENTAL } });
    const running = project.start("sync");
    await running.errorLine((line) => line.includes("ready"));

    running.kill("SIGTERM");
    const { exitCode } = await running.finished;

    expect(exitCode).toBe(143);
    expect(project.stateText()).toContain('{"at":4}');
    expect(project.delivered().some((line) => line.includes("COMPLETE"))).toBe(false);
    expect(project.leftovers()).toEqual([]);
  });

  it("run one at a time per connection", async ({ folder }) => {
    const script = [{ log: "ready", level: "WARN" }, { wait: true }];
    const project = await Project.create(folder, { script });
    const running = project.start("sync");
    await running.errorLine((line) => line.includes("ready"));

    const second = await project.run("sync");
    running.kill("SIGKILL");
    await running.finished;
    await project.configure({});
    const third = await project.run("sync");

    expect(second.exitCode).toBe(4);
    expect(second.stderr).toContain(`in use by process ${running.pid}`);
    expect(third.exitCode).toBe(0);
  });
});

/** @guarantee no-secrets */
describe("secrets", () => {
  it("reach the connector and no other file or output", async ({ folder }) => {
    const key = 'pa$x"\n%41ß';
    const script = [
      { log: `the key is ${key}` },
      { stderr: `key ${JSON.stringify(key)} ${encodeURIComponent(key)}\n` },
      { error: `bad key ${Buffer.from(key).toString("base64")}` },
      { exit: 1 },
    ];
    const project = await Project.create(folder, {
      script,
      source: { key, received: undefined },
      destination: { received: undefined },
    });

    const { stdout, stderr } = await project.run("sync", "--json", "-v");

    const kept = readdirSync(join(folder, ".syncline"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    const all = [stdout, stderr, ...kept].join("\n");
    expect(all).toContain("the key is **********");
    for (const form of [
      "%41ß",
      "pa$x",
      encodeURIComponent(key),
      Buffer.from(key).toString("base64").slice(0, -2),
    ])
      expect(all).not.toContain(form);
  });
});

describe("rows committed by an attempt that fails", () => {
  const retry = { max_attempts: 3, first_delay_seconds: 0.01 };
  const FAILS: Step[] = [{ records: 3 }, { state: { at: 3 } }, { records: 1 }, { exit: 1 }];
  const attemptsOf = async (folder: string, streams: readonly object[], script = FAILS) => {
    const project = await Project.create(folder, { script, connection: { retry, streams } });
    const { job } = await project.sync();
    return job.attempts.map(({ streams: of }) => of![0]!.committed);
  };

  it.for(["append", "overwrite"])(
    "are no progress of a full refresh that begins from nothing each time: %s",
    async (destination_sync_mode, { folder }) => {
      const streams = [{ name: "users", destination_sync_mode }];

      expect(await attemptsOf(folder, streams)).toEqual([3, 3, 3]);
    },
  );

  it("are none of an incremental stream that stays where it is", async ({ folder }) => {
    expect(await attemptsOf(folder, INCREMENTAL)).toEqual([3, 3, 3, 3]); // the first moved on
  });

  it("are progress of a stream that is left out from then on", async ({ folder }) => {
    const ofB = (steps: Step[]) => steps.map((step) => ({ ...step, stream: "b" }));
    const ofA = WHOLE.map((step) => ({ ...step, stream: "a" }));
    const script: Step[] = [
      { onAttempt: 0, steps: [...ofB([{ status: "INCOMPLETE" }]), ...ofA, { exit: 1 }] },
      ...ofB([{ status: "INCOMPLETE" }]),
      { exit: 1 },
    ];
    const project = await Project.create(folder, {
      streams: [{ name: "a" }, { name: "b" }],
      script,
      connection: { retry },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts).toHaveLength(4);
  });
});
