import type { Redact } from "../../protocol/config/secrets.ts";
import type { ConnectorConfig } from "../config/config.ts";
import { defaultLimits } from "../config/load.ts";
import { Connector, type Surroundings } from "../connector/connector.ts";
import { PrivateFolder, sweepPrivateFolders } from "../connector/private-folder.ts";
import { SpecCache } from "../connector/spec-cache.ts";
import type { Invocation } from "../invocation.ts";
import { AttemptLog } from "../store/attempt-log.ts";
import { statusOfSignal } from "./exit-status.ts";
import { onStopSignals } from "./stop-signals.ts";

export interface OpenConnector {
  readonly connector: Connector;
  readonly redact: Redact;
}

/**
 * Lets `work` ask connectors outside of a job; each call of `surroundings` has a log of its own,
 * which goes to stderr with `--verbose`; without, our own warnings do, and what connectors say at the
 * levels of `shows`. A stop signal ends it with that signal's exit status.
 */
export async function withSurroundings(
  invocation: Invocation,
  work: (surroundings: () => Surroundings) => Promise<number>,
  { shows = [] }: { readonly shows?: readonly string[] } = {},
): Promise<number> {
  sweepPrivateFolders();
  const { console } = invocation;
  const home = await invocation.home();
  const folder = new PrivateFolder();
  const signals = onStopSignals(() => {});
  try {
    return await work(() => ({
      folder,
      limits: defaultLimits(),
      log: new AttemptLog(undefined, ({ level, origin, text }) => {
        const matters = origin === "syncline" ? level === "WARN" : shows.includes(level);
        const isShown = matters && !console.quiet;
        if (console.verbose || isShown) console.note(`${level.padEnd(5)} ${origin}: ${text}`);
      }),
      specs: new SpecCache(home.path),
      signal: signals.gracefully,
    }));
  } catch (error) {
    const signal = signals.received();
    if (signal === undefined) throw error;
    return statusOfSignal(signal);
  } finally {
    signals.release();
    folder.remove();
  }
}

/** The same for single connectors. */
export function withConnectors(
  invocation: Invocation,
  work: (open: (settings: ConnectorConfig) => Promise<OpenConnector>) => Promise<number>,
  options: { readonly shows?: readonly string[] } = {},
): Promise<number> {
  return withSurroundings(
    invocation,
    (surroundings) =>
      work(async (settings) => {
        const connector = new Connector(settings, surroundings());
        return { connector, redact: await connector.hideSecrets() };
      }),
    options,
  );
}
