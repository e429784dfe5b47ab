import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Service } from "../service.ts";
import type { Access, ServerEnv } from "./access.ts";
import { guard, isForPrograms } from "./guard.ts";
import { healthAnswer, type Health } from "./health.ts";
import { jsonApi } from "./json-api.ts";
import type { Live } from "./live.ts";
import { METRICS_TYPE, type Metrics } from "./metrics.ts";
import { failureAnswer, Refusal } from "./refusal.ts";
import type { Room } from "./room.ts";

export interface AppOptions {
  readonly service: Service;
  readonly access: Access;
  /** Pages and their forms, under `/`. */
  readonly page: Hono;
  readonly live: Live;
  /** For questions for which connectors are started; the page has the same. */
  readonly room: Room;
  readonly metrics: Metrics;
  readonly health: () => Health;
  /** Of the package. */
  readonly version: string;
  /** Told of what went wrong by a mistake of ours, which no answer tells. */
  readonly onBug: (error: unknown) => void;
}

/** All that is served, behind the guard. */
export async function createApp(options: AppOptions): Promise<Hono<ServerEnv>> {
  const { service, access, page, live, room, metrics, health, version, onBug } = options;
  const app = new Hono<ServerEnv>();
  app.onError((error, c) => {
    const { status, headers, failure } = failureAnswer(error);
    if (failure.code === "internal.bug") onBug(error);
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    if (isForPrograms(c.req.path)) return c.json({ failure }, status as ContentfulStatusCode);
    const { code, message, hint } = failure;
    return c.text(
      [`${code}: ${message}`, ...(hint ? [hint] : []), ""].join("\n"),
      status as ContentfulStatusCode,
    );
  });
  app.notFound(() => {
    throw new Refusal("request.not_found", "there is nothing at this address");
  });
  app.use(guard(access));
  app.get("/healthz", (c) => {
    const { status, text } = healthAnswer(health());
    return c.text(text, status);
  });
  app.get("/metrics", (c) => c.body(metrics.text(), 200, { "Content-Type": METRICS_TYPE }));
  app.post("/login", async (c) => {
    const { token } = await c.req.parseBody();
    try {
      access.login(c, typeof token === "string" ? token.trim() : "");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      for (const [name, value] of Object.entries(error.headers))
        if (name === "Retry-After") c.header(name, value);
      const message = error.code === "request.too_many" ? "too_many" : "wrong_token";
      return c.redirect(`/login?message=${message}`, 303);
    }
    return c.redirect("/", 303);
  });
  app.post("/logout", (c) => {
    access.logout(c);
    return c.redirect("/login", 303);
  });
  app.route("/", await jsonApi({ service, live, room, version }));
  app.route("/", page);
  return app;
}
