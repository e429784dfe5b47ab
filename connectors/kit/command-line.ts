import { Command as Commander, CommanderError } from "commander";
import { endureClosedOutput, isReaderGone, unwritableText } from "./closed-output.ts";
import type { ConnectorDefinition } from "./contract.ts";
import { EXIT, type HostProcess } from "./lifecycle.ts";

/** The options a command was given, by long name. Required ones are always there. */
export interface Options {
  readonly config: string;
  readonly catalog: string;
  readonly state?: string;
  readonly from: string;
  readonly exitStatus?: boolean;
  readonly configured?: boolean;
  readonly acknowledged?: boolean;
  readonly follow?: boolean;
}

/** One command of a connector, as its command line shows it. */
export interface Command {
  readonly name: string;
  readonly description: string;
  readonly takes: readonly (keyof Options)[];
  /** Resolves with the exit status. */
  run(options: Options): Promise<number>;
}

const OPTIONS = {
  config: { flag: "--config <file>", text: "the settings, as JSON", isRequired: true },
  catalog: { flag: "--catalog <file>", text: "the configured catalog, as JSON", isRequired: true },
  state: {
    flag: "--state <file>",
    text: "where to go on from; leave out to start",
    isRequired: false,
  },
  from: { flag: "--from <connection>", text: "the name it had before", isRequired: true },
  exitStatus: {
    flag: "--exit-status",
    text: "end with 1 when the answer is FAILED, for shells; without it an answer is no failure",
    isRequired: false,
  },
  configured: {
    flag: "--configured",
    text: "print it as a file for `--catalog` instead: every stream, full_refresh and overwrite",
    isRequired: false,
  },
  acknowledged: {
    flag: "--acknowledged",
    text: "take the states that the destination has committed on stdin, and STOP",
    isRequired: false,
  },
  follow: {
    flag: "--follow",
    text: "go on with what changes, until stopped",
    isRequired: false,
  },
} as const;

/**
 * Parses the command line and runs what it names. Resolves with the exit status and sets it.
 *
 * What was asked for goes to stdout: messages, and the text of `--help` and `--version`, which no
 * program asks for while it expects messages. Mistakes go to stderr, with status 2.
 */
export async function runCommandLine(
  definition: ConnectorDefinition<unknown>,
  host: HostProcess,
  commands: readonly Command[],
  examples: string,
): Promise<number> {
  let status: number = EXIT.done;
  endureClosedOutput(host);
  let isNoted = false;
  const noteFailure = (error?: Error | null) => {
    if (!error || isNoted) return;
    isNoted = true;
    host.exitCode = isReaderGone(error) ? EXIT.readerGone : EXIT.failed;
    if (!isReaderGone(error)) host.stderr.write(`${definition.name}: ${unwritableText(error)}\n`);
  };
  // Before any command: they inherit the settings at the moment they are made.
  const program = new Commander(definition.name)
    .description(definition.description)
    .version(definition.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .showHelpAfterError(`(${definition.name} --help shows how to use it)`)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text, noteFailure),
      writeErr: (text) => host.stderr.write(text),
    })
    .addHelpText("after", `\n${examples}`);
  for (const command of commands) {
    const added = program.command(command.name).description(command.description);
    for (const name of command.takes) {
      const { flag, text, isRequired } = OPTIONS[name];
      if (isRequired) added.requiredOption(flag, `${text} (required)`);
      else added.option(flag, text);
    }
    added.action(async (options: Options) => {
      status = await command.run(options);
    });
  }
  const args = host.argv.slice(2);
  try {
    await program.parseAsync(args.length === 0 ? ["--help"] : args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const advice = adviceFor(error.code, args, definition, commands);
    if (advice !== undefined) host.stderr.write(`${advice}\n`);
    status = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (args.length === 0) status = EXIT.usage;
  host.exitCode = status;
  return status;
}

/** What the parser cannot know of a mistake: that a command is another connector's, or comes too late. */
function adviceFor(
  code: string,
  [first = "", ...rest]: readonly string[],
  { name }: ConnectorDefinition<unknown>,
  commands: readonly Command[],
): string | undefined {
  if (code === "commander.unknownCommand" && /^(?:read|discover|write)$/.test(first))
    return `${first} is a command of ${first === "write" ? "destinations" : "sources"}, and ${name} is none`;
  const late = commands.find((command) => rest.includes(command.name));
  if (code === "commander.unknownOption" && first.startsWith("-") && late !== undefined)
    return `options follow the command: ${name} ${late.name} ${first} …`;
  return undefined;
}
