import { runCommandLine, type Command } from "./command-line.ts";
import { checkCommand, notImplemented, planCommand, specCommand } from "./commands.ts";
import type { ConnectorDefinition, Destination } from "./contract.ts";
import { inputOf } from "./destination/input.ts";
import { readCatalog, readConfig } from "./input-files.ts";
import { runCommand, type CommandContext, type HostProcess } from "./lifecycle.ts";
import { sessionCommand } from "./session.ts";

/**
 * The `main` of a destination: runs the command line of `host` and sets its exit status.
 *
 *     await runDestination(definition, process);
 *
 * The commands are `spec`, `check`, `write` and those the spec announces: `state` with
 * `supports_state_command`, and `normalize`, `adopt`, `move`, `plan` and `session` likewise. What they print and how they
 * end is described at `runCommand`.
 */
export function runDestination<Config>(
  definition: ConnectorDefinition<Destination<Config>>,
  host: HostProcess,
): Promise<number> {
  const commands: Command[] = [
    specCommand(definition, host),
    checkCommand(definition, host),
    {
      name: "write",
      description: "load the records on stdin, and print each state once it is committed",
      takes:
        definition.spec.supports_follow === true
          ? ["config", "catalog", "follow"]
          : ["config", "catalog"],
      run: (paths) =>
        runCommand(definition.name, host, async (given) => {
          const context = paths.follow === true ? committingAtOnce(given) : given;
          const config = await readConfig(definition, paths.config, context);
          const catalog = await readCatalog(paths.catalog, "destination", definition);
          const destination = await definition.load();
          if ((host.stdin as { isTTY?: boolean }).isTTY === true)
            host.stderr.write(`${definition.name}: ${WAITS}\n`);
          try {
            const input = inputOf(host.stdin, context.signal, context.limits.chunkBytes);
            await destination.write(config as Config, catalog, input, context);
          } finally {
            // Input nobody reads would keep this process alive, and its writer waiting.
            host.stdin.destroy();
          }
        }),
    },
  ];
  const { spec } = definition;
  const hasState = spec.supports_state_command === true;
  if (hasState) commands.push(optionalCommand(definition, host, "state"));
  if (spec.supports_normalize_command === true)
    commands.push(optionalCommand(definition, host, "normalize"));
  if (spec.supports_adopt_command === true)
    commands.push(optionalCommand(definition, host, "adopt"));
  if (spec.supports_move_command === true) commands.push(moveCommand(definition, host));
  if (spec.supports_plan_command === true)
    commands.push(planCommand(definition, "destination", host));
  if (spec.supports_session_command === true)
    commands.push(sessionCommand(definition, host, (inner) => runDestination(definition, inner)));
  const examples = examplesOf(definition.name, hasState);
  return runCommandLine(definition, host, commands, examples);
}

/** Of what follows somebody waits for each change: a STATE does not wait for more to be committed with. */
const committingAtOnce = (context: CommandContext): CommandContext => ({
  ...context,
  limits: { ...context.limits, commitMs: 0 },
});

const WAITS =
  "waiting for messages on stdin, which is a terminal; `source read … | destination write …` gives it those of a source (Ctrl-D ends them)";

const DESCRIPTIONS = {
  state: "print the states committed together with the data of this connection",
  normalize: "rebuild the typed tables from the raw tables",
  adopt: "make the tables of the streams this connection's, whoever wrote them before",
} as const;

/** A command about streams that not every destination has. It reads nothing from stdin. */
function optionalCommand<Config>(
  definition: ConnectorDefinition<Destination<Config>>,
  host: HostProcess,
  name: keyof typeof DESCRIPTIONS,
): Command {
  return {
    name,
    description: DESCRIPTIONS[name],
    takes: ["config", "catalog"],
    run: (paths) =>
      runCommand(definition.name, host, async (context) => {
        const config = await readConfig(definition, paths.config, context);
        const catalog = await readCatalog(paths.catalog, "destination", definition);
        const destination = await definition.load();
        if (destination[name] === undefined) throw notImplemented(name);
        await destination[name](config as Config, catalog, context);
      }),
  };
}

function moveCommand<Config>(
  definition: ConnectorDefinition<Destination<Config>>,
  host: HostProcess,
): Command {
  return {
    name: "move",
    description: "hand what a connection has over to this one, which it was renamed to",
    takes: ["config", "from"],
    run: (options) =>
      runCommand(definition.name, host, async (context) => {
        const config = await readConfig(definition, options.config, context);
        const destination = await definition.load();
        if (destination.move === undefined) throw notImplemented("move");
        await destination.move(config as Config, options.from, context);
      }),
  };
}

const examplesOf = (name: string, hasState: boolean) => `Examples:
  ${name} spec
  ${name} check --config config.json
  source-postgres read --config source.json --catalog catalog.json |
    ${name} write --config config.json --catalog catalog.json > states.ndjson
${hasState ? `  SYNCLINE_CONNECTION_ID=shop ${name} state --config config.json --catalog catalog.json\n` : ""}
Records are read from stdin, messages are printed on stdout, one JSON object per
line (Airbyte protocol). Where stdout is a pipe or a file, errors are lines of
stderr, too.
Exit status: 0 everything is committed, 1 failed (a TRACE message says why),
2 wrong use, 141 the reader of stdout went away, 128 + n stopped by signal n.
check ends with 0 whatever its answer is, unless --exit-status is given: then
with 1 for FAILED.`;
