import { Command as Commander, CommanderError } from "commander";
import { asFailure, Failure } from "../protocol/errors.ts";
import { didYouMean } from "../protocol/nearest-name.ts";
import { COMMANDS } from "./commands/all.ts";
import type { Command, CommandGroup } from "./commands/command.ts";
import { refuseConnectorCommand } from "./commands/of-connectors.ts";
import { EXIT, statusOfFailure } from "./output/exit-status.ts";
import { ASK } from "./completion/scripts.ts";
import { escapeControls } from "./escape.ts";
import { Invocation, type GlobalOptions } from "./invocation.ts";
import { failureFacts } from "./output/console.ts";
import { packageVersion } from "./version.ts";

const DESCRIPTION = "Move data with Airbyte-protocol connectors: no Docker, no JVM, no server.";

const EXAMPLES = `
Examples:
  syncline init                       write a commented syncline.yaml
  syncline check                      try every source and destination
  syncline discover shop              what a source offers
  syncline plan                       what a sync would do
  syncline sync                       run every connection once
  syncline sync orders -v             one connection, with the connectors' logs
  syncline logs                       the log of the last job
  syncline demo                       all of it on two throw-away servers

\`syncline help <command>\` has examples of each.

Exit status: 0 done, 1 failed, 2 configuration or usage, 3 some streams failed,
4 another run holds the connection, 128 + n stopped by signal n.`;

/** Runs one command line and returns its exit status. Never throws and never exits. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.done;
  const program = buildProgram(async (command, args, options, global) => {
    status = await command.run(new Invocation(global), args, options);
  });
  if (argv[0] === ASK) {
    const { complete } = await import("./completion/complete.ts");
    for (const line of complete(program, argv.slice(1))) process.stdout.write(`${line}\n`);
    return EXIT.done;
  }
  try {
    const { operands } = program.parseOptions([...argv]);
    refuseConnectorCommand(operands[0]);
    refuseUnknownTopic(program, operands);
    await program.parseAsync([...argv], { from: "user" });
    return status;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.config;
    const failure = asFailure(thrown);
    const { code, kind, message, hint } = failure;
    // Where the answer is JSON, it is the only one: on a terminal, two would be one too many.
    if (program.opts<GlobalOptions>().json)
      process.stdout.write(`${JSON.stringify({ failure: failureFacts(failure) })}\n`);
    else
      for (const line of [...`${code}: ${message}`.split("\n"), ...(hint ? [hint] : [])])
        process.stderr.write(`${escapeControls(line)}\n`);
    return statusOfFailure(code, kind);
  }
}

/** Throws `usage.invalid` for `help nope`, of which commander would show the help of everything. */
function refuseUnknownTopic(program: Commander, operands: readonly string[]): void {
  let at = program;
  let isTopic = false;
  for (const word of operands) {
    const inner = at.commands.find((one) => one.name() === word);
    if (inner) at = inner;
    else if (word === "help" && at.commands.length > 0) isTopic = true;
    else if (!isTopic || at.commands.length === 0) return;
    else {
      const known = at.commands.map((one) => one.name());
      throw new Failure("usage.invalid", `unknown command ${word}${didYouMean(word, known)}`, {
        hint: "`syncline --help` shows all commands",
      });
    }
  }
}

/** Runs a command with its own arguments and options, and those of all commands. */
export type Run = (
  command: Command,
  args: readonly string[],
  options: object,
  global: GlobalOptions,
) => Promise<void>;

/** The command line, with a command for each of `COMMANDS`. */
export function buildProgram(run: Run): Commander {
  const program = new Commander("syncline")
    .exitOverride() // before the commands: they inherit it
    .description(DESCRIPTION)
    .version(packageVersion(), "-V, --version")
    .option("--config <file>", "the configuration", "syncline.yaml")
    .option(
      "--home <folder>",
      "where state, jobs and logs are kept (default: .syncline beside the configuration)",
    )
    .option("--json", "print the answer as JSON, one value per line")
    .option("--quiet", "errors only")
    .option("-v, --verbose", "show the connectors' logs")
    .option(
      "--show-server-messages",
      "repeat all that databases say in their errors, in output, logs and job records: it may quote rows",
    )
    // Without `[options]` behind nearly each, so that there is room for what they do.
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => `${command.name()} ${argumentsOf(command)}`.trim(),
    })
    .showHelpAfterError("`syncline --help` shows all commands")
    .showSuggestionAfterError()
    .addHelpText("after", EXAMPLES);
  for (const command of COMMANDS) add(program, command, run);
  return program;
}

function add(parent: Commander, described: Command | CommandGroup, run: Run): void {
  const { name, description, examples } = described;
  const commander = parent
    .command(name)
    .description(description)
    .addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
  if ("commands" in described) {
    for (const command of described.commands) add(commander, command, run);
    return;
  }
  if (described.arguments !== undefined) commander.arguments(described.arguments);
  if (described.note !== undefined) commander.addHelpText("after", `\n${described.note}`);
  for (const option of described.options ?? []) {
    const needed = option.isRequired ? " (required)" : "";
    const made = commander.createOption(option.flags, option.description + needed);
    if (option.default !== undefined) made.default(option.default);
    if (option.isRepeatable) made.argParser(collect);
    commander.addOption(made.makeOptionMandatory(option.isRequired ?? false));
  }
  commander.action(() =>
    run(described, commander.args, commander.opts(), commander.optsWithGlobals()),
  );
}

function argumentsOf(command: Commander): string {
  return command.usage().replace(/^\[options\] ?/, "");
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
