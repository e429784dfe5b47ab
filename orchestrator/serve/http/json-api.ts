import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { didYouMean } from "../../../protocol/nearest-name.ts";
import type { NewConnection, NewEnds, Removal, Service } from "../service.ts";
import type { ServerContext, ServerEnv } from "./access.ts";
import type { Live } from "./live.ts";
import { API, openApiDocument } from "./openapi.ts";
import { OPERATIONS, type Operation, type OperationId } from "./operations.ts";
import { Refusal } from "./refusal.ts";
import { requestReaders, type Said } from "./requests.ts";
import type { Room } from "./room.ts";

export interface JsonApiOptions {
  readonly service: Service;
  readonly live: Live;
  /** For questions for which connectors are started. */
  readonly room: Room;
  /** Of the package. */
  readonly version: string;
}

/** What a handler has of a request. */
interface Asked {
  readonly c: ServerContext;
  readonly query: Said;
  readonly body: Said;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

type Handlers = Readonly<Record<OperationId, (asked: Asked) => unknown>>;

/** Every operation, and nothing else: a known path with another method is told which there is. */
export async function jsonApi(options: JsonApiOptions): Promise<Hono<ServerEnv>> {
  const api = new Hono<ServerEnv>();
  const handlers = handlersOf(options);
  const readers = await requestReaders();
  const methods = new Map<string, string[]>();
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    const path = `${API}${operation.path.replaceAll(/\{(\w+)\}/g, ":$1")}`;
    const reader = readers.get(id as OperationId)!;
    methods.set(path, [...(methods.get(path) ?? []), operation.method.toUpperCase()]);
    api.on(operation.method, path, async (c) => {
      const query = reader.query(new URL(c.req.url).searchParams);
      const body = reader.body(new Uint8Array(await c.req.arrayBuffer()));
      const { signal } = c.req.raw;
      const answer = await untilGone(signal, async () =>
        handlers[id as OperationId]({ c, query, body, signal }),
      );
      if (operation.isStream) return answer as Response;
      return c.json(answer as object, (operation.status ?? 200) as ContentfulStatusCode);
    });
  }
  for (const [path, allowed] of methods)
    api.all(path, ({ req }) => {
      throw new Refusal("request.method", `${req.method} is not done here`, {
        headers: { Allow: allowed.join(", ") },
      });
    });
  return api;
}

function handlersOf({ service, live, room, version }: JsonApiOptions): Handlers {
  const document = openApiDocument(version);
  const nameOf = (c: ServerContext) => known(service, c).connection;
  const attempt = ({ c, query }: Asked) => {
    const job = numberIn(c, "job");
    const place = {
      job,
      attempt: numberIn(c, "attempt"),
      ...(query as Pick<LogQuery, keyof LogQuery>),
    };
    const piece = service.log(place.job, place.attempt, place.kind, place.from);
    if (piece === undefined)
      throw new Refusal("request.not_found", `job ${job} has no attempt ${place.attempt}`);
    return { place, piece };
  };
  const changed =
    (change: (name: string) => void) =>
    ({ c }: Asked) => {
      const name = nameOf(c);
      change(name);
      return service.connection(name);
    };
  return {
    listConnections: () => ({ connections: service.connections() }),
    createConnection: ({ body, signal }) =>
      room.do(() => service.create(body as unknown as NewConnection, signal)),
    getConnection: ({ c }) => known(service, c),
    getPositions: ({ c }) => ({ positions: service.positions(nameOf(c)) }),
    getPlan: ({ c, signal }) => room.do(() => service.plan(nameOf(c), signal)),
    getProgress: ({ c }) => ({ progress: service.progress(nameOf(c)) ?? null }),
    sync: ({ c }) => service.sync(nameOf(c)),
    cancel: ({ c, body }) => {
      // One that is in the configuration no more may still run.
      const name = c.req.param("connection") ?? "";
      if (service.progress(name) === undefined) known(service, c);
      return { cancelled: service.cancel(name, body["how"] as "gracefully" | "now") };
    },
    getRemoval: ({ c, query, signal }) => {
      const { type, stream = [] } = query as { type: Removal["type"]; stream?: string[] };
      return room.do(() => service.removal(nameOf(c), { type, streams: stream }, signal));
    },
    clear: ({ c, body }) => {
      const name = confirmed(nameOf(c), body);
      return service.remove(name, { type: "clear", streams: streamsIn(body) });
    },
    refresh: ({ c, body }) => {
      if (body["keep"] === true) return service.refreshKeeping(nameOf(c), streamsIn(body));
      const name = confirmed(nameOf(c), body);
      return service.remove(name, { type: "refresh", streams: streamsIn(body) });
    },
    acknowledge: changed((name) => service.acknowledge(name)),
    pause: changed((name) => service.pause(name)),
    resume: changed((name) => service.resume(name)),
    inspect: async ({ body, signal }) => ({
      tables: await room.do(() => service.inspect(body as unknown as NewEnds, signal)),
    }),
    listJobs: ({ query }) => {
      const wanted = query as { connection?: string; before?: number; limit: number };
      // One more than is shown tells whether there are others.
      const jobs = service.jobs({ ...wanted, limit: wanted.limit + 1 });
      const shown = jobs.slice(0, wanted.limit);
      return { jobs: shown, before: jobs.length > shown.length ? shown.at(-1)!.id : null };
    },
    getJob: ({ c }) => {
      const number = numberIn(c, "job");
      const job = service.job(number);
      if (job === undefined) throw new Refusal("request.not_found", `there is no job ${number}`);
      return job;
    },
    getLog: (asked) => attempt(asked).piece,
    followLog: (asked) => {
      const { place } = attempt(asked);
      // A browser that lost its connection says where it was.
      const last = asked.c.req.header("last-event-id") ?? "";
      return live.log(asked.c, {
        ...place,
        from: /^\d{1,15}$/.test(last) ? Number(last) : place.from,
      });
    },
    followConnections: ({ c }) => live.events(c),
    followConnection: ({ c }) => live.events(c, nameOf(c)),
    getDocument: () => document,
  };
}

interface LogQuery {
  readonly kind: "logs" | "events";
  readonly from: number;
}

/** The connection that the path names. Throws a `Refusal`. */
function known(service: Service, c: ServerContext): ReturnType<Service["connections"]>[number] {
  const name = c.req.param("connection") ?? "";
  const found = service.connection(name);
  if (found) return found;
  const names = service.connections().map(({ connection }) => connection);
  throw new Refusal("request.not_found", `no connection has this name${didYouMean(name, names)}`);
}

/** Throws a `Refusal` for what is no number, as nothing has it. */
function numberIn(c: ServerContext, parameter: string): number {
  const text = c.req.param(parameter) ?? "";
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal("request.not_found", `the ${parameter} in the address is no number`);
}

/** Throws a `Refusal` where the name was not given once more. */
function confirmed(name: string, { confirm }: Said): string {
  if (confirm === name) return name;
  throw new Refusal("request.invalid", `rows of ${name} go: \`confirm\` wants its name`, {
    hint: "GET …/removal says which rows",
  });
}

function streamsIn({ streams = [] }: Said): readonly string[] {
  return streams as readonly string[];
}

/** What fails when nobody waits for it is no mistake of ours. */
async function untilGone<Answer>(
  signal: AbortSignal,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Refusal("request.too_slow", "nobody waits for the answer any more");
  }
}
