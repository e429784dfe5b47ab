import type { Command } from "commander";
import { describe, expect } from "vitest";
import { buildProgram } from "../../orchestrator/command-line.ts";
import { commandLines } from "../support/command-lines.ts";
import { it } from "../support/fixtures.ts";
import { runExecutable } from "../support/run.ts";

const program = buildProgram(async () => {});
const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : "";
const COMMANDS = all(program).map((command) => [nameOf(command), command] as const);

/** As it is on a terminal of 80 columns. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return text;
}

describe.for(COMMANDS)("the help of `syncline %s`", ([name, command]) => {
  const help = helpOf(command);

  it("fits a terminal of 80 columns", () => {
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("has examples that a shell takes and that are commands of ours", async ({ folder }) => {
    const [, section = ""] = /Examples:\n((?: {2}.*\n?)+)/.exec(help) ?? [];
    const examples = section.split("\n").filter((line) => line.trim() !== "");
    // Those of the first page have remarks behind them.
    const lines = examples
      .map((line) => (name === "" ? line.replace(/ {3,}.*/, "") : line).trim())
      .flatMap((example) => commandLines(example, folder));

    expect(examples.length).toBeGreaterThan(0);
    expect(lines.length).toBeGreaterThanOrEqual(examples.length);
    for (const line of lines) {
      let ran: string | undefined;
      const other = buildProgram(async (one) => void (ran = one.name)).configureOutput({
        writeErr: () => {},
      });
      await other.parseAsync(line, { from: "user" });
      expect([line, ran]).not.toEqual([line, undefined]);
      if (name !== "") expect(line.join(" ")).toContain(name.split(" ")[0]);
    }
  });
});

describe("help", () => {
  it.for([
    [["help", "nope"], "unknown command nope"],
    [["help", "statsu"], "unknown command statsu (did you mean status?)"],
    [["help", "state", "shw"], "unknown command shw (did you mean show?)"],
    [["state", "help", "shw"], "unknown command shw (did you mean show?)"],
  ] as const)("for what is no command says so: %j", async ([args, said], { folder }) => {
    const { exitCode, stdout, stderr } = await runExecutable("syncline", args, { cwd: folder });

    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
  });

  it.for([
    [["help"]],
    [["help", "state", "set"]],
    [["state", "help"]],
    [["sync", "--help"]],
  ] as const)("is an answer like any other: %j", async ([args], { folder }) => {
    const { exitCode, stdout, stderr } = await runExecutable("syncline", args, { cwd: folder });

    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Examples:");
  });

  it.for([[[]], [["state"]]] as const)(
    "is shown where a command is missing, which is wrong use: %j",
    async ([args], { folder }) => {
      const { exitCode, stdout, stderr } = await runExecutable("syncline", args, { cwd: folder });

      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("Examples:");
    },
  );
});
