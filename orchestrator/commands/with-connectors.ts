import type { Session } from "../cli.ts";
import type { ConnectorConfig, TimeLimits } from "../config/config.ts";
import { Connector } from "../connector/connector.ts";
import { PrivateFolder, sweepPrivateFolders } from "../connector/private-folder.ts";
import { SpecCache } from "../connector/spec-cache.ts";
import type { Redact } from "../output/redact.ts";
import { AttemptLog } from "../store/attempt-log.ts";
import { onStopSignals } from "./stop-signals.ts";

const LIMITS: TimeLimits = {
  startSeconds: 60,
  sourceSilenceSeconds: 7200,
  destinationSilenceSeconds: 7200,
  stopSeconds: 10,
};

export interface OpenConnector {
  readonly connector: Connector;
  readonly redact: Redact;
}

/** Lets `work` ask connectors outside of a job; their logs go to stderr with `--verbose`. */
export async function withConnectors(
  session: Session,
  work: (open: (settings: ConnectorConfig) => Promise<OpenConnector>) => Promise<number>,
): Promise<number> {
  sweepPrivateFolders();
  const { console } = session;
  const home = await session.home();
  const folder = new PrivateFolder();
  const signals = onStopSignals(() => {});
  try {
    return await work(async (settings) => {
      const log = new AttemptLog(undefined, ({ level, origin, text }) => {
        if (console.verbose) console.note(`${level.padEnd(5)} ${origin}: ${text}`);
      });
      const connector = new Connector(settings, {
        folder,
        limits: LIMITS,
        log,
        specs: new SpecCache(home.path),
        signal: signals.gracefully,
      });
      return { connector, redact: await connector.hideSecrets() };
    });
  } finally {
    signals.release();
    folder.remove();
  }
}
