import type { Redact } from "../../protocol/config/secrets.ts";
import type { ConnectorConfig } from "../config/config.ts";
import { defaultLimits } from "../config/load.ts";
import { Connector, type Surroundings } from "../connector/connector.ts";
import { PrivateFolder, sweepPrivateFolders } from "../connector/private-folder.ts";
import { SpecCache } from "../connector/spec-cache.ts";
import { AttemptLog, type LogLine } from "../store/attempt-log.ts";
import type { Home } from "../store/home.ts";

/** What connectors are asked with outside of a job. */
export interface Asking {
  readonly home: Home;
  /** Ends it: what was asked for throws its reason. */
  readonly signal: AbortSignal;
  /** Gets what connectors and we say, redacted and escaped. */
  readonly onLog?: (line: LogLine) => void;
}

/** A connector that can be asked, and what hides its secrets. */
export interface OpenConnector {
  readonly connector: Connector;
  readonly redact: Redact;
}

/** Lets `work` ask connectors outside of a job; each call of `surroundings` has a log of its own. */
export async function askConnectors<Answer>(
  { home, signal, onLog }: Asking,
  work: (surroundings: () => Surroundings) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  sweepPrivateFolders();
  const folder = new PrivateFolder();
  try {
    return await work(() => ({
      folder,
      limits: defaultLimits(),
      log: new AttemptLog(undefined, onLog),
      specs: new SpecCache(home.path),
      signal,
    }));
  } finally {
    folder.remove();
  }
}

/** The same for single connectors. */
export function withConnectors<Answer>(
  asking: Asking,
  work: (open: (settings: ConnectorConfig) => Promise<OpenConnector>) => Promise<Answer>,
): Promise<Answer> {
  return askConnectors(asking, (surroundings) =>
    work(async (settings) => {
      const connector = new Connector(settings, surroundings());
      return { connector, redact: await connector.hideSecrets() };
    }),
  );
}
