import { getRequestListener } from "@hono/node-server";
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Failure } from "../../../protocol/errors.ts";
import { reasonOf } from "../../store/unwritable.ts";
import { SECURITY_HEADERS } from "./guard.ts";
import { urlOf, type ListenAddress } from "./listen-address.ts";
import { failureAnswer, Refusal, type RefusalCode } from "./refusal.ts";

/** Largest body of a request, in bytes. */
export const MOST_BODY_BYTES = 64 * 1024;

export interface ServerLimits {
  /** For all of a request to arrive. */
  readonly requestMs: number;
  /** For its headers to arrive. */
  readonly headersMs: number;
}

export const SERVER_LIMITS: ServerLimits = { requestMs: 30_000, headersMs: 10_000 };

const MOST_HEADER_BYTES = 16 * 1024;
const MOST_CONNECTIONS = 512;

/** How long a sender that is refused may go on sending: it reads the answer only then. */
const LINGER_MS = 500;

/** Answers requests; the body of one is in memory, as `rawBody` of the incoming message. */
export type Fetch = Parameters<typeof getRequestListener>[0];

export interface HttpServer {
  /** With the port that it has. */
  readonly address: ListenAddress;
  readonly url: string;
  /** Takes no more requests. Resolves when those under way are answered, or so much time passed. */
  close(withinMs: number): Promise<void>;
}

/** Listens. Throws `usage.invalid` where that is not possible. */
export async function startServer(
  wanted: ListenAddress,
  fetch: Fetch,
  limits: ServerLimits = SERVER_LIMITS,
): Promise<HttpServer> {
  const answer = getRequestListener(fetch, {
    // They are everybody's in this process.
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
  });
  const answering = new WeakMap<Socket, ServerResponse>();
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_BYTES,
      requestTimeout: limits.requestMs,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: Math.min(limits.headersMs, 1000),
      // Node's own answer to a request without one has none of our headers.
      requireHostHeader: false,
    },
    (request, response) => {
      answering.set(request.socket, response);
      void handle(request, response, answer);
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const isAnswered = answering.get(socket)?.headersSent ?? false;
    if (isAnswered || !socket.writable || error.code === "ECONNRESET") return socket.destroy();
    socket.end(rawAnswer(refusalOf(error)));
    // Whoever does not close its end would keep a place for ever.
    return setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(wanted, error)));
    server.listen(wanted.port, wanted.host, resolve);
  });
  // A connection that could not be taken: whoever asked tries again.
  server.on("error", () => {});
  const address = { host: wanted.host, port: (server.address() as AddressInfo).port };
  return {
    address,
    url: urlOf(address),
    close: (withinMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), withinMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ReturnType<typeof getRequestListener>,
): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  try {
    if (!isAddress(request)) throw new Refusal("request.malformed", "the address is none");
    const rawBody = await bodyOf(request);
    await answer(Object.assign(request, { rawBody }), response);
  } catch (error) {
    // Who went away is not answered.
    if (response.headersSent || (request.destroyed && !request.complete)) {
      response.destroy();
      return;
    }
    const { status, headers, failure } = failureAnswer(error);
    const body = Buffer.from(JSON.stringify({ failure }));
    response.writeHead(status, { ...headers, ...ofJson(body), Connection: "close" });
    response.write(body);
    const end = () => response.end();
    request.resume().once("close", end);
    if (request.complete) end();
    else setTimeout(end, LINGER_MS).unref();
  }
}

/** Whether a request asks for something of ours, by an address that can be read. */
function isAddress({ url = "", headers: { host = "" } }: IncomingMessage): boolean {
  if (!url.startsWith("/") || /[\\\s]/.test(url)) return false;
  const [name] = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?=(?::\d{1,5})?$)/i.exec(host) ?? [];
  return name !== undefined && URL.canParse(`http://${host}${url}`);
}

/** All of a body. Throws a `Refusal` for one that is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = Number(request.headers["content-length"] ?? 0);
  if (bytes > MOST_BODY_BYTES) throw tooLarge();
  bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): Refusal {
  return new Refusal("request.too_large", `the body is larger than ${MOST_BODY_BYTES} bytes`);
}

const OF_PARSER: Readonly<Record<string, readonly [RefusalCode, string]>> = {
  HPE_HEADER_OVERFLOW: [
    "request.headers_too_large",
    `the headers are larger than ${MOST_HEADER_BYTES} bytes`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["request.too_slow", "the request did not arrive in time"],
};

function refusalOf({ code = "" }: NodeJS.ErrnoException): Refusal {
  const [own, message] = OF_PARSER[code] ?? ["request.malformed", "this is no HTTP request"];
  return new Refusal(own, message);
}

/** An answer to what is no request yet. */
function rawAnswer(refusal: Refusal): string {
  const { status, failure } = failureAnswer(refusal);
  const body = JSON.stringify({ failure });
  const headers = { ...SECURITY_HEADERS, ...ofJson(Buffer.from(body)), Connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", body].join("\r\n");
}

function ofJson(body: Buffer): Record<string, string> {
  return { "Content-Type": "application/json", "Content-Length": String(body.length) };
}

function cannotListen(wanted: ListenAddress, error: unknown): Failure {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === "EADDRINUSE" ? "something else listens there already" : reasonOf(error);
  return new Failure("usage.invalid", `${urlOf(wanted)} cannot be listened at: ${why}`, {
    hint: "--listen takes another address or port",
    cause: error,
  });
}
