import { DatabaseError } from "pg";
import { Failure, type FailureCode, type FailureDetails } from "../../protocol/errors.ts";
import { classOf, mayQuoteRows, namesOf, type ServerError } from "./server-error.ts";

interface Meaning {
  readonly code: FailureCode;
  /** Said instead of the server's text, where that may quote rows. */
  readonly says?: string;
  readonly hint?: string;
  readonly kind?: FailureDetails["kind"];
}

const GRANT_HINT = "grant the privilege to the configured user, or configure another one";
const LOGIN_HINT = "check username and password";

/** Set to `1` for a connector whose messages are to repeat all that the server says. */
const SERVER_MESSAGES_VARIABLE = "SYNCLINE_SHOW_SERVER_MESSAGES";

const WITHHELD_HINT = `the server's words may quote rows: they are in its log, and shown with --show-server-messages or ${SERVER_MESSAGES_VARIABLE}=1`;

/** PostgreSQL gives every error one; what stands before it may not, and may quote rows as well. */
const NO_SQLSTATE: Meaning = {
  code: "postgres.failed",
  says: "the server reported an error without an SQLSTATE",
  hint: "look for what stands between here and the server",
};

/** SQLSTATE (5 characters), or its first 3 or 2, → what it means here. The longest match wins. */
const BY_SQLSTATE: Readonly<Record<string, Meaning>> = {
  "08": { code: "postgres.connection_lost", says: "the connection failed" },
  "0A": { code: "postgres.failed" },
  "22": { code: "postgres.bad_value", says: "a value was rejected" },
  "22001": { code: "postgres.bad_value", says: "a value is too long for its column" },
  "22003": { code: "postgres.bad_value", says: "a number is out of range for its column" },
  "22007": { code: "postgres.bad_value", says: "a date or time is not valid" },
  "22008": { code: "postgres.bad_value", says: "a date or time is out of range" },
  "22021": { code: "postgres.bad_value", says: "a text has bytes its encoding does not allow" },
  "22P02": { code: "postgres.bad_value", says: "a value is not valid for the type of its column" },
  "22P04": { code: "postgres.bad_value", says: "a row is not valid COPY data" },
  "22P05": { code: "postgres.bad_value", says: "a character has no equivalent in the encoding" },
  "23": { code: "postgres.constraint", says: "a row breaks a constraint" },
  "23502": { code: "postgres.constraint", says: "a column that is not nullable got no value" },
  "23503": {
    code: "postgres.constraint",
    says: "a row breaks a foreign key",
    hint: "where a row goes that is still pointed to, let the foreign key say on delete cascade or set null; where rows come before those they point to, make it deferrable; or drop it",
  },
  "23505": { code: "postgres.constraint", says: "a row breaks a unique constraint" },
  "23514": { code: "postgres.constraint", says: "a row breaks a check constraint" },
  "23P01": { code: "postgres.constraint", says: "a row breaks an exclusion constraint" },
  "25006": {
    code: "postgres.permission_denied",
    says: "the session may only read",
    hint: "the server is a standby or the session is read-only: connect to the primary, with a user whose default_transaction_read_only is off",
  },
  "25P03": { code: "postgres.connection_lost", says: "the server ended an idle session" },
  "25P04": { code: "postgres.connection_lost", says: "the server ended a long transaction" },
  "28": { code: "postgres.auth_failed", says: "the login was refused", hint: LOGIN_HINT },
  "28P01": { code: "postgres.auth_failed", says: "the login was refused", hint: LOGIN_HINT },
  "3D": {
    code: "postgres.object_missing",
    says: "the database does not exist",
    hint: "check the name of the database",
  },
  "3F": {
    code: "postgres.object_missing",
    says: "a schema it needs does not exist",
    hint: "check the name of the schema",
  },
  "40": { code: "postgres.conflict", says: "another session was in the way" },
  "42501": {
    code: "postgres.permission_denied",
    says: "permission denied",
    hint: GRANT_HINT,
  },
  "42703": {
    code: "postgres.object_missing",
    says: "a column it needs does not exist",
    hint: "run discover again: the columns changed",
  },
  "42704": { code: "postgres.object_missing", says: "an object it needs does not exist" },
  "42883": { code: "postgres.object_missing", says: "a function it needs does not exist" },
  "42P01": {
    code: "postgres.object_missing",
    says: "a table or view it needs does not exist",
    hint: "run discover again, or check the name of the table",
  },
  "44": { code: "postgres.constraint", says: "a row breaks the check option of a view" },
  "53": { code: "postgres.out_of_resources", says: "the server has too few resources left" },
  "53100": {
    code: "postgres.out_of_resources",
    says: "a disk of the server is full",
    hint: "free disk space on the server",
  },
  "53200": {
    code: "postgres.out_of_resources",
    says: "the server has no memory left",
    hint: "when it is the memory that sessions share, raise max_locks_per_transaction of the server, which leaves room for the locks of more tables",
  },
  "53300": {
    code: "postgres.out_of_resources",
    says: "the server takes no more connections",
    hint: "the server has no connection left: raise max_connections or the user's limit, or stop other clients",
  },
  "54": { code: "postgres.too_large", says: "a limit of the server is exceeded" },
  "55006": { code: "postgres.object_in_use", says: "it is in use" },
  "55P03": {
    code: "postgres.conflict",
    says: "a lock was not to be had",
    hint: "another session holds a lock on it",
  },
  "2BP01": {
    code: "postgres.object_in_use",
    says: "it cannot be dropped",
    hint: "other objects depend on it",
  },
  "57014": { code: "postgres.conflict", says: "the statement was cancelled" },
  "57P": { code: "postgres.connection_lost", says: "the server ended the session" },
  "57P03": { code: "postgres.unreachable", says: "the server takes no connections now" },
  "57P04": {
    code: "postgres.object_missing",
    says: "the database is gone",
    hint: "the database was dropped",
  },
  P0: { code: "postgres.constraint", says: "a trigger or a function refused a row" },
};

/** Error codes of the operating system and of Node, and what they mean here. */
const BY_SYSTEM_CODE: Readonly<Record<string, Meaning>> = {
  EACCES: { code: "postgres.unreachable", kind: "config_error" },
  EAI_AGAIN: { code: "postgres.unreachable", says: "the name of the host cannot be looked up now" },
  ECONNREFUSED: {
    code: "postgres.unreachable",
    says: "nothing accepts connections there",
    hint: "check host and port, and whether the server runs and listens on that address",
  },
  ECONNRESET: { code: "postgres.connection_lost", says: "the connection was cut" },
  EHOSTUNREACH: { code: "postgres.unreachable", says: "the host cannot be reached" },
  ENETUNREACH: { code: "postgres.unreachable", says: "the network of the host cannot be reached" },
  ENOENT: {
    code: "postgres.unreachable",
    says: "there is no such socket",
    hint: "check host (the folder of the socket) and port",
  },
  ENOTFOUND: {
    code: "postgres.unreachable",
    says: "there is no host of that name",
    hint: "check host",
    kind: "config_error", // a typing mistake far more often than a broken name server
  },
  EPIPE: { code: "postgres.connection_lost", says: "the connection was cut" },
  ETIMEDOUT: { code: "postgres.connection_lost", says: "the server does not answer" },
};

/** What `pg` itself says, without a code, when the socket went away under a query. */
const PG_LOST =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|This socket has been ended)/;

/** What it says of a message that nobody asked for. */
const PG_UNASKED = /^Received unexpected \w+ message from backend/;

/**
 * When the server's words are repeated. `always`: also where they may quote rows, because nothing was
 * read yet, or the user asked for them.
 */
export type Quoting = "always" | "unless-rows";

/** What the environment of a connector asks for. */
export function quotingOf(env: Readonly<Record<string, string | undefined>>): Quoting {
  return env[SERVER_MESSAGES_VARIABLE] === "1" ? "always" : "unless-rows";
}

/**
 * Classifies whatever `pg` threw while doing `action`, an infinitive such as `read the table
 * public.orders`. The message reads "could not read the table public.orders: permission denied for
 * table orders". A `Failure` passes through; an error from neither the server nor the socket
 * becomes `internal.bug`.
 *
 * A text that may quote rows is replaced by what its SQLSTATE says; the server's error stays in
 * `cause`, for code that repairs a batch, and must not be printed from there.
 */
export function postgresFailure(
  action: string,
  error: unknown,
  quoting: Quoting = "unless-rows",
): Failure {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  const meaning = meaningOf(error, code);
  const { said, hint } = words(error, code, meaning, quoting);
  const facts: Record<string, string> = { ...namesOf(error as ServerError | null) };
  if (code !== "") facts[isSqlState(code) ? "sqlstate" : "system_code"] = code;
  return new Failure(
    meaning?.code ?? "internal.bug",
    `could not ${action}: ${said}${named(facts)}`,
    {
      facts,
      cause: error,
      ...(hint === undefined ? {} : { hint }),
      ...(meaning?.kind === undefined ? {} : { kind: meaning.kind }),
    },
  );
}

/** What is said of an error, and what is advised. */
function words(
  error: unknown,
  code: string,
  meaning: Meaning | undefined,
  quoting: Quoting,
): { said: string; hint: string | undefined } {
  const text = firstLine(error);
  const hint = functionHint(error, code) ?? hintOf(code, text) ?? meaning?.hint;
  if (!isSqlState(code)) return { said: meaning?.says ?? text, hint };
  const server = error as ServerError;
  if (quoting === "always") return { said: [text, server.detail].filter(Boolean).join("; "), hint };
  if (!mayQuoteRows(server)) return { said: text, hint };
  return {
    said: meaning?.says ?? `the server reported ${classOf(code)}, SQLSTATE ${code}`,
    hint: hint === undefined ? WITHHELD_HINT : `${hint}; ${WITHHELD_HINT}`,
  };
}

/** Whether what was thrown says that the connection is gone, and not what was to be done on it. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof Failure &&
    (error.code === "postgres.connection_lost" || error.code === "ssh.lost")
  );
}

/** The SQLSTATE of a server error; undefined for anything else. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return isSqlState(code) ? code : undefined;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return "";
  return error instanceof DatabaseError && !isSqlState(code) ? "" : code;
}

/** Server errors carry a severity; that tells the SQLSTATE `EPIPE` (none) from the system's. */
const isSqlState = (code: string) =>
  /^[0-9A-Z]{5}$/.test(code) && !Object.hasOwn(BY_SYSTEM_CODE, code);

function meaningOf(error: unknown, code: string): Meaning | undefined {
  const known = BY_SYSTEM_CODE[code];
  if (known !== undefined) return known;
  if (isSqlState(code))
    return (
      BY_SQLSTATE[code] ??
      BY_SQLSTATE[code.slice(0, 3)] ??
      BY_SQLSTATE[code.slice(0, 2)] ?? { code: "postgres.failed" }
    );
  if (error instanceof Error && PG_LOST.test(error.message))
    return { code: "postgres.connection_lost", says: "the connection was lost" };
  if (error instanceof Error && PG_UNASKED.test(error.message))
    return { code: "postgres.failed", says: "what the server sends is not PostgreSQL's protocol" };
  if (error instanceof DatabaseError) return NO_SQLSTATE;
  return undefined;
}

/** SQLSTATEs of a name that stands for nothing: a table, a function, a type. */
const NAMES_NOTHING = new Set(["42P01", "42883", "42704"]);

/** What to do where a function of the user's, mostly a trigger's, does not find what it names. */
function functionHint(error: unknown, code: string): string | undefined {
  const { where } = (error ?? {}) as { where?: unknown };
  if (!NAMES_NOTHING.has(code) || typeof where !== "string") return undefined;
  const [, name] = /^(?:PL\/\w+|SQL) function "?([\w.$]+)/m.exec(where) ?? [];
  return name === undefined
    ? undefined
    : `the function ${name} needs it, and our sessions have no search_path: name its schema there, or run ALTER FUNCTION … SET search_path`;
}

/** Hints that depend on what the server said, for codes with several causes. */
function hintOf(code: string, said: string): string | undefined {
  if (code === "55000" && /replica identity/.test(said))
    return "run ALTER TABLE … REPLICA IDENTITY FULL on it, or take it out of the publication";
  if (code === "42P07" && /\bstage_\d+\b/.test(said))
    return "the session has the temporary tables of a run before: let the pooler before the server reset a session before it gives it to somebody else (server_reset_query = DISCARD ALL of PgBouncer), or connect to the server itself";
  if (code === "42501" && /affected by row-level security/.test(said))
    return "let the user bypass it (alter role … bypassrls); a source may also be told that the rows its user sees are all there is (row_security: on)";
  if (code === "42501" && /wal ?sender/i.test(said))
    return "let the user read the log (alter role … replication)";
  if (code === "53300" && /max_wal_senders/.test(said))
    return "raise max_wal_senders of the server, or stop other readers of its log";
  if (code !== "28000") return undefined;
  if (/certificate/.test(said))
    return "the server wants a client certificate: set ssl_mode to require or higher, with client_certificate and client_key";
  if (/no encryption|SSL off/.test(said))
    return "the server may accept encrypted connections only: set ssl_mode to require, or let pg_hba.conf accept this client";
  if (/pg_hba\.conf/.test(said)) return "let pg_hba.conf of the server accept this client";
  return undefined;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;

/** The place the server named, where its text had to be withheld. */
function named(facts: Readonly<Record<string, string>>): string {
  const place = [
    facts["column"] === undefined ? "" : `column ${facts["column"]}`,
    facts["constraint"] === undefined ? "" : `constraint ${facts["constraint"]}`,
  ].filter((part) => part !== "");
  return place.length === 0 ? "" : ` (${place.join(", ")})`;
}
