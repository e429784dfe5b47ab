import { asFailure, Failure, failureText } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Config, ConnectorConfig } from "../config/config.ts";
import type { Invocation } from "../invocation.ts";
import { escapeControls } from "../escape.ts";
import type { OpenConnector } from "./ask-connectors.ts";
import type { Command } from "./command.ts";
import { EXIT, statusOfFailure } from "./exit-status.ts";

export const check: Command = {
  name: "check",
  arguments: "[name...]",
  description: "try sources and destinations: the named ones, those of a connection, or all",
  examples: ["syncline check", "syncline check warehouse", "syncline check --json | jq .status"],
  run: checkConnectors,
};

/**
 * Asks each connector whether its configuration works, all at the same time; and whether destinations
 * can do what the connections want of them.
 */
async function checkConnectors(invocation: Invocation, names: readonly string[]): Promise<number> {
  const config = await invocation.config();
  const chosen = chooseConnectors(config, names);
  const connections = [...config.connections.values()].filter(
    ({ name }) => names.length === 0 || names.includes(name),
  );
  const { console } = invocation;
  const [{ withConnectors }, { unsupportedModes }] = await Promise.all([
    import("./ask-connectors.ts"),
    import("../sync/streams/destination-modes.ts"),
  ]);
  const ask = async (open: (settings: ConnectorConfig) => Promise<OpenConnector>) => {
    const results = await Promise.all(
      chosen.map(async (settings) => {
        try {
          const { connector, redact } = await open(settings);
          const { status, message = "", failure_type: kind } = await connector.check();
          const spec = await connector.spec();
          const unsupported = connections
            .filter(({ destination }) => destination === settings)
            .flatMap((connection) => unsupportedModes(connection, spec, connector.label));
          const failed = status !== "SUCCEEDED" || unsupported.length > 0;
          return {
            settings,
            failed,
            message: redact([...(message ? [message] : []), ...unsupported].join("; ")),
            // As for a sync: what may pass by itself is no matter of the configuration.
            status: !failed
              ? EXIT.done
              : kind === "transient_error" && unsupported.length === 0
                ? EXIT.failed
                : EXIT.config,
          };
        } catch (error) {
          if ((error as Error).name === "AbortError") throw error; // a stop signal: no answer
          const failure = asFailure(error);
          return {
            settings,
            failed: true,
            message: failureText(failure),
            status: statusOfFailure(failure.code, failure.kind),
          };
        }
      }),
    );
    for (const { settings, failed, message } of results) {
      const { role, name } = settings;
      if (console.json)
        console.print(
          JSON.stringify({
            role,
            name,
            status: failed ? "FAILED" : "SUCCEEDED",
            ...(message && { message }),
          }),
        );
      else if (failed)
        console.note(
          `${role} ${name}: FAILED: ${message.split("\n").map(escapeControls).join("\n")}`,
        );
      else if (!console.quiet) {
        console.print(`${role} ${name}: ok`);
        if (message !== "") console.note(`${role} ${name}: ${escapeControls(message)}`);
      }
    }
    return Math.max(EXIT.done, ...results.map(({ status }) => status));
  };
  return withConnectors(invocation, ask, { shows: ["WARN"] });
}

function chooseConnectors(config: Config, names: readonly string[]): ConnectorConfig[] {
  const all = [...config.sources.values(), ...config.destinations.values()];
  if (names.length === 0) return all;
  return names.flatMap((name) => {
    const connection = config.connections.get(name);
    if (connection) return [connection.source, connection.destination];
    const found = all.filter((connector) => connector.name === name);
    if (found.length > 0) return found;
    const known = [...all.map((connector) => connector.name), ...config.connections.keys()];
    throw new Failure(
      "usage.invalid",
      `no source, destination or connection is called ${name}${didYouMean(name, known)}`,
    );
  });
}
