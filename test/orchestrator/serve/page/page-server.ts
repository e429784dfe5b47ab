import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { AddressInfo } from "node:net";
import { pageRoutes } from "../../../../orchestrator/serve/page/routes.ts";
import type { Service } from "../../../../orchestrator/serve/service.ts";

/** The policy under which the page is served. */
export const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The page of a service on a port of its own, with events, and without what decides who may ask. */
export async function servePage(
  service: Service,
): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header("content-security-policy", POLICY);
  });
  app.get("/api/v1/events", (context) =>
    streamSSE(context, async (stream) => {
      const ended = new Promise<void>((resolve) => stream.onAbort(resolve));
      const end = service.subscribe((event) => {
        void stream.writeSSE({ event: event.event, data: JSON.stringify(event) });
      });
      await stream.write(": here\n\n");
      await ended;
      end();
    }),
  );
  app.route("/", pageRoutes(service));
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
