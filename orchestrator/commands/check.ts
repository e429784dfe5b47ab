import { asFailure, Failure } from "../../protocol/errors.ts";
import type { Session } from "../cli.ts";
import type { Config, ConnectorConfig } from "../config/config.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import { escapeControls } from "../output/escape.ts";
import { EXIT, statusOfFailure } from "./exit-status.ts";
import { withConnectors } from "./with-connectors.ts";

/** Asks each connector whether its configuration works, all at the same time. */
export async function checkCommand(session: Session, names: readonly string[]): Promise<number> {
  const config = await session.config();
  const chosen = chooseConnectors(config, names);
  const { console } = session;
  return withConnectors(session, async (open) => {
    const results = await Promise.all(
      chosen.map(async (settings) => {
        try {
          const { connector, redact } = await open(settings);
          const { status, message } = await connector.check();
          const failed = status !== "SUCCEEDED";
          return {
            settings,
            failed,
            message: redact(message ?? ""),
            status: failed ? EXIT.config : EXIT.done,
          };
        } catch (error) {
          if ((error as Error).name === "AbortError") throw error; // a stop signal: no answer
          const { code, kind, message, hint } = asFailure(error);
          const text = `${code}: ${message}${hint ? ` (${hint})` : ""}`;
          return { settings, failed: true, message: text, status: statusOfFailure(code, kind) };
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
      else if (failed) console.note(`${role} ${name}: FAILED: ${escapeControls(message)}`);
      else if (!console.quiet) console.print(`${role} ${name}: ok`);
    }
    return Math.max(EXIT.done, ...results.map(({ status }) => status));
  });
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
