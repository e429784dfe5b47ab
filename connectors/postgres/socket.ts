import { connect as connectSocket, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { Failure } from "../../protocol/errors.ts";
import { notPostgres } from "./answers.ts";
import { expectAcknowledgements, PATIENCE, type Patience } from "./acknowledgement.ts";
import { tunnelOf, type TunnelMethod } from "./ssh/settings.ts";
import { openThroughTunnel } from "./ssh/tunnel.ts";
import type { Encryption } from "./tls.ts";

/** Length 8, code 80877103: asks whether the server can encrypt. It answers `S` or `N`. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** What an SSH server says to whoever comes: its S does not mean that it can encrypt. */
const SSH = Buffer.from("SSH-");

/**
 * Idle time before the system probes a silent peer. Linux then probes once a second and gives up
 * after ten, so a server that vanished without a word is noticed within 40 seconds; also while it is
 * being sent something (`expectAcknowledgements`).
 */
const KEEPALIVE_AFTER_MS = 30_000;

/** Bytes that are read from the network at once. */
const READ_BYTES = 64 * 1024;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tunnel_method?: TunnelMethod;
}

export interface OpenSocket {
  readonly socket: Socket;
  readonly isEncrypted: boolean;
}

/**
 * Connects, through a tunnel if one is set, and encrypts, if wanted; the socket is ready for the start-up
 * packet. Aborting `signal`
 * destroys it and rejects with the signal's reason. What a listener of "data" gets is valid during the call.
 *
 * Done here rather than by `pg`, which cannot go on without encryption on the same connection, and
 * whose TLS settings depend on the environment. Rejects with the errors of the system and of TLS as
 * they are, and with `postgres.tls` when the server cannot encrypt.
 */
export async function openSocket(
  endpoint: Endpoint,
  encryption: Encryption,
  tls: ConnectionOptions,
  signal: AbortSignal,
  patience: Patience = PATIENCE,
): Promise<OpenSocket> {
  const { host, port } = endpoint;
  const isUnixSocket = host.startsWith("/");
  const tunnel = tunnelOf(endpoint);
  const tunnelled = tunnel && (await openThroughTunnel(tunnel, endpoint, signal));
  return new Promise<OpenSocket>((resolve, reject) => {
    const tcp: Socket =
      tunnelled ??
      connectSocket({
        ...(isUnixSocket ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }),
        onread: intoOneBuffer(() => tcp),
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEPALIVE_AFTER_MS,
      });
    const settle = (open: () => void) => {
      signal.removeEventListener("abort", onAbort);
      tcp.off("error", fail).off("close", onClose);
      open();
    };
    const fail = (error: unknown) =>
      settle(() => {
        tcp.on("error", () => {}); // a second error after the first tells nothing new
        tcp.destroy();
        reject(error);
      });
    const onClose = () => fail(closedEarly());
    const onAbort = () => fail(signal.reason);
    const succeed = (socket: Socket, isEncrypted: boolean) =>
      settle(() => {
        expectAcknowledgements(socket, tcp, patience);
        resolve({ socket, isEncrypted });
      });

    if (signal.aborted) return fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    tcp.on("error", fail).on("close", onClose);
    const begin = () => {
      // A Unix socket stays on the machine: libpq never encrypts it either.
      if (encryption === "never" || isUnixSocket) return succeed(tcp, false);
      tcp.write(SSL_REQUEST);
      tcp.once("data", (answer) => {
        // The rest happens in this very tick: bytes of the handshake must not get lost.
        if (answer.length === 1 && answer[0] === 0x53) {
          const secure = connectTls({ ...tls, socket: tcp });
          const failSecure = (error: unknown) => {
            secure.on("error", () => {});
            fail(error);
          };
          secure.once("error", failSecure);
          secure.once("secureConnect", () => {
            secure.off("error", failSecure);
            succeed(secure, true);
          });
          return;
        }
        tcp.pause();
        if (answer.subarray(0, SSH.length).equals(SSH)) return fail(notPostgres());
        if (answer.length > 1 && answer[0] === 0x53)
          // CVE-2021-23222: whatever comes before the handshake was put there by somebody between.
          return fail(notTrustworthy());
        if (answer[0] !== 0x4e && answer[0] !== 0x45) return fail(notPostgres());
        if (encryption === "if-offered" && answer[0] === 0x4e) return succeed(tcp, false);
        fail(cannotEncrypt());
      });
    };
    if (tunnelled) begin();
    else tcp.once("connect", begin);
  });
}

/**
 * Has a socket read into the same memory again and again: Node takes new memory for each chunk otherwise.
 * What nobody listens to is kept, in memory of its own.
 */
function intoOneBuffer(socketOf: () => Socket): OnReadOpts {
  return {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (bytes, buffer) => {
      const socket = socketOf();
      const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, bytes);
      const isHeard = socket.readableFlowing === true && socket.listenerCount("data") > 0;
      if (!isHeard || socket.readableLength > 0) return socket.push(Buffer.from(chunk));
      socket.emit("data", chunk);
      return true;
    },
  };
}

const closedEarly = () =>
  new Failure("postgres.unreachable", "the server closed the connection before it began", {
    hint: "check that a PostgreSQL server listens on this port, and its log",
  });

const notTrustworthy = () =>
  new Failure("postgres.tls", "unencrypted bytes arrived after encryption was agreed on", {
    hint: "something between here and the server tampers with the connection",
  });

const cannotEncrypt = () =>
  new Failure("postgres.tls", "the server does not accept encrypted connections", {
    hint: "set ssl = on in postgresql.conf of the server, or use ssl_mode prefer or disable",
  });
