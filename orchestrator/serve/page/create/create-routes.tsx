import { Hono } from "hono";
import { asFailure } from "../../../../protocol/errors.ts";
import { Refusal } from "../../http/refusal.ts";
import type { Room } from "../../http/room.ts";
import type { NewEnds, OfferedTable, Service } from "../../service.ts";
import type { Frame } from "../frame.ts";
import { Notice } from "../notices.tsx";
import { answer } from "../render.ts";
import { placeOf } from "../words.ts";
import { chosenIn, connectionOf, firstChoice, mistakesIn, type Chosen } from "./chosen.ts";
import { Drafts } from "./drafts.ts";
import { EndsPage } from "./ends-page.tsx";
import { nameFor } from "./proposed-name.ts";
import { TablesPage } from "./tables-page.tsx";

/** A connection from two databases: both are tried, tables are chosen, and it is created. */
export function createRoutes(service: Service, room: Room, frame: Frame): Hono {
  const drafts = new Drafts();
  const app = new Hono();

  app.get("/new", (context) => {
    const notice = <Notice done={undefined} failed={context.req.query("failed")} />;
    return answer(context, <EndsPage notice={notice} frame={frame} />);
  });

  app.post("/new", async (context) => {
    const fields = new URLSearchParams(await context.req.text());
    const ends = {
      source: (fields.get("source") ?? "").trim(),
      destination: (fields.get("destination") ?? "").trim(),
    };
    const id = drafts.add(await tried(ends, context.req.raw.signal));
    return context.redirect(`/new/${id}`, 303);
  });

  app.get("/new/:draft", (context) => {
    const id = context.req.param("draft");
    const draft = drafts.get(id);
    if (draft === undefined) return context.redirect("/new?failed=expired", 303);
    const { tables } = draft;
    if (tables === undefined) return answer(context, <EndsPage draft={draft} frame={frame} />);
    const chosen = draft.chosen ?? firstChoice(freeName(draft.ends), tables);
    return answer(context, <TablesPage {...{ id, draft, tables, chosen }} frame={frame} />);
  });

  app.post("/new/:draft", async (context) => {
    const id = context.req.param("draft");
    const draft = drafts.get(id);
    if (draft?.tables === undefined) return context.redirect("/new?failed=expired", 303);
    const { ends, tables } = draft;
    const chosen = chosenIn(new URLSearchParams(await context.req.text()), tables);
    const mistakes = mistakesIn(chosen, tables);
    const again = { ends, tables, chosen, mistakes, failure: undefined };
    if (mistakes.length > 0) {
      drafts.put(id, again);
      return context.redirect(`/new/${id}`, 303);
    }
    try {
      const place = await created(ends, tables, chosen, context.req.raw.signal);
      drafts.remove(id);
      return context.redirect(place, 303);
    } catch (thrown) {
      drafts.put(id, { ...again, failure: asFailure(thrown) });
      return context.redirect(`/new/${id}`, 303);
    }
  });

  return app;

  async function tried(ends: NewEnds, signal: AbortSignal) {
    const nothing = { ends, tables: undefined, chosen: undefined, mistakes: [] };
    try {
      const tables = await room.do(() => service.inspect(ends, signal));
      return { ...nothing, tables, failure: undefined };
    } catch (thrown) {
      if (thrown instanceof Refusal) throw thrown;
      return { ...nothing, failure: asFailure(thrown) };
    }
  }

  /** Creates it. Returns where to go: to its first job, if it syncs at once. */
  async function created(
    ends: NewEnds,
    tables: readonly OfferedTable[],
    chosen: Chosen,
    signal: AbortSignal,
  ): Promise<string> {
    const { connection } = await service.create(connectionOf(ends, chosen, tables), signal);
    if (!chosen.syncsAtOnce) return `${placeOf(connection)}?done=created`;
    try {
      return `/jobs/${(await service.sync(connection)).job}`;
    } catch {
      // Its schedule may have begun the first one already; its page says how it stands.
      return `${placeOf(connection)}?done=created`;
    }
  }

  function freeName(ends: NewEnds): string {
    return nameFor(ends, (name) => service.connection(name) !== undefined);
  }
}
