import { problemText } from "../../protocol/config/problems.ts";
import { Failure } from "../../protocol/errors.ts";
import type { ConnectorConfig } from "../config/config.ts";
import { isCode } from "../connector/failures.ts";
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
