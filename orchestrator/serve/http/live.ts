import { streamSSE, type SSEStreamingApi } from "hono/streaming";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionFacts, Service, ServiceEvent } from "../service.ts";
import type { ServerContext } from "./access.ts";
import { LatestEvents, type Missed } from "./latest-events.ts";
import { Refusal } from "./refusal.ts";

/** What a reader of events gets: for a connection, how it is at that moment. */
export type LiveEvent =
  | Exclude<ServiceEvent, { event: "connection" }>
  | Missed
  | {
      readonly event: "connection";
      readonly connection: string;
      /** Null: it is gone. */
      readonly facts: ConnectionFacts | null;
    };

export interface LiveOptions {
  /** Time without an event after which a reader hears that we are here. */
  readonly heartbeatMs: number;
  /** Time between two looks at a log. */
  readonly lookMs: number;
  /** Most readers at once. */
  readonly mostReaders: number;
}

export const LIVE: LiveOptions = { heartbeatMs: 15_000, lookMs: 250, mostReaders: 100 };

/** An attempt's file, from a place on. */
export interface LogPlace {
  readonly job: number;
  readonly attempt: number;
  readonly kind: "logs" | "events";
  readonly from: number;
}

/** Answers that go on for as long as somebody reads them, as server-sent events. */
export class Live {
  readonly #service: Service;
  readonly #options: LiveOptions;
  readonly #closed = new AbortController();
  #readers = 0;

  constructor(service: Service, options: LiveOptions = LIVE) {
    this.#service = service;
    this.#options = options;
  }

  /** Ends them all. */
  close(): void {
    this.#closed.abort();
  }

  /** How all connections are, or that of a name, and from then on what happens with them. */
  events(c: ServerContext, connection?: string): Response {
    return this.#answer(c, async (stream, ended) => {
      const latest = new LatestEvents();
      let wake = () => {};
      const unsubscribe = this.#service.subscribe((event) => {
        if (connection !== undefined && !isAbout(event, connection)) return;
        latest.put(event);
        wake();
      });
      try {
        for (const event of this.#beginning(connection)) latest.put(event);
        while (!ended.aborted) {
          const event = latest.take();
          if (event !== undefined) await this.#write(stream, event);
          else if (!(await changed((waker) => (wake = waker), this.#options.heartbeatMs, ended)))
            await this.#beat(stream, c);
        }
      } finally {
        unsubscribe();
      }
    });
  }

  /** An attempt's log from a place on, until the attempt ends. */
  log(c: ServerContext, { job, attempt, kind, from }: LogPlace): Response {
    return this.#answer(c, async (stream, ended) => {
      let at = from;
      let quietMs = 0;
      while (!ended.aborted) {
        const piece = this.#service.log(job, attempt, kind, at);
        if (piece !== undefined && piece.text !== "") {
          at = piece.next;
          quietMs = 0;
          await stream.writeSSE({ event: "log", id: String(at), data: JSON.stringify(piece) });
        } else if (piece?.is_open) {
          await sleep(this.#options.lookMs, undefined, { signal: ended }).catch(() => {});
          quietMs += this.#options.lookMs;
          if (quietMs >= this.#options.heartbeatMs) {
            quietMs = 0;
            await this.#beat(stream, c);
          }
        } else {
          await stream.writeSSE({ event: "end", data: "{}" });
          return;
        }
      }
    });
  }

  /** Runs one answer until its reader goes away, or all are closed. */
  #answer(
    c: ServerContext,
    run: (stream: SSEStreamingApi, ended: AbortSignal) => Promise<void>,
  ): Response {
    c.header("Content-Type", "text/event-stream");
    if (c.req.method === "HEAD") return c.body(null);
    if (this.#readers >= this.#options.mostReaders)
      throw new Refusal(
        "request.too_many",
        `${this.#readers} readers of events are there already`,
        {
          headers: { "Retry-After": "30" },
        },
      );
    this.#readers++;
    const gone = new AbortController();
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => gone.abort());
      try {
        await run(stream, AbortSignal.any([gone.signal, this.#closed.signal]));
      } finally {
        this.#readers--;
      }
    });
  }

  #beginning(connection: string | undefined): ServiceEvent[] {
    const names =
      connection === undefined
        ? this.#service.connections().map((one) => one.connection)
        : [connection];
    return names.flatMap((name): ServiceEvent[] => {
      const progress = this.#service.progress(name);
      return [
        { event: "connection", connection: name },
        ...(progress ? [{ event: "progress", progress } as const] : []),
      ];
    });
  }

  async #write(stream: SSEStreamingApi, event: ServiceEvent | Missed): Promise<void> {
    const live: LiveEvent =
      event.event === "connection"
        ? { ...event, facts: this.#service.connection(event.connection) ?? null }
        : event;
    await stream.writeSSE({ event: live.event, data: JSON.stringify(live) });
  }

  /** A comment, which keeps proxies from giving up; whoever is out meanwhile gets no more. */
  async #beat(stream: SSEStreamingApi, c: ServerContext): Promise<void> {
    if (c.get("isStillAllowed")()) await stream.write(": \n\n");
    else stream.abort();
  }
}

function isAbout(event: ServiceEvent, connection: string): boolean {
  if (event.event === "configuration") return false;
  return (event.event === "progress" ? event.progress.connection : event.connection) === connection;
}

/** Whether the waker is called before the time is over, or it ended. */
async function changed(
  announce: (waker: () => void) => void,
  ms: number,
  ended: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (isChanged: boolean) => {
      clearTimeout(timer);
      ended.removeEventListener("abort", onEnd);
      announce(() => {});
      resolve(isChanged);
    };
    const onEnd = () => done(true);
    const timer = setTimeout(done, ms, false);
    ended.addEventListener("abort", onEnd);
    announce(() => done(true));
    if (ended.aborted) done(true);
  });
}
