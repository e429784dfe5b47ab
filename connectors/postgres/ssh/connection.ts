import { connect as connectSocket, type Socket } from "node:net";
import type { Client, ClientChannel, ServerHostKeyAlgorithm } from "ssh2";
import { Failure } from "../../../protocol/errors.ts";
import { expectAcknowledgements, PATIENCE } from "../acknowledgement.ts";
import { connectFailure, forwardFailure, lostFailure, notInstalled } from "./failures.ts";
import { distrust, hostKeysOf, type HostKeys } from "./host-key.ts";
import { loginOf } from "./login.ts";
import type { SshTunnel } from "./settings.ts";
import { asSocket } from "./stream.ts";

/** Time to connect and log in. */
const READY_TIMEOUT_MS = 30_000;

/** How often a silent server is asked whether it is there, and how often in vain before it is given up. */
const ALIVE_EVERY_MS = 15_000;
const ALIVE_TRIES = 3;

/** Which algorithms prove that a server has a key of a type, of those that ssh2 knows: it refuses to ask for others. */
const ALGORITHMS_OF: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
  "ssh-dss": ["ssh-dss"],
};

/** A connection to an SSH server, logged in. It carries any number of connections to databases. */
export class SshConnection {
  readonly #tunnel: SshTunnel;
  readonly #client: Client;
  readonly #tcp: Socket;
  readonly #streams = new Set<Socket>();
  #lost: Failure | undefined;

  constructor(tunnel: SshTunnel, client: Client, tcp: Socket) {
    this.#tunnel = tunnel;
    this.#client = client;
    this.#tcp = tcp;
    let reason: unknown;
    client.on("error", (error) => (reason = error));
    // Before ssh2's own listener, which ends the channels as if the database had.
    tcp.prependOnceListener("close", () => {
      this.#lost = lostFailure(tunnel, reason);
      for (const stream of this.#streams) stream.destroy(this.#lost);
    });
  }

  /**
   * A connection from the SSH server to a place that it sees; a folder is that of a Unix socket there.
   * When the tunnel breaks, it is destroyed with `ssh.lost`.
   */
  async forward(host: string, port: number): Promise<Socket> {
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      const done = (error: Error | undefined, opened: ClientChannel) =>
        error ? reject(error) : resolve(opened);
      if (host.startsWith("/"))
        this.#client.openssh_forwardOutStreamLocal(`${host}/.s.PGSQL.${port}`, done);
      else this.#client.forwardOut("127.0.0.1", 0, host, port, done);
    }).catch((error: unknown) => {
      throw this.#lost ?? forwardFailure(this.#tunnel, { host, port }, error);
    });
    const stream = asSocket(channel);
    this.#streams.add(stream);
    stream.once("close", () => this.#streams.delete(stream));
    return stream;
  }

  /** Calls `listener` when the connection is gone, whoever ended it. */
  onceGone(listener: () => void): void {
    this.#tcp.once("close", listener);
  }

  close(): void {
    this.#client.end();
    this.#tcp.destroySoon();
  }
}

/**
 * Connects and logs in. The server's key is looked at first: nothing secret goes to one that is not the
 * one that the settings name.
 *
 * @throws `ssh.*`, or `config.invalid` for a key that cannot be used.
 */
export async function connectSsh(tunnel: SshTunnel, signal: AbortSignal): Promise<SshConnection> {
  const ssh2 = await import("ssh2").catch((error: unknown) => {
    throw notInstalled(error);
  });
  // Its main module is CommonJS.
  const { Client: SshClient, utils } = ssh2.default;
  const login = loginOf(tunnel, utils.parseKey);
  const keys = await hostKeysOf(tunnel);
  signal.throwIfAborted();

  const { tunnel_host: host, tunnel_port: port = 22 } = tunnel;
  const tcp = connectSocket({ host, port, noDelay: true });
  const client = new SshClient();
  return new Promise<SshConnection>((resolve, reject) => {
    let refusal: Failure | undefined;
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", onAbort);
      client.on("error", () => {}); // a second error after the first tells nothing new
      tcp.destroy();
      reject(error instanceof Failure ? error : (refusal ?? connectFailure(tunnel, error)));
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    client.once("error", fail);
    client.once("close", () => fail(undefined));
    client.once("ready", () => {
      signal.removeEventListener("abort", onAbort);
      client.off("error", fail);
      expectAcknowledgements(tcp, tcp, PATIENCE);
      resolve(new SshConnection(tunnel, client, tcp));
    });
    login.answerWith?.(client);
    client.connect({
      sock: tcp,
      username: tunnel.tunnel_user,
      ...login.config,
      readyTimeout: READY_TIMEOUT_MS,
      keepaliveInterval: ALIVE_EVERY_MS,
      keepaliveCountMax: ALIVE_TRIES,
      algorithms: { serverHostKey: algorithmsFor(keys) },
      hostVerifier: (key: Buffer): boolean => {
        refusal = distrust(tunnel, keys, key);
        return refusal === undefined;
      },
    });
  });
}

/** A server with several keys shows the one of the first type that it has: that is to be a known one. */
function algorithmsFor({ trusted }: HostKeys) {
  const types = trusted.flatMap(({ type }) => type ?? []);
  const prepend = [...new Set(types.flatMap((type) => ALGORITHMS_OF[type] ?? []))];
  return { prepend, append: [], remove: [] };
}
