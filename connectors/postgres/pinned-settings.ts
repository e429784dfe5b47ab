import { quoteLiteral } from "./sql.ts";

type Pins = readonly (readonly [name: string, value: string])[];

/**
 * Settings that change what PostgreSQL prints, what it accepts, or when it gives up. A role, a
 * database or a server may set any of them, so every session sets them again.
 */
const PINNED: Pins = [
  ["statement_timeout", "0"], // first, so that it does not end the others
  ["DateStyle", "ISO, YMD"],
  ["IntervalStyle", "postgres"],
  ["TimeZone", "UTC"],
  ["extra_float_digits", "3"], // shortest text that reads back as the same float, on every version
  ["bytea_output", "hex"],
  ["xmlbinary", "base64"],
  ["xmloption", "content"],
  ["lc_monetary", "C"],
  ["lc_numeric", "C"],
  ["array_nulls", "on"],
  ["quote_all_identifiers", "off"],
  ["standard_conforming_strings", "on"],
  ["transform_null_equals", "off"],
  ["search_path", ""], // nothing of a user's can stand in for a function or operator of ours
  ["client_encoding", "UTF8"],
  ["client_min_messages", "error"], // nobody listens to notices, of which triggers may send millions
  ["row_security", "off"], // hidden rows are an error, not a shorter table
  ["lock_timeout", "0"],
  ["idle_in_transaction_session_timeout", "0"],
  ["default_transaction_isolation", "read committed"],
  ["default_transaction_deferrable", "off"],
];

/** The same, for settings that some supported versions do not have; set where they exist. */
const PINNED_WHERE_KNOWN: Pins = [
  ["idle_session_timeout", "0"], // 14
  ["transaction_timeout", "0"], // 17
  ["jit", "off"], // 11; compiling catalog queries and row-by-row expressions costs more than it saves
];

/**
 * The same, for servers on Linux: within a minute they notice that a client is gone, in the middle of a
 * long statement (14), and also when nobody says so.
 */
const PINNED_ON_LINUX: Pins = [
  ["client_connection_check_interval", "10s"],
  ["tcp_keepalives_idle", "30"],
  ["tcp_keepalives_interval", "5"],
  ["tcp_keepalives_count", "4"],
];

/**
 * For sessions that send us little (12): a client that takes no rows for a while, because nobody takes
 * them from it, is not gone.
 */
const USER_TIMEOUT: readonly [name: string, value: string] = ["tcp_user_timeout", "60s"];

const IS_LINUX = "pg_catalog.version() like '%linux%'";

const setting = ([name, value]: readonly [string, string], scope: "session" | "local") =>
  `set ${scope} ${name} = ${name === "search_path" ? "''" : quoteLiteral(value)}`;

/**
 * The statements that make a session ours, as one text for one round trip (no parameters, so the
 * simple protocol takes them all). Sent as SET rather than as start-up `options`, which pgbouncer
 * refuses.
 *
 * - A session that loses its client in the middle of a long statement notices within 10 seconds, or
 *   a minute, so that it does not hold locks for hours.
 * - Commits are made durable even for a role that switched that off: a STATE must not outlive rows.
 */
export const PIN_SESSION: string = [
  ...PINNED.map((pair) => setting(pair, "session")),
  pinWhereKnown(PINNED_WHERE_KNOWN),
  `${pinWhereKnown([...PINNED_ON_LINUX, USER_TIMEOUT])} where ${IS_LINUX}`,
  `select set_config(name, 'on', false) from pg_catalog.pg_settings
    where name = 'synchronous_commit' and setting = 'off'`,
].join(";\n");

/**
 * The same for a session that reads the log: what it sends waits for whoever takes it, for as long as that
 * takes. It says every few seconds that it lives; one that is at work for a moment is not gone, so a
 * server that gives up sooner than others do is told to wait as they do. Warnings tell what the log lacks.
 */
export const PIN_REPLICATION: string = [
  ...PINNED.map((pair) => setting(pair, "session")),
  pinWhereKnown(PINNED_WHERE_KNOWN),
  setting(["client_min_messages", "warning"], "session"),
  `${pinWhereKnown(PINNED_ON_LINUX)} where ${IS_LINUX}`,
  `select set_config(name, '60s', false) from pg_catalog.pg_settings
    where name = 'wal_sender_timeout' and setting::int between 1 and 59999`,
].join(";\n");

/** Settings that a transaction pins for itself, where every version has them. */
const PINNED_IN_TRANSACTION = PINNED.filter(([name]) => !name.startsWith("default_transaction"))
  .map((pair) => setting(pair, "local"))
  .join(";\n");

/** Asks which settings the server has beside those that every version has, and changes none. */
export const FIND_SETTINGS = `begin transaction read only;
${PINNED_IN_TRANSACTION};
select name from pg_catalog.pg_settings
  where name in (${namesOf(PINNED_WHERE_KNOWN)})
    or name in (${namesOf(PINNED_ON_LINUX)}) and ${IS_LINUX};
rollback`;

/**
 * The settings for the transaction just begun, and nothing outside it: a pooler in transaction mode
 * may hand every transaction another server session, and that session to somebody else afterwards.
 * Takes no snapshot (SET does not), so it may stand before LOCK TABLE in a repeatable read
 * transaction.
 *
 * @param known what `FIND_SETTINGS` found.
 * @param rowSecurity whether policies may hide rows.
 */
export function pinTransaction(known: readonly string[], rowSecurity = false): string {
  return [
    PINNED_IN_TRANSACTION,
    ...(rowSecurity ? [setting(["row_security", "on"], "local")] : []),
    ...[...PINNED_WHERE_KNOWN, ...PINNED_ON_LINUX]
      .filter(([name]) => known.includes(name))
      .map((pair) => setting(pair, "local")),
  ].join(";\n");
}

function pinWhereKnown(pins: Pins): string {
  const values = pins.map(([name, value]) => `(${quoteLiteral(name)}, ${quoteLiteral(value)})`);
  return `select set_config(name, wanted, false)
     from (values ${values.join(", ")}) as pinned (name, wanted)
     join pg_catalog.pg_settings using (name)`;
}

function namesOf(pins: Pins): string {
  return pins.map(([name]) => quoteLiteral(name)).join(", ");
}
