import { Hono, type Context } from "hono";
import type { Removal, Service } from "../service.ts";
import type { Outcomes } from "./outcomes.ts";
import { placeOf } from "./words.ts";

/** The forms of a connection's page. */
export function actionRoutes(service: Service, outcomes: Outcomes): Hono {
  const app = new Hono();

  /** Has a form do something for a connection that there is, or still runs; what refuses it is said on `back`. */
  const form = (
    path: string,
    act: (name: string, fields: URLSearchParams) => Promise<string> | string,
    back: (name: string) => string = placeOf,
  ) =>
    app.post(path, async (context: Context) => {
      const name = context.req.param("name") ?? "";
      const isThere = service.connection(name) ?? service.progress(name);
      if (isThere === undefined) return context.redirect("/?failed=gone", 303);
      const fields = new URLSearchParams(await context.req.text());
      try {
        return context.redirect(await act(name, fields), 303);
      } catch (thrown) {
        const code = outcomes.refused(name, thrown);
        return context.redirect(`${back(name)}?failed=${encodeURIComponent(code)}`, 303);
      }
    });

  form("/connections/:name/sync", async (name) => jobPlace(await service.sync(name)));
  form("/connections/:name/cancel", (name, fields) => {
    const isRunning = service.cancel(name, fields.get("how") === "now" ? "now" : "gracefully");
    const job = fields.get("job") ?? "";
    const place = /^\d{1,15}$/.test(job) ? `/jobs/${job}` : placeOf(name);
    return `${place}?done=${isRunning ? "stopping" : "idle"}`;
  });
  form("/connections/:name/pause", (name) => {
    service.pause(name);
    return `${placeOf(name)}?done=paused`;
  });
  form("/connections/:name/resume", (name) => {
    service.resume(name);
    return `${placeOf(name)}?done=resumed`;
  });
  form("/connections/:name/acknowledge", (name) => {
    service.acknowledge(name);
    return `${placeOf(name)}?done=acknowledged`;
  });
  for (const type of ["clear", "refresh"] as const) {
    const here = (name: string) => placeOf(name, type);
    form(`/connections/:name/${type}`, (name, fields) => remove(name, type, fields), here);
  }
  return app;

  /** None chosen is none, not all of them: the service takes an empty list for all. */
  async function remove(
    name: string,
    type: Removal["type"],
    fields: URLSearchParams,
  ): Promise<string> {
    const streams = fields.getAll("stream").map(decoded);
    if (streams.length === 0) return `${placeOf(name, type)}?failed=streams`;
    if (type === "refresh" && fields.get("rows") === "keep")
      return jobPlace(await service.refreshKeeping(name, streams));
    if (fields.get("confirm") !== name) return `${placeOf(name, type)}?failed=confirmation`;
    return jobPlace(await service.remove(name, { type, streams }));
  }
}

function jobPlace({ job }: { readonly job: number }): string {
  return `/jobs/${job}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
