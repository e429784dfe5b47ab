import { runCommandLine, type Command } from "./command-line.ts";
import { checkCommand, notImplemented, planCommand, specCommand } from "./commands.ts";
import type { ConnectorDefinition, Source } from "./contract.ts";
import { readCatalog, readConfig, readState } from "./input-files.ts";
import { runCommand, type HostProcess } from "./lifecycle.ts";
import { sessionCommand } from "./session.ts";
import { besideFile, configuredFile } from "./source/configured-file.ts";
import { ownedStates } from "./source/owned-states.ts";
import { ReadInput } from "./source/read-input.ts";

/**
 * The `main` of a source: runs the command line of `host` and sets its exit status.
 *
 *     await runSource(definition, process);
 *
 * The commands are `spec`, `check`, `discover`, `read` and, when the spec announces them with
 * `supports_plan_command`, `supports_drop_slot_command` and `supports_session_command`, `plan`, `drop-slot`
 * and `session`; what they print and how they end is described at `runCommand`. `Config` is trusted to be what the spec's schema describes.
 */
export function runSource<Config>(
  definition: ConnectorDefinition<Source<Config>>,
  host: HostProcess,
): Promise<number> {
  const commands: Command[] = [
    specCommand(definition, host),
    checkCommand(definition, host),
    {
      name: "discover",
      description: "print the catalog: the streams there are, with their columns and keys",
      takes: ["config", "configured"],
      run: ({ config: path, configured }) =>
        runCommand(definition.name, host, async (given) => {
          const context = configured ? besideFile(given, host) : given;
          const config = await readConfig(definition, path, context);
          const source = await definition.load();
          const catalog = await source.discover(config as Config, context);
          if (configured) await given.output.lines(configuredFile(catalog));
          else await context.output.message({ type: "CATALOG", catalog });
        }),
    },
    readCommand(definition, host),
  ];
  if (definition.spec.supports_plan_command === true)
    commands.push(planCommand(definition, "source", host));
  if (definition.spec.supports_drop_slot_command === true)
    commands.push(dropSlotCommand(definition, host));
  if (definition.spec.supports_session_command === true)
    commands.push(sessionCommand(definition, host, (inner) => runSource(definition, inner)));
  return runCommandLine(definition, host, commands, examplesOf(definition.name));
}

function readCommand<Config>(
  definition: ConnectorDefinition<Source<Config>>,
  host: HostProcess,
): Command {
  const { supports_acknowledgements: hears, supports_follow: follows } = definition.spec;
  return {
    name: "read",
    description: "print the records of the configured streams, and states to go on from",
    takes: [
      "config",
      "catalog",
      "state",
      ...(hears === true ? (["acknowledged"] as const) : []),
      ...(follows === true ? (["follow"] as const) : []),
    ],
    run: ({ acknowledged, follow, ...paths }) =>
      runCommand(definition.name, host, async (context) => {
        const config = await readConfig(definition, paths.config, context);
        const catalog = await readCatalog(paths.catalog, "source", definition);
        const state = ownedStates(await readState(paths.state, definition, context.log), catalog);
        const source = await definition.load();
        const input = acknowledged === true ? new ReadInput(host.stdin) : undefined;
        try {
          await source.read(config as Config, catalog, state, {
            ...context,
            acknowledged: input?.acknowledged(),
            stop: input?.stop ?? new AbortController().signal,
            follow: follow === true,
          });
        } finally {
          input?.close();
        }
      }),
  };
}

function dropSlotCommand<Config>(
  definition: ConnectorDefinition<Source<Config>>,
  host: HostProcess,
): Command {
  return {
    name: "drop-slot",
    description: "take away what reads have set up at the server to follow its log",
    takes: ["config"],
    run: ({ config: path }) =>
      runCommand(definition.name, host, async (context) => {
        const config = await readConfig(definition, path, context);
        const source = await definition.load();
        if (source.dropSlot === undefined) throw notImplemented("drop-slot");
        await source.dropSlot(config as Config, context);
      }),
  };
}

const examplesOf = (name: string) => `Examples:
  ${name} spec
  ${name} check --config config.json
  ${name} discover --config config.json
  ${name} discover --config config.json --configured > catalog.json
  ${name} read --config config.json --catalog catalog.json > records.ndjson
  ${name} read --config config.json --catalog catalog.json --state state.json |
    destination-postgres write --config destination.json --catalog catalog.json

Messages are printed on stdout, one JSON object per line (Airbyte protocol).
Where stdout is a pipe or a file, errors are lines of stderr, too.
Exit status: 0 done, 1 failed (a TRACE message says why), 2 wrong use,
141 the reader of stdout went away, 128 + n stopped by signal n. check ends with
0 whatever its answer is, unless --exit-status is given: then with 1 for FAILED.`;
