import { runCommandLine, type Command } from "./command-line.ts";
import { checkCommand, notImplemented, specCommand } from "./commands.ts";
import type { ConnectorDefinition, Destination } from "./contract.ts";
import { inputOf } from "./destination/input.ts";
import { readCatalog, readConfig } from "./input-files.ts";
import { runCommand, type HostProcess } from "./lifecycle.ts";

/**
 * The `main` of a destination: runs the command line of `host` and sets its exit status.
 *
 *     await runDestination(definition, process);
 *
 * The commands are `spec`, `check`, `write` and those the spec announces: `state` with
 * `supports_state_command`, `normalize` with `supports_normalize_command`. What they print and how
 * they end is described at `runCommand`.
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
      takes: ["config", "catalog"],
      run: (paths) =>
        runCommand(host, async (context) => {
          const config = await readConfig(definition, paths.config, context.redactWith);
          const catalog = await readCatalog(paths.catalog);
          const destination = await definition.load();
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
  const { supports_state_command: hasState, supports_normalize_command: hasNormalize } =
    definition.spec;
  if (hasState === true)
    commands.push(
      optionalCommand(
        definition,
        host,
        "state",
        "print the states committed together with the data of this connection",
      ),
    );
  if (hasNormalize === true)
    commands.push(
      optionalCommand(
        definition,
        host,
        "normalize",
        "rebuild the typed tables from the raw tables",
      ),
    );
  const examples = examplesOf(definition.name, hasState === true);
  return runCommandLine(definition, host, commands, examples);
}

/** A command that not every destination has. It reads nothing from stdin. */
function optionalCommand<Config>(
  definition: ConnectorDefinition<Destination<Config>>,
  host: HostProcess,
  name: "state" | "normalize",
  description: string,
): Command {
  return {
    name,
    description,
    takes: ["config", "catalog"],
    run: (paths) =>
      runCommand(host, async (context) => {
        const config = await readConfig(definition, paths.config, context.redactWith);
        const catalog = await readCatalog(paths.catalog);
        const destination = await definition.load();
        if (destination[name] === undefined) throw notImplemented(name);
        await destination[name](config as Config, catalog, context);
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
line (Airbyte protocol).
Exit status: 0 everything is committed, 1 failed (a TRACE message says why),
2 wrong use, 141 the reader of stdout went away, 128 + n stopped by signal n.`;
