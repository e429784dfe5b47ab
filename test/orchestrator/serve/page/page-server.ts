import { Access } from "../../../../orchestrator/serve/http/access.ts";
import { createApp } from "../../../../orchestrator/serve/http/app.ts";
import { Live } from "../../../../orchestrator/serve/http/live.ts";
import { Metrics } from "../../../../orchestrator/serve/http/metrics.ts";
import { MOST_ASKED, Room } from "../../../../orchestrator/serve/http/room.ts";
import { startServer } from "../../../../orchestrator/serve/http/server.ts";
import { pageRoutes } from "../../../../orchestrator/serve/page/routes.ts";
import type { Service } from "../../../../orchestrator/serve/service.ts";

export interface PageServer {
  readonly address: string;
  /** What was thrown by mistakes of ours. */
  readonly bugs: unknown[];
  readonly stop: () => Promise<void>;
}

/** Serves the page of a service as `syncline serve` does, on a port of its own. */
export async function servePage(service: Service, token?: string): Promise<PageServer> {
  const bugs: unknown[] = [];
  const live = new Live(service);
  const metrics = new Metrics(service, "1.2.3");
  const room = new Room(MOST_ASKED);
  const app = await createApp({
    service,
    access: new Access({ token, now: () => performance.now() }),
    page: pageRoutes(service, room, { hasSessions: token !== undefined }),
    live,
    room,
    metrics,
    health: () => "ok",
    version: "1.2.3",
    onBug: (error) => bugs.push(error),
  });
  const server = await startServer({ host: "127.0.0.1", port: 0 }, app.fetch);
  return {
    address: server.url.replace(/\/$/, ""),
    bugs,
    stop: async () => {
      live.close();
      metrics.close();
      await server.close(100);
    },
  };
}
