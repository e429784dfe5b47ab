import { Hono } from "hono";
import type { Service } from "../service.ts";
import type { Room } from "../http/room.ts";
import { actionRoutes } from "./action-routes.ts";
import { assetOf } from "./assets.ts";
import { createRoutes } from "./create/create-routes.tsx";
import { Frame, type PageOptions } from "./frame.ts";
import { Outcomes } from "./outcomes.ts";
import { viewRoutes } from "./view-routes.tsx";

/**
 * The page: what is looked at by GET, what is done by forms, and the files they load. Every form answers
 * with the address of a page, 303. Who may ask, and from where, is decided before: nothing here does.
 *
 * @param room for what starts connectors.
 */
export function pageRoutes(service: Service, room: Room, options: PageOptions = {}): Hono {
  const outcomes = new Outcomes();
  const frame = new Frame(service, options);
  const app = new Hono();
  app.get("/assets/:name", (context) => {
    const asset = assetOf(context.req.param("name"));
    if (asset === undefined) return context.notFound();
    return context.body(asset.content, 200, {
      "content-type": asset.type,
      "cache-control": "public, max-age=31536000, immutable",
    });
  });
  app.route("/", viewRoutes(service, room, outcomes, frame));
  app.route("/", actionRoutes(service, outcomes));
  app.route("/", createRoutes(service, room, frame));
  return app;
}
