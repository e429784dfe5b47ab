import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { succeeded } from "../support/run.ts";
import { startOnTerminal } from "../support/terminal.ts";
import { Project } from "./project.ts";

const STREAMS = [{ name: "users", sync_mode: "incremental", cursor_field: "id" }];
const CONNECTION = { streams: STREAMS };

/** A project that was synced up to `id` 3. */
async function synced(folder: string): Promise<Project> {
  const project = await Project.create(folder, {
    connection: CONNECTION,
    script: [{ records: 3 }, { state: { id: 3 } }, { status: "COMPLETE" }],
  });
  await project.sync();
  return project;
}

const COMMANDS = [
  ["clear", "c"],
  ["refresh", "c", "--remove"],
  ["state", "clear", "c"],
  ["state", "set", "c", "--stream", "users", "--cursor", "1"],
] as const;

describe("what takes something away", () => {
  it("is not done without --yes where nobody can be asked", async ({ folder }) => {
    const project = await synced(folder);
    const before = project.stateText();

    for (const command of COMMANDS) {
      const { exitCode, stderr } = await project.run(...command);
      expect(exitCode).toBe(2);
      expect(stderr).toContain("needs --yes where there is no terminal to ask on");
    }
    expect(project.stateText()).toBe(before);
    expect(project.given("write")).toHaveLength(1);
  });

  it.for([
    [
      COMMANDS[0],
      /public\.users +users +not known +after id = 3 → at its beginning/,
      /Empty these tables\?/,
    ],
    [
      COMMANDS[1],
      /public\.users +users +not known +after id = 3 → at its beginning/,
      /Replace the rows/,
    ],
    [COMMANDS[2], /public\.users: after id = 3 → at its beginning/, /Forget these positions\?/],
    [COMMANDS[3], /public\.users: after id = 3 → after id = 1/, /Set this position\?/],
  ] as const)(
    "is shown on a terminal, and done after a yes alone: %j",
    async ([command, shown, question], { folder }) => {
      const project = await synced(folder);
      const before = project.stateText();
      const ask = async (key: string) => {
        const terminal = startOnTerminal("syncline", command, { cwd: folder });
        const screen = await terminal.shows((text) => question.test(text));
        terminal.press(key);
        return { shown: screen, ...(await terminal.finished) };
      };

      const no = await ask("n");
      expect(no.shown).toMatch(shown);
      expect(no.exitCode).toBe(130);
      expect(no.screen).toContain("nothing was changed");
      expect(project.stateText()).toBe(before);
      const yes = await ask("y");

      expect(yes.exitCode).toBe(0);
      expect(project.stateText()).not.toBe(before);
    },
  );

  it("is shown to whoever wants errors only, too, and not done after Ctrl-D", async ({
    folder,
  }) => {
    const project = await synced(folder);
    const before = project.stateText();
    const terminal = startOnTerminal("syncline", ["--quiet", ...COMMANDS[0]], { cwd: folder });

    const screen = await terminal.shows((text) => text.includes("Empty these tables?"));
    terminal.press("\x04");
    const { exitCode } = await terminal.finished;

    expect(screen).toMatch(/public\.users +users +not known +after id = 3 → at its beginning/);
    expect(exitCode).toBe(130);
    expect(project.stateText()).toBe(before);
  });

  it("is asked nothing that the connection does not have", async ({ folder }) => {
    const project = await synced(folder);

    for (const command of [
      ["refresh", "c", "--keep", "--stream", "usres"],
      ["refresh", "c", "--remove", "--stream", "usres", "--yes"],
      ["clear", "c", "--stream", "usres", "--yes"],
      ["sync", "c", "--stream", "usres"],
      ["normalize", "c", "--stream", "usres"],
      ["state", "set", "c", "{}", "--stream", "usres", "--yes"],
    ]) {
      const { exitCode, stderr } = await project.run(...command);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/the connection has no stream usres \(there is public\.users|did you/);
    }
    expect((await project.run("jobs", "--json")).stdout.trim().split("\n")).toHaveLength(1);
  });
});

describe("state import", () => {
  const saved = (blob: object) =>
    JSON.stringify([
      {
        type: "STREAM",
        stream: { stream_descriptor: { name: "users", namespace: "public" }, stream_state: blob },
      },
    ]);

  it("replaces positions only after a yes, and shows them", async ({ folder }) => {
    const project = await synced(folder);
    const before = project.stateText();
    writeFileSync(join(folder, "saved.json"), saved({ id: 1 }));

    const unasked = await project.run("state", "import", "c", "saved.json");
    expect(unasked.exitCode).toBe(2);
    expect(unasked.stderr).toContain("state import needs --yes");
    expect(project.stateText()).toBe(before);
    const agreed = await project.run("state", "import", "c", "saved.json", "--yes");

    succeeded(agreed);
    expect(agreed.stderr).toContain("public.users: after id = 3 → after id = 1");
  });

  it("needs no yes where there is no position yet", async ({ folder }) => {
    const project = await Project.create(folder, { connection: CONNECTION });
    writeFileSync(join(folder, "saved.json"), saved({ id: 1 }));

    succeeded(await project.run("state", "import", "c", "saved.json"));
  });

  it("refuses a position that does not fit the stream as the last sync knew it", async ({
    folder,
  }) => {
    const project = await synced(folder);
    const before = project.stateText();
    writeFileSync(join(folder, "saved.json"), saved({ id: "today" }));

    const { exitCode, stderr } = await project.run("state", "import", "c", "saved.json", "--yes");

    expect(exitCode).toBe(2);
    expect(stderr).toContain("id of public.users is of type integer");
    expect(project.stateText()).toBe(before);
  });
});

describe("state set", () => {
  it("writes a cursor in the form the source had it", async ({ folder }) => {
    const project = await synced(folder);

    const set = await project.run(...COMMANDS[3], "--yes");
    await project.sync();

    succeeded(set);
    expect(set.stderr).toContain("public.users: after id = 3 → after id = 1");
    expect(project.given("read").at(-1)!["state"]).toContain('"stream_state":{"id":1}');
  });

  it.for([
    [["--stream", "nobody", "--cursor", "1"], "has no stream nobody"],
    [["--stream", "users", "--cursor", "today"], "id of public.users is of type integer"],
    [["--stream", "users", '{"id":"today"}'], "id of public.users is of type integer"],
    [
      ["--stream", "users", '{"cursor_field":["at"],"cursor":"5"}'],
      "follows at, and the cursor of public.users is id",
    ],
    [["--stream", "users"], "either --cursor or a state"],
  ] as const)("refuses %j, with the reason", async ([args, reason], { folder }) => {
    const project = await synced(folder);
    const before = project.stateText();

    const { exitCode, stderr } = await project.run("state", "set", "c", ...args, "--yes");

    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
    expect(project.stateText()).toBe(before);
  });

  it("refuses a cursor where it is not known how the source writes it", async ({ folder }) => {
    const project = await Project.create(folder, { connection: CONNECTION });

    const { exitCode, stderr } = await project.run(...COMMANDS[3], "--yes");

    expect(exitCode).toBe(2);
    expect(stderr).toContain("it is not known how the source of public.users writes a position");
  });
});
