import { Command, CommanderError } from "commander";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { asFailure } from "../protocol/errors.ts";
import { EXIT, statusOfFailure } from "./commands/exit-status.ts";
import type { Config } from "./config/config.ts";
import { packageFolder } from "./connector/launch.ts";
import { processConsole, type Console, type OutputOptions } from "./output/console.ts";
import type { Home } from "./store/home.ts";

interface GlobalOptions extends OutputOptions {
  readonly config: string;
  readonly home?: string;
}

/** What every command gets. Files are read when they are asked for. */
export interface Session {
  readonly console: Console;
  readonly configPath: string;
  config(): Promise<Config>;
  home(): Promise<Home>;
}

const EXAMPLES = `
Examples:
  syncline init                       write a commented syncline.yaml
  syncline check                      try every source and destination
  syncline discover shop              what a source offers
  syncline sync                       run every connection once
  syncline sync orders -v             one connection, with the connectors' logs
  syncline logs                       the log of the last job
  syncline demo                       the whole thing on two throw-away PostgreSQL servers

Exit status: 0 done, 1 failed, 2 configuration or usage, 3 some streams failed,
4 another run holds the connection, 130 or 143 stopped by a signal.`;

/** Runs one command line and returns its exit status. Never throws and never exits. */
export async function run(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.done;
  const program = buildProgram((result) => (status = result));
  try {
    await program.parseAsync([...argv], { from: "user" });
    return status;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.config;
    const { code, kind, message, hint } = asFailure(thrown);
    process.stderr.write(`${code}: ${message}${hint ? `\n${hint}` : ""}\n`);
    return statusOfFailure(code, kind);
  }
}

type Action = (
  session: Session,
  args: string[],
  options: Record<string, unknown>,
) => Promise<number>;

function buildProgram(onStatus: (status: number) => void): Command {
  const program = new Command("syncline")
    .exitOverride() // before the commands: they inherit it
    .description("Move data with Airbyte-protocol connectors: no Docker, no JVM, no server.")
    .version(version(), "-V, --version")
    .option("--config <file>", "the configuration", "syncline.yaml")
    .option(
      "--home <folder>",
      "where state, jobs and logs are kept (default: .syncline beside the configuration)",
    )
    .option("--json", "print the answer as JSON")
    .option("--quiet", "errors only")
    .option("-v, --verbose", "show the connectors' logs")
    .showHelpAfterError("`syncline --help` shows all commands")
    .showSuggestionAfterError()
    .addHelpText("after", EXAMPLES);

  const act =
    (action: Action) =>
    async (...values: unknown[]): Promise<void> => {
      const command = values.at(-1) as Command;
      const session = sessionOf(command.optsWithGlobals<GlobalOptions>());
      onStatus(await action(session, command.args, command.opts()));
    };

  program
    .command("init")
    .description("write a commented syncline.yaml to start from")
    .action(act(async (session) => (await import("./commands/init.ts")).initCommand(session)));
  program
    .command("check [connector...]")
    .description("try sources and destinations")
    .action(
      act(async (session, names) =>
        (await import("./commands/check.ts")).checkCommand(session, names),
      ),
    );
  program
    .command("discover [source...]")
    .description("show the streams a source offers")
    .action(
      act(async (session, names) =>
        (await import("./commands/discover.ts")).discoverCommand(session, names),
      ),
    );
  program
    .command("sync [connection...]")
    .description("run connections once: the named ones, or all")
    .option("--accept-changes", "take over schema changes that paused a connection")
    .action(
      act(async (session, names, options) => {
        const { syncCommand } = await import("./commands/sync.ts");
        return syncCommand(session, names, options);
      }),
    );
  program
    .command("demo")
    .description("run the tutorials' syncs on two throw-away PostgreSQL servers")
    .action(act(async () => (await import("./demo/demo.ts")).runDemo()));
  program
    .command("status [connection...]")
    .description("show how each connection stands")
    .action(
      act(async (session, names) =>
        (await import("./commands/status.ts")).statusCommand(session, names),
      ),
    );
  program
    .command("jobs [connection...]")
    .description("list the latest jobs")
    .option("-n, --number <count>", "how many", "20")
    .action(
      act(async (session, names, options) =>
        (await import("./commands/jobs.ts")).jobsCommand(session, names, options),
      ),
    );
  program
    .command("logs [job]")
    .description("print the log of a job: the last one, or the one with this number")
    .option("--attempt <number>", "one attempt only")
    .option("--events", "the events instead, as NDJSON")
    .action(
      act(async (session, args, options) =>
        (await import("./commands/logs.ts")).logsCommand(session, args, options),
      ),
    );
  addStateCommands(program, act);
  const streams = "only this stream; may be given several times";
  program
    .command("clear <connection>")
    .description("empty its tables and forget its positions; nothing is read")
    .option("--stream <name>", streams, collect)
    .action(
      act(async (session, args, options) =>
        (await import("./commands/refresh.ts")).clearCommand(session, args, options),
      ),
    );
  program
    .command("refresh <connection>")
    .description("read everything anew, the old rows stay readable meanwhile")
    .option("--stream <name>", streams, collect)
    .option("--keep", "keep the rows that are there")
    .option("--remove", "replace the rows that are there")
    .action(
      act(async (session, args, options) =>
        (await import("./commands/refresh.ts")).refreshCommand(session, args, options),
      ),
    );
  program
    .command("normalize <connection>")
    .description("make its typed tables anew from the raw ones; nothing is read from the source")
    .option("--stream <name>", streams, collect)
    .action(
      act(async (session, args, options) =>
        (await import("./commands/normalize.ts")).normalizeCommand(session, args, options),
      ),
    );
  return program;
}

function addStateCommands(
  program: Command,
  act: (action: Action) => (...values: unknown[]) => Promise<void>,
): void {
  const state = program.command("state").description("show or change where streams stand");
  const streams = "only this stream; may be given several times";
  state
    .command("show [connection...]")
    .description("print the positions")
    .option("--stream <name>", streams, collect)
    .action(
      act(async (session, args, options) =>
        (await import("./commands/state.ts")).showState(session, args, options),
      ),
    );
  state
    .command("set <connection> <json>")
    .description("set the position of one stream")
    .requiredOption("--stream <name>", "the stream", collect)
    .action(
      act(async (session, args, options) =>
        (await import("./commands/change-state.ts")).setState(session, args, options),
      ),
    );
  state
    .command("clear <connection>")
    .description("forget positions; the tables stay, the next sync reads everything")
    .option("--stream <name>", streams, collect)
    .action(
      act(async (session, args, options) =>
        (await import("./commands/change-state.ts")).clearState(session, args, options),
      ),
    );
  state
    .command("export <connection>")
    .description("print the state as a file for `read --state`")
    .action(
      act(async (session, args) =>
        (await import("./commands/state.ts")).exportState(session, args),
      ),
    );
  state
    .command("import <connection> <file>")
    .description("take over such a file, or a destination's output; - is stdin")
    .action(
      act(async (session, args) =>
        (await import("./commands/change-state.ts")).importState(session, args),
      ),
    );
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function sessionOf(options: GlobalOptions): Session {
  const configPath = options.config;
  const homePath = options.home ?? join(dirname(resolve(configPath)), ".syncline");
  return {
    console: processConsole(options),
    configPath,
    config: async () => (await import("./config/load.ts")).loadConfig(configPath, process.env),
    home: async () => (await import("./store/home.ts")).openHome(resolve(homePath)),
  };
}

function version(): string {
  const text = readFileSync(join(packageFolder(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
