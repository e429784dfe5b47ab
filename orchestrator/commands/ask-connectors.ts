import { Failure } from "../../protocol/errors.ts";
import {
  askConnectors,
  withConnectors as asked,
  type Asking,
  type OpenConnector,
} from "../api/asking.ts";
import type { ConnectorConfig } from "../config/config.ts";
import type { Surroundings } from "../connector/connector.ts";
import type { Invocation } from "../invocation.ts";
import { statusOfSignal } from "../output/exit-status.ts";
import { onStopSignals, type StopSignals } from "./stop-signals.ts";

export type { OpenConnector } from "../api/asking.ts";

/** Levels at which what connectors say is shown without `--verbose`, beside our own warnings. */
interface Shows {
  readonly shows?: readonly string[];
}

/**
 * Lets `work` ask connectors until a stop signal comes; what they say goes to stderr with `--verbose`,
 * and at the levels of `shows`. Throws `sync.interrupted` for a signal.
 */
export function withAsking<Answer>(
  invocation: Invocation,
  work: (asking: Asking) => Promise<Answer>,
  shows: Shows = {},
): Promise<Answer> {
  return untilSignal(invocation, work, shows, (signal) => {
    const status = statusOfSignal(signal);
    throw new Failure("sync.interrupted", `stopped before anything was changed (${status})`);
  });
}

/** The same for what ends with an exit status, which a signal decides. */
export function withStatus(
  invocation: Invocation,
  work: (asking: Asking) => Promise<number>,
  shows: Shows = {},
): Promise<number> {
  return untilSignal(invocation, work, shows, statusOfSignal);
}

/** Of what a signal ended, `stopped` has the answer. */
async function untilSignal<Answer>(
  invocation: Invocation,
  work: (asking: Asking) => Promise<Answer>,
  { shows = [] }: Shows,
  stopped: (signal: NodeJS.Signals) => Answer,
): Promise<Answer> {
  const signals = onStopSignals(() => {});
  try {
    return await work(await askingFor(invocation, signals, shows));
  } catch (error) {
    const signal = signals.received();
    if (signal === undefined) throw error;
    return stopped(signal);
  } finally {
    signals.release();
  }
}

/** The same, with what each question to a connector needs. */
export function withSurroundings(
  invocation: Invocation,
  work: (surroundings: () => Surroundings) => Promise<number>,
  shows: Shows = {},
): Promise<number> {
  return withStatus(invocation, (asking) => askConnectors(asking, work), shows);
}

/** The same for single connectors. */
export function withConnectors(
  invocation: Invocation,
  work: (open: (settings: ConnectorConfig) => Promise<OpenConnector>) => Promise<number>,
  shows: Shows = {},
): Promise<number> {
  return withStatus(invocation, (asking) => asked(asking, work), shows);
}

async function askingFor(
  invocation: Invocation,
  { gracefully }: StopSignals,
  shows: readonly string[],
): Promise<Asking> {
  const { console } = invocation;
  return {
    home: await invocation.home(),
    signal: gracefully,
    onLog({ level, origin, text }) {
      const matters = origin === "syncline" ? level === "WARN" : shows.includes(level);
      const isShown = matters && !console.quiet;
      if (console.verbose || isShown) console.note(`${level.padEnd(5)} ${origin}: ${text}`);
    },
  };
}
