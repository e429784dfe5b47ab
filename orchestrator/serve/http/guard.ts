import type { MiddlewareHandler } from "hono";
import { unauthorized, type Access, type ServerContext, type ServerEnv } from "./access.ts";
import { isLoopback } from "./listen-address.ts";
import { Refusal } from "./refusal.ts";

/** The headers of every answer. Nothing inline runs, nothing is loaded from or framed by elsewhere. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  // Not less: without it, browsers leave out where a form comes from.
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Cache-Control": "no-store",
};

/** The methods that there are. */
const METHODS = ["GET", "HEAD", "POST"];

/**
 * Stands before everything that is served. Lets through whoever is asked for by a name of its own, does
 * not come from a page of somebody else, and may see it.
 *
 * Without a token, only names of this machine are taken: a page elsewhere whose name is made to lead here
 * (DNS rebinding) is no page of ours. With one, such a page has no session, and a proxy may call us as it
 * likes.
 */
export function guard(access: Access): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    refuseMethod(c);
    if (!access.wantsToken) refuseHost(c);
    refuseOtherSites(c);
    const isAllowed = isOpen(c) ? () => true : access.allow(c);
    if (isAllowed === undefined) {
      if (isForPrograms(c.req.path)) throw unauthorized("a token is needed here");
      return c.redirect("/login", 303);
    }
    c.set("isStillAllowed", isAllowed);
    await next();
  };
}

/** What anybody who reaches the server may have: whether it is well, and how to log in. */
function isOpen({ req }: ServerContext): boolean {
  return req.path === "/healthz" || req.path === "/login" || req.path.startsWith("/assets/");
}

/** Whether a path answers with data instead of pages. */
export function isForPrograms(path: string): boolean {
  return path === "/api" || path.startsWith("/api/") || path === "/metrics" || path === "/healthz";
}

function refuseMethod({ req }: ServerContext): void {
  if (METHODS.includes(req.method)) return;
  throw new Refusal("request.method", `${req.method} is not done here`, {
    headers: { Allow: METHODS.join(", ") },
  });
}

function refuseHost({ req }: ServerContext): void {
  const host = req.header("host") ?? "";
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  if (isLoopback(name)) return;
  throw new Refusal(
    "request.forbidden",
    "without a token, this server is asked for by a name of its own machine alone",
    {
      hint: "ask for 127.0.0.1 or localhost, or start `syncline serve` with a token",
    },
  );
}

/** Pages of others, those on another port of this machine among them, ask for nothing in a user's name. */
function refuseOtherSites({ req }: ServerContext): void {
  const isChange = req.method === "POST";
  const site = req.header("sec-fetch-site");
  const origin = req.header("origin");
  const isOurs = site === undefined || site === "same-origin" || site === "none";
  // Somebody may follow a link to a page; an image or a frame elsewhere has no business with one.
  const isFollowed = (req.header("sec-fetch-dest") ?? "document") === "document";
  if (!isOurs && (isChange || isForPrograms(req.path) || !isFollowed)) throw fromElsewhere();
  if (!isChange) return;
  if (origin !== undefined && !isOrigin(origin, req.header("host") ?? "")) throw fromElsewhere();
  const wanted = isForPrograms(req.path) ? "application/json" : "application/x-www-form-urlencoded";
  const type = (req.header("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (type !== wanted)
    throw new Refusal(
      "request.content_type",
      `a request that changes something has the content type ${wanted} here`,
    );
  // A page cannot send JSON elsewhere without asking; a form it can, and browsers say where it was.
  if (wanted !== "application/json" && site === undefined && origin === undefined)
    throw fromElsewhere();
}

function isOrigin(origin: string, host: string): boolean {
  try {
    const { protocol, host: theirs } = new URL(origin);
    return new URL(`${protocol}//${host}`).host === theirs;
  } catch {
    return false;
  }
}

function fromElsewhere(): Refusal {
  return new Refusal("request.forbidden", "it comes from a page of somebody else", {
    hint: "programs leave Origin and Sec-Fetch-Site out; a proxy passes Host on as it got it",
  });
}
