import { asFailure, Failure } from "../../protocol/errors.ts";
import type { Command } from "./command-line.ts";
import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { CheckResult, ConnectorDefinition, Context, Plan, WriteContext } from "./contract.ts";
import { readCatalog, readConfig } from "./input-files.ts";
import { EXIT, runCommand, type CommandContext, type HostProcess } from "./lifecycle.ts";
import { sentenceOf } from "./trace.ts";

/** What every connector can do. */
interface Checkable {
  check(config: never, context: WriteContext): Promise<CheckResult>;
}

/** `spec`: prints the specification. Loads nothing. */
export function specCommand(definition: ConnectorDefinition<unknown>, host: HostProcess): Command {
  return {
    name: "spec",
    description: "print the specification: which settings there are, what it can do",
    takes: [],
    run: () =>
      runCommand(definition.name, host, ({ output }) =>
        output.message({ type: "SPEC", spec: definition.spec }),
      ),
  };
}

/**
 * `check`: prints whether the config works. A config that does not is an answer and not a failure of
 * the command, so the exit status is 0, as Airbyte has it, unless `--exit-status` asks for another; a
 * failure of any other kind is one.
 */
export function checkCommand(
  definition: ConnectorDefinition<Checkable>,
  host: HostProcess,
): Command {
  return {
    name: "check",
    description: "try the settings out and print whether they work",
    takes: ["config", "exitStatus"],
    run: ({ config, exitStatus }) =>
      runCommand(definition.name, host, async (context) => {
        const result = await checkResult(definition, config, context);
        await context.output.message({ type: "CONNECTION_STATUS", connectionStatus: result });
        return exitStatus === true && result.status === "FAILED" ? EXIT.failed : EXIT.done;
      }),
  };
}

async function checkResult(
  definition: ConnectorDefinition<Checkable>,
  path: string,
  context: CommandContext,
): Promise<CheckResult> {
  try {
    const config = await readConfig(definition, path, context);
    const connector = await definition.load();
    return await connector.check(config as never, context);
  } catch (error) {
    const failure = asFailure(error);
    if (failure.kind === "system_error" || context.signal.aborted) throw failure;
    const passes = failure.kind === "transient_error" && { failure_type: failure.kind };
    const { code } = failure;
    return { status: "FAILED", message: sentenceOf(failure), failure_code: code, ...passes };
  }
}

/** What some connectors can do. */
interface Plannable {
  plan?(config: never, catalog: ConfiguredCatalog, context: Context): Promise<Plan>;
}

/** `plan`: prints what `read` or `write` would do. */
export function planCommand(
  definition: ConnectorDefinition<Plannable>,
  role: "source" | "destination",
  host: HostProcess,
): Command {
  return {
    name: "plan",
    description: `print what ${role === "source" ? "read" : "write"} would do, and do nothing`,
    takes: ["config", "catalog"],
    run: (paths) =>
      runCommand(definition.name, host, async (context) => {
        const config = await readConfig(definition, paths.config, context);
        const catalog = await readCatalog(paths.catalog, role, definition);
        const connector = await definition.load();
        if (connector.plan === undefined) throw notImplemented("plan");
        const plan = await connector.plan(config as never, catalog, context);
        await context.output.message({ type: "PLAN", plan });
      }),
  };
}

/** The failure for a definition that promises what its implementation lacks. */
export function notImplemented(command: string): Failure {
  return new Failure("internal.bug", `the connector announces "${command}" but does not have it`);
}
