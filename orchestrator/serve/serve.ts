import { dirname, resolve } from "node:path";
import type { Service, ServiceEvent } from "./service.ts";
import type { ProjectOptions } from "../api/project.ts";
import { packageVersion } from "../version.ts";
import { Access } from "./http/access.ts";
import { createApp } from "./http/app.ts";
import { healthOf } from "./http/health.ts";
import { isLoopback, type ListenAddress } from "./http/listen-address.ts";
import { Live } from "./http/live.ts";
import { Metrics } from "./http/metrics.ts";
import { MOST_ASKED, Room } from "./http/room.ts";
import { startServer, type HttpServer } from "./http/server.ts";
import { refuseWithoutToken } from "./http/token.ts";
import { startNotifier } from "./notify/notifier.ts";
import { pageRoutes } from "./page/routes.ts";
import { createRunner, type Runner } from "./runner.ts";
import { startTelemetry } from "./telemetry/service-spans.ts";

export interface ServeOptions extends ProjectOptions {
  readonly listen: ListenAddress;
  /** Undefined: who reaches it may do everything, which only this machine is to be. */
  readonly token: string | undefined;
  /** How many scheduled jobs run at once. */
  readonly atOnce: number;
  /** Gets what goes wrong beside the jobs, a line each. */
  readonly onNote: (text: string) => void;
  readonly onEvent: (event: ServiceEvent) => void;
  /** Ends the wait for another process to be gone. */
  readonly signal?: AbortSignal;
}

/** A `syncline serve` that runs. */
export interface Serving {
  /** Of the page. */
  readonly url: string;
  readonly service: Service;
  /** Aborts when another process has taken the home over; what runs is stopped then. */
  readonly lost: AbortSignal;
  /**
   * Begins nothing more, and ends what runs: gracefully, or at once, which may be asked for while the
   * other goes on. Resolves when all has ended. Meanwhile the page still shows it.
   */
  stop(how: "gracefully" | "now"): Promise<void>;
}

/** How long answers under way have when nothing else is left to do. */
const LAST_ANSWERS_MS = 1000;

/**
 * Runs connections by their schedules, and serves the page, the JSON API and the metrics. The home is
 * taken, and the address, before anything runs. Throws `sync.locked`, and `usage.invalid` for an address
 * that cannot be had or that others reach without a token.
 */
export async function startServing(options: ServeOptions): Promise<Serving> {
  const { listen, token, onNote, onEvent, env = process.env } = options;
  if (token === undefined && !isLoopback(listen.host)) refuseWithoutToken(listen.host);
  let ready: (app: Awaited<ReturnType<typeof createApp>>) => void = () => {};
  const app = new Promise<Awaited<ReturnType<typeof createApp>>>((resolve) => (ready = resolve));
  let http: HttpServer | undefined;
  let runner: Runner;
  try {
    runner = await createRunner({
      ...options,
      async onLocked() {
        http = await startServer(listen, async (...asked) => (await app).fetch(...asked));
      },
    });
  } catch (error) {
    await http?.close(0);
    throw error;
  }
  runner.subscribe(onEvent);
  const live = new Live(runner);
  const version = packageVersion();
  const metrics = new Metrics(runner, version);
  const access = new Access({ token, now: () => performance.now() });
  const room = new Room(MOST_ASKED);
  let isDraining = false;
  ready(
    await createApp({
      service: runner,
      access,
      page: pageRoutes(runner, room, { hasSessions: access.wantsToken }),
      live,
      room,
      metrics,
      health: () => healthOf(isDraining, performance.now() - runner.lookedAt),
      version,
      onBug: (error) => onNote(`internal.bug: ${(error as Error).stack ?? String(error)}`),
    }),
  );
  const notifier = startNotifier({
    service: runner,
    targetsOf: (connection) => runner.notifyOf(connection),
    home: runner.home.path,
    folder: dirname(resolve(options.config ?? "syncline.yaml")),
    note: onNote,
  });
  const telemetry = startTelemetry(runner, env, onNote);
  const now = new AbortController();
  const isNow = new Promise((resolve) => now.signal.addEventListener("abort", resolve));
  let ended: Promise<void> | undefined;
  const end = async (how: "gracefully" | "now") => {
    await runner.stop(how);
    await Promise.race([isNow, Promise.all([notifier.stop(), telemetry.stop()])]);
    live.close();
    metrics.close();
    await http!.close(LAST_ANSWERS_MS);
  };
  return {
    url: http!.url,
    service: runner,
    lost: runner.lost,
    async stop(how) {
      isDraining = true;
      if (how === "now") now.abort();
      if (ended && how === "now") await runner.stop(how);
      await (ended ??= end(how));
    },
  };
}
