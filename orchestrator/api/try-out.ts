import type { Catalog } from "../../protocol/catalog.ts";
import { problemText } from "../../protocol/config/problems.ts";
import { Failure } from "../../protocol/errors.ts";
import type { TraceEstimate } from "../../protocol/messages.ts";
import type { ConnectorConfig } from "../config/config.ts";
import { isCode } from "../connector/failures.ts";
import { bothEnded } from "../connector/both-ended.ts";
import type { Login } from "../libpq/login.ts";
import type { OpenConnector } from "./asking.ts";

/** Throws what a destination has against its settings, under its own code or as `config.invalid`. */
export async function tryOut({ connector, redact }: OpenConnector): Promise<void> {
  const result = await connector.check();
  if (result.status === "SUCCEEDED") return;
  const { message = "it says that its connection FAILED", failure_code: code = "" } = result;
  throw new Failure(
    isCode(code) ? code : "config.invalid",
    `${connector.label}: ${redact(message)}`,
    { origin: "destination" },
  );
}

/**
 * Asks a source for its tables while a destination is tried; `onEstimate` gets how large they are. Throws
 * what either reports.
 */
export async function tryEnds(
  open: (settings: ConnectorConfig) => Promise<OpenConnector>,
  {
    source,
    destination,
  }: { readonly source: ConnectorConfig; readonly destination: ConnectorConfig },
  onEstimate?: (estimate: TraceEstimate) => void,
): Promise<Catalog> {
  const ask = async () => (await open(source)).connector.discover(onEstimate);
  const [found] = await bothEnded(ask(), open(destination).then(tryOut));
  return found;
}

/** Our connector for a database that is in no configuration. */
export function connectorAt(role: "source" | "destination", login: Login): ConnectorConfig {
  return {
    name: login.database,
    role,
    program: { kind: "built-in", name: `${role}-postgres` },
    config: { ...login },
    env: {},
    interpolated: new Set(),
    locate: problemText,
  };
}
