import { asFailure, Failure, failureText, type FailureKind } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Config, ConnectionConfig, ConnectorConfig } from "../config/config.ts";
import { unsupportedModes } from "../sync/streams/destination-modes.ts";
import { withConnectors, type Asking, type OpenConnector } from "./asking.ts";

/** Whether a connector can work as it is configured. */
export interface CheckFacts {
  readonly role: "source" | "destination";
  readonly name: string;
  readonly status: "SUCCEEDED" | "FAILED";
  readonly message?: string;
  /** Of one that failed: who has to act. */
  readonly kind?: FailureKind;
}

/**
 * Asks connectors whether their configurations work, all at the same time, and whether destinations can
 * do what their connections want of them.
 *
 * @param names of connectors, or of connections, of which both are asked; empty: all.
 * Throws `usage.invalid` for a name that is neither's.
 */
export function checkFacts(
  asking: Asking,
  config: Config,
  names: readonly string[],
): Promise<CheckFacts[]> {
  const connections = [...config.connections.values()].filter(
    ({ name }) => names.length === 0 || names.includes(name),
  );
  const chosen = chooseConnectors(config, names);
  return withConnectors(asking, (open) =>
    Promise.all(
      chosen.map(async (settings) => {
        const { role, name } = settings;
        try {
          return { role, name, ...(await tried(await open(settings), settings, connections)) };
        } catch (error) {
          asking.signal.throwIfAborted();
          const failure = asFailure(error);
          const message = failureText(failure);
          return { role, name, status: "FAILED" as const, message, kind: failure.kind };
        }
      }),
    ),
  );
}

async function tried(
  { connector, redact }: OpenConnector,
  settings: ConnectorConfig,
  connections: readonly ConnectionConfig[],
): Promise<Pick<CheckFacts, "status" | "message" | "kind">> {
  const { status, message = "", failure_type: kind } = await connector.check();
  const spec = await connector.spec();
  const unsupported = connections
    .filter(({ destination }) => destination === settings)
    .flatMap((connection) => unsupportedModes(connection, spec, connector.label));
  const text = redact([...(message ? [message] : []), ...unsupported].join("; "));
  const said = text === "" ? {} : { message: text };
  if (status === "SUCCEEDED" && unsupported.length === 0) return { status, ...said };
  // As for a sync: what may pass by itself is no matter of the configuration.
  const mayPass = kind === "transient_error" && unsupported.length === 0;
  return { status: "FAILED", ...said, kind: mayPass ? kind : "config_error" };
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
