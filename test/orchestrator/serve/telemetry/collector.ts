import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** A span as a collector understands it: attributes by name, times in milliseconds. */
export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly error: string | undefined;
  readonly exceptions: readonly string[];
}

export interface Request {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, string | number | boolean>>;
  readonly spans: readonly SeenSpan[];
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
}
type Attributes = readonly { readonly key: string; readonly value: Value }[];

interface Body {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly kind: number;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: Attributes;
        readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
        readonly status: { readonly code?: number; readonly message?: string };
      }[];
    }[];
  }[];
}

/** A collector of OTLP/HTTP that refuses, with 400, what the specification does not allow. */
export class Collector {
  readonly requests: Request[] = [];
  readonly refused: string[] = [];
  /** Answered instead of 200. */
  status = 200;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        let status = this.status;
        try {
          const bytes = Buffer.concat(chunks);
          const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
          if (request.headers["content-type"] !== "application/json") throw new Error("no JSON");
          const { resourceSpans } = JSON.parse(text.toString()) as Body;
          for (const { resource, scopeSpans } of resourceSpans)
            this.requests.push({
              path: request.url!,
              headers: request.headers,
              resource: read(resource.attributes),
              spans: scopeSpans.flatMap(({ spans }) => spans.map(readSpan)),
            });
        } catch (error) {
          this.refused.push((error as Error).message);
          status = 400;
        }
        response.writeHead(status, { "content-type": "application/json" }).end("{}");
      });
    });
  }

  static async open(): Promise<Collector> {
    const collector = new Collector();
    collector.#server.listen(0, "127.0.0.1");
    await once(collector.#server, "listening");
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get spans(): readonly SeenSpan[] {
    return this.requests.flatMap(({ spans }) => spans);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function readSpan(span: Body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]): SeenSpan {
  const { traceId, spanId, parentSpanId, status, startTimeUnixNano, endTimeUnixNano } = span;
  if (!/^[0-9a-f]{32}$/.test(traceId) || !/^[0-9a-f]{16}$/.test(spanId)) throw new Error("ids");
  if (parentSpanId !== undefined && !/^[0-9a-f]{16}$/.test(parentSpanId)) throw new Error("parent");
  for (const time of [startTimeUnixNano, endTimeUnixNano])
    if (!/^\d{19}$/.test(time)) throw new Error(`no nanoseconds: ${time}`);
  if (BigInt(endTimeUnixNano) < BigInt(startTimeUnixNano)) throw new Error("ends before it starts");
  if (span.kind !== 1 || ![undefined, 0, 1, 2].includes(status.code)) throw new Error("enums");
  return {
    traceId,
    spanId,
    parentSpanId,
    name: span.name,
    start: Number(BigInt(startTimeUnixNano) / 1_000_000n),
    end: Number(BigInt(endTimeUnixNano) / 1_000_000n),
    attributes: read(span.attributes),
    error: status.code === 2 ? status.message : undefined,
    exceptions: span.events.map(({ attributes }) => String(read(attributes)["exception.type"])),
  };
}

function read(attributes: Attributes): Record<string, string | number | boolean> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { stringValue, intValue, doubleValue, boolValue } = value;
      if (Object.keys(value).length !== 1) throw new Error(`${key} has not one value`);
      if (intValue !== undefined && !/^-?\d+$/.test(intValue)) throw new Error(`${key} is no text`);
      const number = intValue === undefined ? doubleValue : Number(intValue);
      return [key, (stringValue ?? number ?? boolValue)!];
    }),
  );
}
