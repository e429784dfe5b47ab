import { Failure } from "../../protocol/errors.ts";

/** Parameters of a connection under libpq's names: host, port, dbname, user, password, sslmode … */
export type Parameters = Readonly<Record<string, string>>;

const URL_PARTS =
  /^postgres(?:ql)?:\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s;
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s;
const ASSIGNMENT = /\s*([A-Za-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)\s*/sy;

/**
 * Reads a connection URL or a list of `name=value`, as libpq spells them. What is empty counts as
 * not said. Throws `usage.invalid`, which never repeats any of the text: it may hold a password.
 *
 * @param what how messages call the text: `the source`.
 */
export function parseConnectionText(text: string, what: string): Parameters {
  const given = text.includes("://") ? parseUrl(text, what) : parseAssignments(text, what);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
}

function parseUrl(text: string, what: string): Record<string, string> {
  const parts = URL_PARTS.exec(text);
  if (parts === null) throw notUnderstood(what);
  const [, user = "", password = "", authority = "", dbname = "", query = ""] = parts;
  if (authority.includes("@"))
    throw new Failure("usage.invalid", `${what} has more than one @`, { hint: ENCODE });
  if (authority.includes(","))
    throw new Failure("usage.invalid", `${what} names several hosts; name one`);
  const [, host = "", port = ""] = HOST_AND_PORT.exec(authority) ?? [];
  const decode = (part: string) => decodePercent(part, what);
  const options = query.split("&").filter((option) => option !== "");
  return {
    user: decode(user),
    password: decode(password),
    host: decode(host.replace(/^\[(.*)\]$/, "$1")),
    port: decode(port),
    dbname: decode(dbname),
    ...Object.fromEntries(
      options.map((option) => {
        const [name = "", ...value] = option.split("=");
        return [decode(name), decode(value.join("="))];
      }),
    ),
  };
}

function parseAssignments(text: string, what: string): Record<string, string> {
  const given: Record<string, string> = {};
  ASSIGNMENT.lastIndex = 0;
  while (ASSIGNMENT.lastIndex < text.length) {
    const found = ASSIGNMENT.exec(text);
    if (found === null) throw notUnderstood(what);
    given[found[1]!] = found[2]!.replace(/^'(.*)'$/s, "$1").replaceAll(/\\(.)/gs, "$1");
  }
  if (Object.keys(given).length === 0) throw notUnderstood(what);
  return given;
}

const ENCODE =
  "in a user name or password @ is spelled %40, / %2F, : %3A, ? %3F and % %25; or leave the password to PGPASSWORD or ~/.pgpass";

function decodePercent(part: string, what: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Failure("usage.invalid", `${what} has a % that encodes nothing`, { hint: ENCODE });
  }
}

function notUnderstood(what: string): Failure {
  return new Failure("usage.invalid", `${what} is no PostgreSQL URL`, {
    hint: "it looks like postgres://user:password@host:5432/database, or service=name",
  });
}
