import type { Command } from "commander";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it as test } from "vitest";
import { buildProgram } from "../../orchestrator/command-line.ts";
import { it } from "../support/fixtures.ts";
import { commandOf, runExecutable } from "../support/run.ts";
import { Project, WHOLE } from "./project.ts";

const program = buildProgram(async () => {});
const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : "";

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe("the help", () => {
  test.for(leaves(program).map((command) => [nameOf(command), command] as const))(
    "of `syncline %s` says what it does, has examples of it, and the options of all commands",
    ([name, command]) => {
      const help = helpOf(command);

      expect(command.description()).not.toBe("");
      expect(help).toMatch(new RegExp(`Examples:\\n(  .*\\n)*  syncline .*${name}`));
      expect(help).toContain("--config <file>");
      expect(help).toContain("--json");
    },
  );
});

const INCREMENTAL = [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }];

describe("--json", () => {
  it(
    "makes stdout of every command JSON, one value per line, without any color",
    { timeout: 180_000 },
    async ({ folder }) => {
      const project = await Project.create(folder, {
        connection: { streams: INCREMENTAL },
        destinationNormalizes: true,
      });
      const commands = [
        ["check"],
        ["discover"],
        ["plan"],
        ["sync"],
        ["status"],
        ["jobs"],
        ["logs"],
        ["state", "show"],
        ["state", "export", "c"],
        ["state", "set", "c", "{}", "--stream", "public.users", "--yes"],
        ["state", "import", "c", "saved.json", "--yes"],
        ["state", "clear", "c", "--yes"],
        ["normalize", "c"],
        ["refresh", "c", "--keep"],
        ["clear", "c", "--yes"],
        ["--config", "other.yaml", "init"],
      ];
      const state = `{"stream_descriptor":{"name":"users","namespace":"public"},"stream_state":{"a":1}}`;
      writeFileSync(join(folder, "saved.json"), `[{"type":"STREAM","stream":${state}}]`);

      for (const command of commands) {
        const { exitCode, stdout } = await project.run(...command, "--json");

        expect([command, exitCode]).toEqual([command, 0]);
        expect(stdout).not.toBe("");
        for (const line of stdout.trim().split("\n"))
          expect(() => JSON.parse(line) as unknown, `${command.join(" ")}: ${line}`).not.toThrow();
        expect(stdout).not.toContain("\u001b");
      }
    },
  );

  it.for([
    [["sync", "nobody"], "usage.invalid"],
    [["state", "set", "c", "no json", "--stream", "users", "--yes"], "usage.invalid"],
    [["refresh", "c"], "usage.invalid"],
    [["logs", "7"], "usage.invalid"],
    [["--config", "nowhere.yaml", "check"], "config.unreadable"],
  ] as const)("says of %j why it failed", async ([command, code], { folder }) => {
    const project = await Project.create(folder);

    const { exitCode, stdout } = await project.run(...command, "--json");

    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ failure: { code, kind: "config_error" } });
  });
});

describe("a mistake on the command line", () => {
  it.for([
    [["spec"], "run `source-postgres spec`"],
    [["read", "--config", "x.json"], "run `source-postgres read`"],
    [["write"], "run `destination-postgres write`"],
    [["--config", "-", "plan"], "--config takes the name of a file"],
    [["--home", "", "plan"], "--home takes a folder"],
    [["synk"], "(Did you mean sync?)"],
  ] as const)("is answered with what to do: %j", async ([args, said], { folder }) => {
    const { exitCode, stdout, stderr } = await runExecutable("syncline", args, { cwd: folder });

    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
  });

  it("is told once, as JSON where that was asked for", async ({ folder }) => {
    const project = await Project.create(folder);

    expect((await project.run("sync", "nobody", "--json")).stderr).toBe("");
    expect((await project.run("sync", "nobody")).stdout).toBe("");
  });

  it("is no reason to crash where nobody reads the help to its end", async ({ folder }) => {
    const [node, script] = commandOf("syncline");
    const pipe = `'${node}' '${script}' --help | true`;
    const { stderr } = await runExecutable("sh", ["-c", pipe], { cwd: folder });

    expect(stderr).toBe("");
  });

  it("shows in the help which options are required", async ({ folder }) => {
    const { stdout } = await runExecutable("syncline", ["state", "set", "--help"], { cwd: folder });
    const read = await runExecutable("source-postgres", ["read", "--help"]);

    expect(stdout).toMatch(/--stream <name> .*\(required\)/);
    expect(read.stdout).toMatch(/--catalog <file> .*\(required\)/);
  });
});

describe("a wrong setting of a connector", () => {
  it("is shown with its line and column, whichever command finds it", async ({ folder }) => {
    const config = `sources:
  s:
    connector: source-postgres
    config:
      host: localhost
      database: d
      username: u
      password: 12345
      ssl_mode: require
destinations:
  d: { command: [node, nothing.mjs] }
connections: { c: { source: s, destination: d } }
`;
    writeFileSync(join(folder, "syncline.yaml"), config);

    for (const command of ["check", "discover"]) {
      const args = [command, "s"];
      const { exitCode, stderr } = await runExecutable("syncline", args, { cwd: folder });
      expect([command, exitCode]).toEqual([command, 2]);
      expect(stderr).toContain(
        "\nsyncline.yaml:8:17 sources.s.config.password: expected a string (put it in quotes)\n",
      );
      expect(stderr).toContain(
        'syncline.yaml:9:17 sources.s.config.ssl_mode: write { "mode": "require" }',
      );
    }
  });
});

describe("a server that cannot be reached", () => {
  it("gives `check` and `sync` the same status: no setting need be wrong", async ({ folder }) => {
    const config = "config: { host: 127.0.0.1, port: 1, database: d, username: u }";
    const text = `sources:
  s: { connector: source-postgres, ${config} }
destinations:
  d: { connector: destination-postgres, ${config} }
connections: { c: { source: s, destination: d, retry: { max_attempts: 1 } } }
`;
    writeFileSync(join(folder, "syncline.yaml"), text);

    for (const command of ["check", "sync"])
      expect((await runExecutable("syncline", [command], { cwd: folder })).exitCode).toBe(1);
  });
});

describe("a command", () => {
  it("shows no progress where there is no terminal, and nothing at all with --quiet", async ({
    folder,
  }) => {
    const script = [{ records: 1 }, { pause: 500 }, { records: 1 }, ...WHOLE.slice(1)];
    const project = await Project.create(folder, { script });

    const plain = await project.run("sync");
    const quiet = await project.run("sync", "--quiet");

    expect(plain.stderr).toBe("");
    expect(plain.stdout).toContain("job 1 succeeded");
    expect([quiet.stdout, quiet.stderr]).toEqual(["", ""]);
  });

  it("names the attempts there are when asked for another one's log", async ({ folder }) => {
    const project = await Project.create(folder);
    await project.sync();

    const { exitCode, stderr } = await project.run("logs", "1", "--attempt", "5");

    expect(exitCode).toBe(2);
    expect(stderr).toContain("job 1 has no attempt 5; its attempts are 0 to 0");
  });

  it("that asks a connector is stopped by a signal, with that signal's status", async ({
    folder,
  }) => {
    const project = await Project.create(folder, {
      source: { check: [{ log: "asked", level: "WARN" }, { wait: true }] },
    });
    const running = project.start("check", "s", "-v");
    await running.errorLine((line) => line.includes("asked"));

    running.kill("SIGTERM");

    expect((await running.finished).exitCode).toBe(143);
  });
});

it("ends with the words of a fault of its own, and not with its whole program", async ({
  folder,
}) => {
  const preload = join(folder, "fault.cjs");
  writeFileSync(preload, "setTimeout(() => { throw new Error('out of order\\x1b[2J') }, 1000)");
  const env = { NODE_OPTIONS: `--require=${preload}` };
  const { exitCode, stderr } = await runExecutable("syncline", ["--version"], { env });

  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^internal\.bug: Error: out of order\\x1b\[2J\n {4}at /);
});

it("says that its answer cannot be written, and ends with 1, as on a full disk", async ({
  folder,
}) => {
  const [program, ...words] = commandOf("syncline");
  const script = '"$0" "$@" > /dev/full';
  const args = ["--norc", "-c", script, program!, ...words, "--help"];
  const { exitCode, stderr } = await runExecutable("bash", args, { cwd: folder });

  expect(exitCode).toBe(1);
  expect(stderr).toBe("the output cannot be written: the disk is full (ENOSPC)\n");
});
