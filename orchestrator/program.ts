import { Command } from "commander";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GlobalOptions, Session } from "./cli.ts";
import { collect, examples, STREAM, type Act, type Action } from "./command-parts.ts";
import { packageFolder } from "./connector/launch.ts";
import { addStateCommands } from "./state-commands.ts";

/** Runs what a command line asks for, with the options that every command takes. */
export type Runner = (
  action: (session: Session) => Promise<number>,
  options: GlobalOptions,
) => Promise<void>;

const EXAMPLES = `
Examples:
  syncline init                       write a commented syncline.yaml
  syncline check                      try every source and destination
  syncline discover shop              what a source offers
  syncline plan                       what a sync would do
  syncline sync                       run every connection once
  syncline sync orders -v             one connection, with the connectors' logs
  syncline logs                       the log of the last job
  syncline demo                       the whole thing on two throw-away PostgreSQL servers

\`syncline help <command>\` has examples of each.

Exit status: 0 done, 1 failed, 2 configuration or usage, 3 some streams failed,
4 another run holds the connection, 130 or 143 stopped by a signal.`;

/** The commands. Each loads its code when it is run. */
export function buildProgram(run: Runner): Command {
  const program = new Command("syncline")
    .exitOverride() // before the commands: they inherit it
    .description("Move data with Airbyte-protocol connectors: no Docker, no JVM, no server.")
    .version(version(), "-V, --version")
    .option("--config <file>", "the configuration", "syncline.yaml")
    .option(
      "--home <folder>",
      "where state, jobs and logs are kept (default: .syncline beside the configuration)",
    )
    .option("--json", "print the answer as JSON, one value per line")
    .option("--quiet", "errors only")
    .option("-v, --verbose", "show the connectors' logs")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("`syncline --help` shows all commands")
    .showSuggestionAfterError()
    .addHelpText("after", EXAMPLES);

  const act =
    (action: Action) =>
    async (...values: unknown[]): Promise<void> => {
      const command = values.at(-1) as Command;
      const options = command.optsWithGlobals<GlobalOptions>();
      await run((session) => action(session, command.args, command.opts()), options);
    };

  program
    .command("init")
    .description("write a commented syncline.yaml to start from")
    .addHelpText("after", examples("syncline init", "syncline --config shop.yaml init"))
    .action(act(async (session) => (await import("./commands/init.ts")).initCommand(session)));
  program
    .command("check [name...]")
    .description("try sources and destinations: the named ones, those of a connection, or all")
    .addHelpText(
      "after",
      examples("syncline check", "syncline check warehouse", "syncline check --json | jq .status"),
    )
    .action(
      act(async (session, names) =>
        (await import("./commands/check.ts")).checkCommand(session, names),
      ),
    );
  program
    .command("discover [source...]")
    .description("show the streams a source offers")
    .addHelpText(
      "after",
      examples(
        "syncline discover shop",
        "syncline discover shop --json | jq '.catalog.streams[].name'",
      ),
    )
    .action(
      act(async (session, names) =>
        (await import("./commands/discover.ts")).discoverCommand(session, names),
      ),
    );
  program
    .command("plan [connection...]")
    .description("show what a sync would do: streams, modes, tables, schema changes, positions")
    .addHelpText(
      "after",
      examples("syncline plan", "syncline plan orders --json | jq '.streams[].destination'"),
    )
    .action(
      act(async (session, names) =>
        (await import("./commands/plan.ts")).planCommand(session, names),
      ),
    );
  program
    .command("sync [connection...]")
    .description("run connections once: the named ones, or all")
    .option("--accept-changes", "take over schema changes that paused a connection")
    .addHelpText(
      "after",
      examples(
        "syncline sync",
        "syncline sync orders customers",
        "syncline sync orders --json | jq '.streams[] | {name, committed}'",
        "syncline sync orders --accept-changes",
      ),
    )
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
    .addHelpText(
      "after",
      examples("syncline status", "syncline status orders --json | jq .last_job.status"),
    )
    .action(
      act(async (session, names) =>
        (await import("./commands/status.ts")).statusCommand(session, names),
      ),
    );
  program
    .command("jobs [connection...]")
    .description("list the latest jobs")
    .option("-n, --number <count>", "how many", "20")
    .addHelpText("after", examples("syncline jobs", "syncline jobs orders -n 3 --json"))
    .action(
      act(async (session, names, options) =>
        (await import("./commands/jobs.ts")).jobsCommand(session, names, options),
      ),
    );
  program
    .command("logs [job]")
    .description("print the log of a job: the last one, or the one with this number")
    .option("--attempt <number>", "one attempt only; the first one is 0")
    .option("--events", "the events instead, as NDJSON; so does --json")
    .addHelpText(
      "after",
      examples(
        "syncline logs",
        "syncline logs 149 --attempt 0",
        "syncline logs --events | jq .event",
      ),
    )
    .action(
      act(async (session, args, options) =>
        (await import("./commands/logs.ts")).logsCommand(session, args, options),
      ),
    );
  addStateCommands(program, act);
  addTableCommands(program, act);
  return program;
}

/** What is done to a connection's tables beside syncing them. */
function addTableCommands(program: Command, act: Act): void {
  program
    .command("clear <connection>")
    .description("empty its tables and forget its positions; nothing is read")
    .option("--stream <name>", STREAM, collect)
    .addHelpText(
      "after",
      examples("syncline clear orders", "syncline clear orders --stream public.items"),
    )
    .action(
      act(async (session, args, options) =>
        (await import("./commands/refresh.ts")).clearCommand(session, args, options),
      ),
    );
  program
    .command("refresh <connection>")
    .description("read everything anew, the old rows stay readable meanwhile")
    .option("--stream <name>", STREAM, collect)
    .option("--keep", "keep the rows that are there")
    .option("--remove", "replace the rows that are there")
    .addHelpText(
      "after",
      examples(
        "syncline refresh orders --remove",
        "syncline refresh orders --stream public.items --keep",
      ),
    )
    .action(
      act(async (session, args, options) =>
        (await import("./commands/refresh.ts")).refreshCommand(session, args, options),
      ),
    );
  program
    .command("normalize <connection>")
    .description("make its typed tables anew from the raw ones; nothing is read from the source")
    .option("--stream <name>", STREAM, collect)
    .addHelpText(
      "after",
      examples("syncline normalize orders", "syncline normalize orders --stream public.items"),
    )
    .action(
      act(async (session, args, options) =>
        (await import("./commands/normalize.ts")).normalizeCommand(session, args, options),
      ),
    );
}

function version(): string {
  const text = readFileSync(join(packageFolder(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
