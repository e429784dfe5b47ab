import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, type ProjectSettings, type Step } from "./project.ts";

/** Spelled as no JSON library would: it must come back like this. */
const SHARED = `{"lsn": 9007199254740993, "a":1, "a":1.10}`;
const BLOB = `{"v": 9007199254740993, "x":1.0}`;

const descriptor = (name: string, namespace = "public") =>
  `{"name":"${name}","namespace":"${namespace}"}`;
const part = (name: string, blob: string, namespace?: string) =>
  `{"stream_descriptor":${descriptor(name, namespace)},"stream_state":${blob}}`;
const globalOf = (shared: string, ...parts: string[]) =>
  `{"shared_state":${shared},"stream_states":[${parts.join(",")}]}`;
const GLOBAL = globalOf(SHARED, part("a", BLOB), part("b", BLOB));

/** A source with one state for all streams. */
const sends = (body: string): Step[] => [
  { records: 2, stream: "a" },
  { records: 1, stream: "b" },
  { raw: `{"type":"STATE","state":${body}}\n` },
  { status: "COMPLETE", stream: "a" },
  { status: "COMPLETE", stream: "b" },
];
const global = (object: string) =>
  `{"type":"GLOBAL","global":${object},"sourceStats":{"recordCount":3.0}}`;

const STREAMS = ["a", "b"].map((name) => ({ name, namespace: "public" }));
const resumable = STREAMS.map((stream) => ({ ...stream, is_resumable: true }));
const incremental = (...names: string[]) =>
  names.map((name) => ({ name, sync_mode: "incremental", cursor_field: "updated_at" }));

const settings = (script: readonly Step[], more: ProjectSettings = {}): ProjectSettings => ({
  streams: STREAMS,
  script,
  connection: { prefix: "p_", streams: incremental("a", "b") },
  ...more,
});

const given = (project: Project) => project.given("read").map(({ state }) => state?.trim());
const asInput = (object: string) => `[{"type":"GLOBAL","global":${object}}]`;
/** The same without regard to line breaks between the parts. */
const flat = (text: string | undefined) => text?.replaceAll(",\n", ",");

describe("a source with one state for all streams", () => {
  it.for([
    ["GLOBAL", sends(global(GLOBAL))],
    ["LEGACY", sends(`{"type":"LEGACY","data":{"at":1}}`)],
  ] as const)("has none of them synced alone: %s", async ([, script], { folder }) => {
    const project = await Project.create(folder, settings(script));
    await project.sync();
    const before = project.stateText();

    const { exitCode, stderr } = await project.run("sync", "c", "--stream", "a");

    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      "the source keeps one state for all streams: none can be synced alone (leave --stream out)",
    );
    expect(project.given("read")).toHaveLength(1);
    expect(project.stateText()).toBe(before);
  });

  it.for([false, true])(
    "goes on from it, byte for byte and in its own names (the destination remembers: %s)",
    async (destinationRemembers, { folder }) => {
      const project = await Project.create(
        folder,
        settings(sends(global(GLOBAL)), { destinationRemembers }),
      );

      const { job } = await project.sync();
      await project.sync();

      expect(job.attempts[0]!.streams).toMatchObject([
        { name: "a", status: "complete", emitted: 2, committed: 2 },
        { name: "b", status: "complete", emitted: 1, committed: 1 },
      ]);
      expect(project.delivered().filter((line) => line.includes('"STATE"'))[0]).toBe(
        `{"type":"STATE","state":{"id":1,"type":"GLOBAL","global":${globalOf(
          SHARED,
          `{"stream_descriptor":{"name":"p_a","namespace":null},"stream_state":${BLOB}}`,
          `{"stream_descriptor":{"name":"p_b","namespace":null},"stream_state":${BLOB}}`,
        )},"sourceStats":{"recordCount":3.0}}}`,
      );
      expect(given(project).map(flat)).toEqual([undefined, asInput(GLOBAL)]);
    },
  );

  it("goes on from it under destination-postgres, which keeps it in its own names", async ({
    destination,
    folder,
  }) => {
    const project = await Project.create(folder, settings(sends(global(GLOBAL))));
    const file = join(folder, "syncline.yaml");
    const config = JSON.parse(readFileSync(file, "utf8")) as object;
    const real = { connector: "destination-postgres", config: destination.config };
    await project.write({ ...config, destinations: { d: real } });
    await project.sync();
    // Only the destination knows from here on.
    rmSync(join(folder, ".syncline/state"), { recursive: true });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    expect(given(project).map(flat)).toEqual([undefined, asInput(GLOBAL)]);
    expect(await destination.rows("select count(*) from p_a")).toEqual([["4"]]);
  });

  it("goes on from what the destination committed, when that is newer", async ({ folder }) => {
    const project = await Project.create(
      folder,
      settings(sends(global(GLOBAL)), { destinationRemembers: true }),
    );
    await project.sync();
    const memory = join(folder, "memory.json");
    writeFileSync(memory, readFileSync(memory, "utf8").replaceAll("9007199254740993", "77"));

    await project.sync();

    expect(flat(given(project)[1])).toBe(asInput(GLOBAL.replaceAll("9007199254740993", "77")));
  });

  it("starts anew when the destination has lost it", async ({ folder }) => {
    const project = await Project.create(
      folder,
      settings(sends(global(GLOBAL)), { destinationRemembers: true }),
    );
    await project.sync();
    writeFileSync(join(folder, "memory.json"), "{}");

    await project.sync();

    expect(given(project)).toEqual([undefined, undefined]);
  });

  it(
    "is told only what is left after one stream was cleared, and nothing after all were",
    { timeout: 180_000 },
    async ({ folder }) => {
      const project = await Project.create(
        folder,
        settings(sends(global(GLOBAL)), { destinationRemembers: true }),
      );
      await project.sync();

      const one = await project.run("clear", "c", "--stream", "a", "--yes");
      await project.sync();
      const all = await project.run("clear", "c", "--yes");
      await project.sync();

      expect([one.exitCode, all.exitCode]).toEqual([0, 0]);
      expect(given(project).map(flat)).toEqual([
        undefined,
        asInput(globalOf(SHARED, part("b", BLOB))),
        undefined,
      ]);
    },
  );

  it("reads one stream anew when that is refreshed, and the others go on with it", async ({
    folder,
  }) => {
    const project = await Project.create(
      folder,
      settings(sends(global(GLOBAL)), { destinationRemembers: true }),
    );
    await project.sync();
    await project.configure(
      settings(
        [
          ...sends(global(GLOBAL)).slice(0, 1),
          { raw: `{"type":"STATE","state":${global(GLOBAL).replace("3.0", "2")}}\n` },
          { status: "COMPLETE", stream: "a" },
          { status: "COMPLETE", stream: "b" },
        ],
        { destinationRemembers: true },
      ),
    );

    const { exitCode } = await project.run("refresh", "c", "--stream", "a", "--keep");

    expect(exitCode).toBe(0);
    expect(flat(given(project)[1])).toBe(asInput(globalOf(SHARED, part("b", BLOB))));
    // The state moves on for both: what b would have brought meanwhile would never come.
    const { streams } = JSON.parse(project.given("read")[1]!["catalog"]!) as { streams: unknown[] };
    expect(streams).toHaveLength(2);
    const [before, after] = project.generations();
    expect(after![1]).toEqual(before![1]);
    expect(after![0]![0]).toBeGreaterThan(before![0]![0]);
  });

  it(
    "can be shown, set, cleared, exported and imported",
    { timeout: 180_000 },
    async ({ folder }) => {
      const project = await Project.create(
        folder,
        settings(sends(global(GLOBAL)), { destinationRemembers: true }),
      );
      await project.sync();

      const shown = await project.run("state", "show");
      const json = await project.run("state", "show", "--json");
      const exported = await project.run("state", "export", "c");
      const cleared = await project.run("state", "clear", "c", "--stream", "a", "--yes");
      const left = await project.run("state", "export", "c");
      await project.run("state", "set", "c", `{"mine":1.0}`, "--stream", "a", "--yes");
      const set = await project.run("state", "export", "c");
      writeFileSync(join(folder, "saved.json"), exported.stdout);
      await project.run("state", "clear", "c", "--yes");
      const none = await project.run("state", "export", "c");
      const imported = await project.run("state", "import", "c", "saved.json");
      await project.sync();

      expect(shown.stdout).toContain(`all streams  ${SHARED}`);
      expect(shown.stdout).toContain(
        `public.a  (incremental, cursor updated_at, generation 0)  ${BLOB}`,
      );
      expect(json.stdout).toContain(`"global":${GLOBAL}`);
      expect(flat(exported.stdout.trim())).toBe(asInput(GLOBAL));
      expect(cleared.exitCode).toBe(0);
      expect(flat(left.stdout.trim())).toBe(asInput(globalOf(SHARED, part("b", BLOB))));
      expect(flat(set.stdout.trim())).toBe(
        asInput(globalOf(SHARED, part("b", BLOB), part("a", `{"mine":1.0}`))),
      );
      expect(none.stdout.trim()).toBe("[]");
      expect(imported.exitCode).toBe(0);
      expect(flat(given(project)[1])).toBe(asInput(GLOBAL));
    },
  );

  it.for([false, true])(
    "is not given what it said of a full refresh that is over (the destination remembers: %s)",
    async (destinationRemembers, { folder }) => {
      const streams = [{ name: "a", sync_mode: "full_refresh" }, ...incremental("b")];
      const moved = GLOBAL.replace("9007199254740993", "9007199254740994");
      const dies: Step[] = [{ onAttempt: 0, steps: [{ exit: 1 }] }, ...sends(global(moved))];
      const retry = { max_attempts: 2, first_delay_seconds: 0.01 };
      const connection = { prefix: "p_", streams, retry };
      const more = { streams: resumable, destinationRemembers, connection };
      const project = await Project.create(folder, settings(sends(global(GLOBAL)), more));
      await project.sync();
      // The first attempt brings nothing: what the destination has is still of the job before.
      await project.configure(settings(dies, more));
      const second = await project.sync();
      await project.configure(settings(sends(global(moved)), more));
      await project.sync();

      expect(second.job.attempts).toHaveLength(2);
      const left = (object: string) => asInput(object.replace(`${part("a", BLOB)},`, ""));
      expect(given(project).map(flat)).toEqual([
        undefined,
        left(GLOBAL),
        left(GLOBAL),
        left(moved),
      ]);
    },
  );

  it("is given what it said of one that is to go on", async ({ folder }) => {
    const streams = [
      { name: "a", sync_mode: "full_refresh", destination_sync_mode: "append" },
      ...incremental("b"),
    ];
    const stops: Step[] = [...sends(global(GLOBAL)).slice(0, 3), { exit: 1 }];
    const more = {
      streams: resumable,
      destinationRemembers: true,
      connection: { prefix: "p_", streams },
    };
    const project = await Project.create(folder, settings(stops, more));
    await project.sync();
    await project.configure(settings(sends(global(GLOBAL)), more));
    await project.sync();

    expect(given(project).map(flat)).toEqual([undefined, asInput(GLOBAL)]);
  });

  it("is refused a cursor that its state was not made with", async ({ folder }) => {
    const project = await Project.create(folder, settings(sends(global(GLOBAL))));
    await project.sync();
    const streams = [{ ...incremental("a")[0], cursor_field: "id" }, ...incremental("b")];
    await project.configure(settings(sends(global(GLOBAL)), { connection: { streams } }));

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(2);
    expect(job.attempts[0]!.failures![0]!.message).toContain(
      "stream public.a: its position was taken with cursor updated_at, which is now id",
    );
  });
});

describe("a source with one state for all streams that fails in one of them", () => {
  const FAILS: Step[] = [
    { records: 1, stream: "b" },
    { error: "b is gone", kind: "transient_error", stream: "b" },
    { status: "INCOMPLETE", stream: "b" },
    { records: 2, stream: "a" },
    { raw: `{"type":"STATE","state":${global(GLOBAL)}}\n` },
    { status: "COMPLETE", stream: "a" },
    { exit: 1 },
  ];
  const statuses = (project: Project) =>
    project.delivered().flatMap((line) => /"STATE"|COMPLETE|INCOMPLETE/.exec(line)?.[0] ?? []);

  it("moves on with what it sent of that one, which is not taken back before the end", async ({
    folder,
  }) => {
    const project = await Project.create(folder, settings(sends(global(GLOBAL))));
    await project.sync();
    rmSync(project.out);
    await project.configure(settings(FAILS));

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "complete", committed: 2 },
      { name: "b", status: "incomplete", committed: 1 },
    ]);
    expect(statuses(project)).toEqual(['"STATE"', "INCOMPLETE", "COMPLETE"]);
  });

  it("does so from its second attempt on, when nobody knew its kind in the first", async ({
    folder,
  }) => {
    const retry = { max_attempts: 2, first_delay_seconds: 0.01 };
    const { connection, ...rest } = settings(FAILS);
    const project = await Project.create(folder, {
      ...rest,
      connection: { ...connection, retry },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    const [first, second] = job.attempts;
    expect(first!.failures!.map(({ message }) => message).join()).toContain(
      "a STATE of all streams after it had said INCOMPLETE of public.b",
    );
    expect(first!.streams).toMatchObject([{ status: "incomplete" }, { status: "incomplete" }]);
    expect(second!.streams).toMatchObject([{ status: "complete" }, { status: "incomplete" }]);
    expect(flat(project.stateText())).toContain(GLOBAL);
  });
});

describe("a source of the oldest kind", () => {
  const LEGACY = `{ "cursor": 9007199254740993, "x": 1.0 }`;
  const legacy = sends(`{"data":${LEGACY},"sourceStats":{"recordCount":3}}`);

  it.for([false, true])(
    "gets its blob back as it is (the destination remembers: %s)",
    async (destinationRemembers, { folder }) => {
      const project = await Project.create(folder, settings(legacy, { destinationRemembers }));

      const { exitCode } = await project.sync();
      await project.sync();

      expect(exitCode).toBe(0);
      expect(given(project)).toEqual([undefined, LEGACY]);
    },
  );

  it(
    "can be shown, exported, cleared and imported as a whole only",
    { timeout: 180_000 },
    async ({ folder }) => {
      const project = await Project.create(
        folder,
        settings(legacy, { destinationRemembers: true }),
      );
      await project.sync();

      const shown = await project.run("state", "show");
      const exported = await project.run("state", "export", "c");
      const alone = await project.run("state", "clear", "c", "--stream", "a", "--yes");
      const refreshed = await project.run("refresh", "c", "--stream", "a", "--keep");
      const set = await project.run("state", "set", "c", "{}", "--stream", "a", "--yes");
      await project.run("state", "clear", "c", "--yes");
      await project.sync();
      writeFileSync(join(folder, "saved.json"), exported.stdout);
      await project.run("state", "import", "c", "saved.json", "--yes");
      await project.sync();

      expect(shown.stdout).toContain(`all streams  ${LEGACY}`);
      expect(exported.stdout.trim()).toBe(LEGACY);
      for (const { exitCode, stderr } of [alone, refreshed, set]) {
        expect(exitCode).toBe(2);
        expect(stderr).toContain("the source keeps one state for all streams");
      }
      expect(given(project)).toEqual([undefined, undefined, LEGACY]);
    },
  );

  it("is not held to the cursor of another state after one was imported", async ({ folder }) => {
    const project = await Project.create(folder, settings(legacy));
    await project.sync();
    writeFileSync(join(folder, "saved.json"), LEGACY);
    await project.run("state", "import", "c", "saved.json", "--yes");
    const streams = incremental("a", "b").map((stream) => ({ ...stream, cursor_field: "id" }));
    await project.configure(settings(legacy, { connection: { streams } }));

    expect((await project.sync()).exitCode).toBe(0);
    expect(given(project)[1]).toBe(LEGACY);
  });

  it("may grow into states per stream, and is forgotten once each stream has one", async ({
    folder,
  }) => {
    const project = await Project.create(folder, settings(legacy));
    await project.sync();
    const of = (name: string): Step[] => [
      { records: 1, stream: name },
      { state: { at: name }, stream: name },
      { status: "COMPLETE", stream: name },
    ];
    await project.configure(settings([...of("a"), { exit: 1 }]));
    await project.sync();
    await project.configure(settings([...of("a"), ...of("b")]));

    await project.sync();
    await project.sync();

    expect(given(project).slice(1, 3)).toEqual([LEGACY, LEGACY]);
    expect(given(project)[3]).toContain('"stream_state":{"at":"a"}');
    expect(given(project)[3]).toContain('"stream_state":{"at":"b"}');
  });
});

describe("a source that changes the kind of its state", () => {
  const perStream: Step[] = ["a", "b"].flatMap((stream) => [
    { records: 1, stream },
    { state: { at: 1 }, stream },
    { status: "COMPLETE", stream },
  ]);

  it.for([
    ["to one for all", perStream, sends(global(GLOBAL)), "STREAM"],
    ["to one per stream", sends(global(GLOBAL)), perStream, "GLOBAL"],
  ] as const)(
    "%s is refused with a way out, and nothing is lost",
    async ([, before, after, kept], { folder }) => {
      const project = await Project.create(folder, settings(before));
      await project.sync();
      const state = given(project);
      await project.configure(settings(after));

      const { exitCode, job } = await project.sync();
      await project.run("refresh", "c", "--remove", "--yes");
      const again = await project.sync();

      expect(exitCode).toBe(2);
      expect(job.attempts).toHaveLength(1);
      expect(job.attempts[0]!.failures![0]).toMatchObject({
        code: "state.invalid",
        message: expect.stringContaining(`(${kept})`) as string,
        hint: expect.stringContaining("syncline refresh") as string,
      });
      expect(again.exitCode).toBe(0);
      expect(
        given(project)
          .slice(0, 3)
          .map((text) => text !== undefined),
      ).toEqual([state[0] !== undefined, true, false]);
      expect(given(project)[3]).toBeDefined();
    },
  );
});

describe("generations", () => {
  const generations = (project: Project) =>
    project.given("write").map(({ catalog }) => {
      const { streams } = JSON.parse(catalog!) as { streams: { generation_id: number }[] };
      return streams[0]!.generation_id;
    });

  it("never come twice, also when positions were cleared or the state file is gone", async ({
    folder,
  }) => {
    const project = await Project.create(folder);
    await project.sync();
    await project.run("state", "clear", "c", "--yes");
    await project.sync();
    const [first, second] = generations(project);
    writeFileSync(join(folder, ".syncline/state/c.json"), "garbage");
    await project.run("state", "clear", "c", "--yes");

    await project.sync();

    expect(second).toBeGreaterThan(first!);
    expect(generations(project)[2]).toBeGreaterThan(second!);
  });
});
