import type { Command, Option } from "commander";
import { buildProgram } from "../../orchestrator/command-line.ts";
import { COMMANDS } from "../../orchestrator/commands/all.ts";
import type { Command as Described, CommandGroup } from "../../orchestrator/commands/command.ts";

/** The reference of all commands as Markdown, from what the command line is made of. */
export function commandReference(): string[] {
  const program = buildProgram(async () => {});
  const help = program.createHelp();
  return [
    "What every command has: `--help`, and",
    optionTable(help.visibleOptions(program).filter(({ long }) => long !== "--help")),
    ...sections(program, COMMANDS),
  ];
}

function sections(parent: Command, all: readonly (Described | CommandGroup)[]): string[] {
  return all.flatMap((described) => {
    const command = parent.commands.find((one) => one.name() === described.name)!;
    const usage = command.createHelp().commandUsage(command);
    const heading = `## ${usage.replace(/ (\[options\]|\[command\]|[<[]).*/, "")}`;
    const about = `${described.description[0]!.toUpperCase()}${described.description.slice(1)}.`;
    if ("commands" in described) return [heading, about, ...sections(command, described.commands)];
    const options = command.options.length > 0 ? [optionTable(command.options)] : [];
    return [
      heading,
      about,
      `\`${usage}\``,
      ...options,
      `\`\`\`sh\n${described.examples.join("\n")}\n\`\`\``,
    ];
  });
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map(({ flags, description, defaultValue }) => {
    const standard = typeof defaultValue === "string" ? ` (default: \`${defaultValue}\`)` : "";
    return `| \`${flags}\` | ${description}${standard} |`;
  });
  return ["| option | |", "| --- | --- |", ...rows].join("\n");
}
