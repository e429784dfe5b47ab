import type { Command } from "commander";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { buildProgram } from "../../orchestrator/command-line.ts";
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

/** Commands that examples use beside ours. */
const OTHERS = ["jq", "psql", "source-postgres", "destination-postgres"];

/** The command lines of ours that a shell makes of an example. */
function commandLines(example: string, folder: string): string[][] {
  const log = join(folder, "log");
  const script = `
    : > "$LOG"
    syncline() { printf '%s\\0' "$@" >> "$LOG"; printf '\\n\\0' >> "$LOG"; }
    ${OTHERS.map((name) => `${name}() { cat > /dev/null; }`).join("\n")}
    mkdir -p ~/.config/fish/completions
    ${example}
    eval "$(cat ~/.bashrc ~/.zshrc 2>/dev/null; rm -f ~/.bashrc ~/.zshrc)"`;
  execFileSync("bash", ["--norc", "-euo", "pipefail", "-c", script], {
    cwd: folder,
    input: "",
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      LOG: log,
      SHOP_URL: "postgres://a/b",
      WAREHOUSE_URL: "postgres://c/d",
    },
  });
  const lines = readFileSync(log, "utf8").split("\0\n\0").slice(0, -1);
  return lines.map((line) => line.split("\0").filter((word, i) => i > 0 || word !== ""));
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
