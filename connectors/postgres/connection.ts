import type { Client } from "pg";
import { Failure } from "../../protocol/errors.ts";
import { cancelKeyOf, createClient, endClient, socketOf } from "./driver.ts";
import { DEFAULT_SSL_MODE, type PostgresConfig } from "./settings.ts";
import { postgresFailure, sqlStateOf, type Quoting } from "./errors.ts";
import { PIN_SESSION } from "./pinned-settings.ts";
import { openSocket, type OpenSocket } from "./socket.ts";
import { ANY_KEY, tunnelOf } from "./ssh/settings.ts";
import { ENCRYPTION_OF, isTlsError, tlsFailure, tlsOptions, type Encryption } from "./tls.ts";

/** Time for everything `connect` does, all attempts together. Airbyte's default. */
const CONNECT_TIMEOUT_MS = 60_000;

/** Time for a polite goodbye, after which the socket is closed under the server. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface ConnectOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /**
   * `nothing` leaves the session's settings as they are, for whoever pins them in each transaction:
   * behind a pooler the session is not ours. Default: `session`.
   */
  readonly pin?: "session" | "nothing";
  /** Whether to open a session that may read the write-ahead log. Default: no. */
  readonly replication?: boolean;
  /**
   * Whether transactions that only read see what row-level security lets the user see; else a table
   * of which that is a part is an error.
   */
  readonly rowSecurity?: boolean;
  /**
   * Aborting it ends the attempt to connect. In an open session it ends what waits for another
   * session's lock, from then on, and nothing else.
   */
  readonly signal?: AbortSignal;
  /**
   * Seconds of silence after which a server is given up that was asked what waits for nobody's lock.
   * Default: 300.
   */
  readonly answerSeconds?: number;
  /** Whether every statement of the session is such a question. Default: none but those that say so. */
  readonly asksOnly?: boolean;
  /** `always` repeats in messages what the server says, although it may quote rows. */
  readonly quoting?: Quoting;
  /** Receives advice about the connection made, such as that it is not encrypted. */
  readonly warn?: (message: string) => void;
}

/**
 * Opens one connection with every value as text, exactly as the server prints it, and every setting
 * of `pinned-settings.ts` pinned, unless told otherwise.
 *
 * Nothing of it comes from the environment: no PG* variable, no pgpass file, no service file. Fails with
 * the codes `postgres.*`, `ssh.*`, or `config.invalid` for unusable certificates and keys; there is no
 * retry. A connection that breaks later rejects the query at hand and all following ones with
 * `postgres.connection_lost` (through `postgresFailure`), or `ssh.lost`: never an end of data.
 */
export async function connect(config: PostgresConfig, options: ConnectOptions): Promise<Client> {
  const ssl = config.ssl_mode ?? DEFAULT_SSL_MODE;
  const tls = tlsOptions(ssl, config.host);
  const action = `connect to ${placeOf(config)}`;
  const timeout = timeoutSignal(action);
  const signal = options.signal
    ? AbortSignal.any([timeout.signal, options.signal])
    : timeout.signal;
  try {
    const attempts = ENCRYPTION_OF[ssl.mode];
    for (const [index, encryption] of attempts.entries()) {
      try {
        return await attempt(config, options, encryption, tls, signal);
      } catch (error) {
        const isLast = index === attempts.length - 1;
        if (isLast || signal.aborted || !isAboutEncryption(error, encryption))
          throw connectFailure(action, error, config);
      }
    }
    throw new Failure("internal.bug", `ssl_mode ${ssl.mode} has no way to connect`);
  } finally {
    timeout.clear();
  }
}

/**
 * Says goodbye and closes the connection. Never rejects and takes 2 seconds at most; a query still
 * running is abandoned and its transaction rolled back by the server.
 *
 * @param ending what is waited for first.
 */
export async function close(
  client: Client,
  ending: Promise<void> = Promise.resolve(),
): Promise<void> {
  const timer = setTimeout(() => socketOf(client).destroy(), CLOSE_TIMEOUT_MS);
  try {
    await ending;
    await endClient(client);
  } catch {
    // Broken already: there is nobody left to say goodbye to.
  } finally {
    clearTimeout(timer);
  }
}

/** `host:port`, database and user, for messages. */
export function placeOf({ host, port, database, username }: PostgresConfig): string {
  const at = host.startsWith("/") ? `${host} (port ${port})` : `${host}:${port}`;
  return `the database ${JSON.stringify(database)} at ${at} as ${JSON.stringify(username)}`;
}

async function attempt(
  config: PostgresConfig,
  options: ConnectOptions,
  encryption: Encryption,
  tls: ReturnType<typeof tlsOptions>,
  signal: AbortSignal,
): Promise<Client> {
  const open = await openSocket(config, encryption, tls, signal);
  const client = clientOn(config, options, open);
  const onAbort = () => open.socket.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await client.connect();
    cancelKeyOf(client); // each stop, and each end of a wait for a lock, needs it
    if (options.pin !== "nothing") await client.query(PIN_SESSION);
  } catch (error) {
    open.socket.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  if (!open.isEncrypted && !isLocal(config.host) && config.ssl_mode?.mode !== "disable")
    options.warn?.(
      `the connection to ${config.host} is not encrypted; set ssl_mode to require or higher to insist on it`,
    );
  if (tunnelOf(config)?.tunnel_host_key === ANY_KEY)
    options.warn?.(
      "whoever answers in the place of the SSH server is believed (tunnel_host_key: any); set its key to be sure of it",
    );
  return client;
}

/** A client for the open socket, which asks for the password only where it may be sent. */
function clientOn(
  config: PostgresConfig,
  { applicationName, replication = false }: ConnectOptions,
  { socket, isEncrypted }: OpenSocket,
): Client {
  // libpq would send the password to whoever asks. A server that was swapped for another asks like
  // this, so with an encryption that is only preferred it stays here.
  const mayBeOverheard =
    !isEncrypted && !isLocal(config.host) && config.ssl_mode?.mode !== "disable";
  const { host, port, database, username } = config;
  const password = (isInClear: boolean): string => {
    if (isInClear && mayBeOverheard) throw refusesClearPassword();
    if (config.password) return config.password;
    throw new Failure("postgres.auth_failed", "the server asks for a password and none is set", {
      hint: "set password in the config",
    });
  };
  return createClient(
    { host, port, database, username, applicationName, replication, password },
    socket,
    isEncrypted,
  );
}

/**
 * Whether libpq would try the next way to connect: the server refused this one for being encrypted
 * or not (no line of pg_hba.conf fits), or the handshake failed. A wrong password is not sent again.
 */
function isAboutEncryption(error: unknown, encryption: Encryption): boolean {
  if (sqlStateOf(error) === "28000") return true;
  return encryption === "if-offered" && isTlsError(error);
}

function connectFailure(action: string, error: unknown, config: PostgresConfig): Failure {
  if (isTlsError(error)) return tlsFailure(action, error);
  if (error instanceof Failure)
    return error.message.startsWith("could not")
      ? error
      : new Failure(error.code, `could not ${action}: ${error.message}`, {
          kind: error.kind,
          facts: error.facts,
          ...(error.hint === undefined ? {} : { hint: error.hint }),
          cause: error,
        });
  const failure = postgresFailure(action, soleCause(error), "always"); // no row was read yet
  if (failure.code === "postgres.connection_lost")
    return new Failure("postgres.unreachable", failure.message, {
      facts: failure.facts,
      hint: `check that a PostgreSQL server listens on port ${config.port}, and its log`,
      cause: error,
    });
  if (failure.code === "internal.bug" && error instanceof Error && error.message.startsWith("SASL"))
    return new Failure("postgres.auth_failed", failure.message, {
      hint: "check password, and which ways to log in the server offers",
      cause: error,
    });
  return failure;
}

/** A name with several addresses fails once per address; the first tells as much as all. */
function soleCause(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

function timeoutSignal(action: string): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const seconds = CONNECT_TIMEOUT_MS / 1000;
    controller.abort(
      new Failure("postgres.unreachable", `could not ${action}: no answer within ${seconds} s`, {
        hint: "check host and port, and whether a firewall drops the packets",
      }),
    );
  }, CONNECT_TIMEOUT_MS);
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

const isLocal = (host: string) =>
  host.startsWith("/") || host === "localhost" || host === "::1" || host.startsWith("127.");

const refusesClearPassword = () =>
  new Failure("postgres.auth_failed", "the server asks for the password unencrypted", {
    hint: "set ssl_mode to require or higher, or to disable if nobody can listen on the way",
  });
