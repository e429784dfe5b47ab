import { existsSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { parseConnectionText, type Parameters } from "./connection-text.ts";
import { passwordFromFile, SOCKET_FOLDERS } from "./password-file.ts";
import { readService } from "./service-file.ts";

/** Where a database is and who asks, under the names of our connectors' settings. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password?: string;
  readonly ssl_mode?: JsonObject;
}

/** libpq's variables, and the parameters they stand for. */
const VARIABLES: Parameters = {
  PGHOST: "host",
  PGHOSTADDR: "hostaddr",
  PGOPTIONS: "options",
  PGPORT: "port",
  PGDATABASE: "dbname",
  PGUSER: "user",
  PGPASSWORD: "password",
  PGPASSFILE: "passfile",
  PGSERVICE: "service",
  PGSSLMODE: "sslmode",
  PGSSLROOTCERT: "sslrootcert",
  PGSSLCERT: "sslcert",
  PGSSLKEY: "sslkey",
  PGSSLCRL: "sslcrl",
  PGSSLCRLDIR: "sslcrldir",
  PGSSLNEGOTIATION: "sslnegotiation",
  PGSSLMINPROTOCOLVERSION: "ssl_min_protocol_version",
  PGSSLMAXPROTOCOLVERSION: "ssl_max_protocol_version",
  PGGSSENCMODE: "gssencmode",
  PGREQUIREAUTH: "require_auth",
  PGREQUIREPEER: "requirepeer",
  PGCHANNELBINDING: "channel_binding",
  PGTARGETSESSIONATTRS: "target_session_attrs",
  PGLOADBALANCEHOSTS: "load_balance_hosts",
};

const UNDERSTOOD: ReadonlySet<string> = new Set([
  "host",
  "port",
  "dbname",
  "user",
  "password",
  "passfile",
  "service",
  "ssl",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "sslpassword",
]);

/** What changes nothing about which rows come and who may see them, at these values. */
const LEFT_ASIDE: Readonly<Record<string, RegExp>> = {
  application_name: /./,
  fallback_application_name: /./,
  connect_timeout: /./,
  client_encoding: /./,
  keepalives: /./,
  keepalives_idle: /./,
  keepalives_interval: /./,
  keepalives_count: /./,
  tcp_user_timeout: /./,
  channel_binding: /./, // used wherever the server offers it
  gssencmode: /^(disable|prefer)$/,
  sslnegotiation: /^postgres$/,
  sslcompression: /^0$/,
  sslsni: /^1$/,
  target_session_attrs: /^any$/,
  load_balance_hosts: /^disable$/,
};

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/**
 * Completes a connection URL the way libpq does: what it does not say is taken from a service file,
 * then from PG* variables, then from libpq's defaults; a password also from a password file.
 * Throws `usage.invalid`, `config.invalid` and `config.unreadable`, never with a password in it.
 *
 * @param what how messages call it: `the source`.
 * @param note told what was left aside.
 */
export function loginOf(
  text: string,
  what: string,
  env: NodeJS.ProcessEnv,
  note: (text: string) => void,
): Login {
  const homeFolder = env["HOME"] || homedir();
  const given = parseConnectionText(text, what);
  const fromEnv = Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([name, parameter]) =>
      env[name] ? [[parameter, env[name]] as const] : [],
    ),
  );
  const service = given["service"] ?? fromEnv["service"];
  const all: Parameters = {
    ...fromEnv,
    ...(service !== undefined && readService(service, env, homeFolder)),
    ...given,
  };
  for (const [name, value] of Object.entries(all)) lookOver(name, value, what, note);
  const username = all["user"] ?? userInfo().username;
  const port = portOf(all["port"], what);
  const place = {
    host: all["host"] ?? defaultHost(port),
    port,
    database: all["dbname"] ?? username,
    username,
  };
  const file = all["passfile"] ?? join(homeFolder, ".pgpass");
  const password = all["password"] ?? passwordFromFile(file, place, note);
  const ssl = sslModeOf(all, what, homeFolder);
  return { ...place, ...(password && { password }), ...(ssl && { ssl_mode: ssl }) };
}

function lookOver(name: string, value: string, what: string, note: (text: string) => void): void {
  if (UNDERSTOOD.has(name)) return;
  const known = Object.hasOwn(LEFT_ASIDE, name);
  if (known && LEFT_ASIDE[name]!.test(value)) return note(`${what}: ${name} is left aside`);
  const variable = Object.keys(VARIABLES).find((one) => VARIABLES[one] === name);
  throw new Failure(
    "usage.invalid",
    `${what}: the parameter ${name} is not ${known ? "taken with this value" : "taken"} here`,
    { hint: variable === undefined ? "leave it out" : `leave it out, and unset ${variable}` },
  );
}

function portOf(text: string | undefined, what: string): number {
  if (text === undefined) return 5432;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Failure("usage.invalid", `${what}: the port is no number from 1 to 65535`, {
    hint: "in a password : is spelled %3A and / %2F",
  });
}

/** The usual socket where a server has one, as libpq prefers it. */
function defaultHost(port: number): string {
  const hasSocket = (folder: string) => existsSync(join(folder, `.s.PGSQL.${port}`));
  return SOCKET_FOLDERS.find(hasSocket) ?? "localhost";
}

/** Undefined when nothing was said: then the connectors' default counts, which is libpq's. */
function sslModeOf(all: Parameters, what: string, homeFolder: string): JsonObject | undefined {
  if (all["sslrootcert"] === "system")
    throw new Failure("usage.invalid", `${what}: sslrootcert=system is not taken here`, {
      hint: "name the file of the system's certificates, often /etc/ssl/certs/ca-certificates.crt, and sslmode=verify-full",
    });
  const mode = all["sslmode"] ?? (all["ssl"] === "true" ? "require" : undefined);
  if (mode === undefined) return undefined;
  if (!SSL_MODES.includes(mode))
    throw new Failure("usage.invalid", `${what}: sslmode is none of ${SSL_MODES.join(", ")}`);
  if (!/^(require|verify)/.test(mode)) return { mode };
  const file = (parameter: string, usual: string) =>
    certificate(all[parameter], join(homeFolder, ".postgresql", usual), `${what}: ${parameter}`);
  const root = file("sslrootcert", "root.crt");
  const shown = file("sslcert", "postgresql.crt");
  const client = {
    ...(shown !== undefined && { client_certificate: shown }),
    ...(shown !== undefined && { client_key: file("sslkey", "postgresql.key") ?? "" }),
    ...(all["sslpassword"] !== undefined && { client_key_password: all["sslpassword"] }),
  };
  if (mode === "require" && root === undefined) return { mode, ...client };
  if (root === undefined)
    throw new Failure("config.invalid", `${what}: ${mode} needs certificates to trust`, {
      hint: "name a file of them with sslrootcert, or put it at ~/.postgresql/root.crt",
    });
  // With certificates to trust, libpq verifies under `require` as well.
  return { mode: mode === "require" ? "verify-ca" : mode, ca_certificate: root, ...client };
}

function certificate(named: string | undefined, usual: string, what: string): string | undefined {
  if (named === undefined && !existsSync(usual)) return undefined;
  try {
    return readFileSync(named ?? usual, "utf8");
  } catch (error) {
    throw new Failure("config.unreadable", `${what}: ${named ?? usual} cannot be read`, {
      cause: error,
    });
  }
}
