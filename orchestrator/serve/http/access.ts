import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { LoginAttempts } from "./login-attempts.ts";
import { Refusal } from "./refusal.ts";
import { SESSION_MS, Sessions } from "./sessions.ts";
import { isSameToken } from "./token.ts";

/** What the server's handlers have beside a request. */
export interface ServerEnv {
  readonly Bindings: Partial<HttpBindings>;
  readonly Variables: {
    /** For answers that go on: false once whoever asked has logged out, or was in for too long. */
    readonly isStillAllowed: () => boolean;
  };
}

export type ServerContext = Context<ServerEnv>;

export interface AccessOptions {
  /** Undefined: whoever reaches the server may do everything. */
  readonly token: string | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Who may do what: nobody without the token, or a session that began with it, where there is one. */
export class Access {
  readonly #token: string | undefined;
  readonly #sessions: Sessions;
  readonly #attempts: LoginAttempts;

  constructor({ token, now }: AccessOptions) {
    this.#token = token;
    this.#sessions = new Sessions(now);
    this.#attempts = new LoginAttempts(now);
  }

  get wantsToken(): boolean {
    return this.#token !== undefined;
  }

  /** Whether a request may be answered, from then on. Throws a `Refusal` for a wrong token. */
  allow(c: ServerContext): (() => boolean) | undefined {
    if (this.#token === undefined) return () => true;
    const id = getCookie(c, cookieFor(c));
    if (id !== undefined && this.#sessions.isOpen(id)) return () => this.#sessions.isOpen(id);
    const [, bearer] = /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "") ?? [];
    if (bearer === undefined) return undefined;
    this.#requireToken(c, bearer);
    return () => true;
  }

  /** Begins a session, whose cookie goes with the answer. Throws a `Refusal` for a wrong token. */
  login(c: ServerContext, token: string): void {
    if (this.#token === undefined) return;
    this.#requireToken(c, token);
    setCookie(c, cookieFor(c), this.#sessions.begin(), {
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
      maxAge: SESSION_MS / 1000,
      // A proxy speaks HTTPS for us: the browser knows, and says so.
      secure: c.req.header("origin")?.startsWith("https://") ?? false,
    });
  }

  logout(c: ServerContext): void {
    const id = getCookie(c, cookieFor(c));
    if (id !== undefined) this.#sessions.end(id);
    deleteCookie(c, cookieFor(c), { path: "/" });
  }

  #requireToken(c: ServerContext, given: string): void {
    const address = c.env?.incoming?.socket.remoteAddress ?? "";
    const wait = this.#attempts.wait(address);
    if (wait > 0)
      throw new Refusal("request.too_many", "too many wrong tokens came from this address", {
        headers: { "Retry-After": String(Math.ceil(wait / 1000)) },
      });
    if (isSameToken(given, this.#token!)) return this.#attempts.succeeded(address);
    this.#attempts.failed(address);
    throw unauthorized("the token is not the one that this server was started with");
  }
}

/** A host's cookies are sent to all its ports: each has one of its own. */
function cookieFor(c: ServerContext): string {
  return `syncline_${c.env?.incoming?.socket.localPort ?? ""}`;
}

export function unauthorized(message: string): Refusal {
  return new Refusal("request.unauthorized", message, {
    hint: "send the header `Authorization: Bearer <token>`",
    headers: { "WWW-Authenticate": 'Bearer realm="syncline"' },
  });
}
