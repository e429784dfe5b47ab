import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection, type ParsedKey } from "ssh2";

export const SSH_USER = "tunnel";
export const SSH_PASSWORD = "hunter2 canary";

/** Fresh keys, in the format of OpenSSH. */
export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

export function sshKey(passphrase?: string): KeyPair {
  const key =
    passphrase === undefined
      ? ssh2.utils.generateKeyPairSync("ed25519")
      : ssh2.utils.generateKeyPairSync("ed25519", { passphrase, cipher: "aes256-ctr", rounds: 16 });
  // ssh2 drops a public key's leading zero byte, which one of 256 keys has; nobody can read that key.
  const readable =
    !(ssh2.utils.parseKey(key.public) instanceof Error) &&
    !(ssh2.utils.parseKey(key.private, passphrase) instanceof Error);
  return readable ? key : sshKey(passphrase);
}

export interface SshServerOptions {
  /** Whose owner may log in. */
  readonly userKey?: KeyPair;
  readonly hostKey?: KeyPair;
  /** How it asks for a password. Default: as `password`. */
  readonly asks?: "password" | "keyboard-interactive";
  /** Places by the names, or paths of sockets, that only this server knows. */
  readonly hosts?: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly forbidsTunnels?: boolean;
  /** Called with the bytes that went through tunnels so far, both ways. */
  readonly onBytes?: (total: number) => void;
}

export interface SshServer {
  readonly port: number;
  readonly hostKey: KeyPair;
  /** The tunnel settings of a connector that logs in with the password, and knows the server's key. */
  readonly tunnel: {
    readonly tunnel_method: "SSH_PASSWORD_AUTH";
    readonly tunnel_host: string;
    readonly tunnel_port: number;
    readonly tunnel_user: string;
    readonly tunnel_user_password: string;
    readonly tunnel_host_key: string;
  };
  /** The ways in which clients tried to log in. */
  readonly attempts: string[];
  /** How many clients connected. */
  readonly clients: number;
  /** The bytes that went through tunnels so far, both ways. */
  readonly carried: number;
  /** The places that connections were asked for. */
  readonly forwarded: string[];
  /** Breaks every connection, as a machine does that is switched off; new ones are served. */
  kill(): void;
  /** Breaks every connection and stops listening. */
  close(): Promise<void>;
}

/** An SSH server that makes tunnels and nothing else. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const hostKey = options.hostKey ?? sshKey();
  const allowed = options.userKey && (ssh2.utils.parseKey(options.userKey.public) as ParsedKey);
  const attempts: string[] = [];
  const forwarded: string[] = [];
  const sockets = new Set<Socket>();
  let clients = 0;
  let carried = 0;

  const serve = (client: Connection) => {
    client.on("error", () => {}); // clients that break off are what is tested
    client.on("authentication", (context) => {
      attempts.push(context.method);
      if (mayEnter(context, allowed, options)) return context.accept();
      if (context.method !== "keyboard-interactive" || options.asks !== "keyboard-interactive")
        return context.reject();
      context.prompt([{ prompt: "Password: ", echo: false }], (answers) =>
        answers[0] === SSH_PASSWORD ? context.accept() : context.reject(),
      );
    });
    // What forbids every channel, and is said as a server does that forbids this one.
    if (options.forbidsTunnels)
      client.on("ready", () => Object.assign(client, { authenticated: false }));
    client.on("tcpip", (accept, reject, { destIP, destPort }) => {
      forwarded.push(`${destIP}:${destPort}`);
      join(options.hosts?.[destIP] ?? { host: destIP, port: destPort }, accept, reject);
    });
    client.on("openssh.streamlocal", (accept, reject, info) => {
      const { socketPath: path } = info;
      forwarded.push(path);
      join(options.hosts?.[path] ?? { path }, accept, reject);
    });
  };
  const join = (
    place: { host: string; port: number } | { path: string },
    accept: () => ssh2.ServerChannel,
    reject: () => void,
  ) => {
    const upstream = connect(place);
    sockets.add(upstream);
    upstream.once("close", () => sockets.delete(upstream));
    upstream.once("error", reject);
    upstream.once("connect", () => {
      upstream.off("error", reject).on("error", () => {});
      const channel = accept();
      channel.on("error", () => {});
      for (const stream of [upstream, channel])
        stream.on("data", (chunk: Buffer) => options.onBytes?.((carried += chunk.length)));
      upstream.pipe(channel).pipe(upstream);
      channel.once("close", () => upstream.destroy());
      upstream.once("close", () => channel.close());
    });
  };
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, serve);
  const listener = createServer((socket) => server.injectSocket(socket));
  listener.on("connection", (socket: Socket) => {
    clients++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  return {
    port,
    hostKey,
    tunnel: {
      tunnel_method: "SSH_PASSWORD_AUTH",
      tunnel_host: "127.0.0.1",
      tunnel_port: port,
      tunnel_user: SSH_USER,
      tunnel_user_password: SSH_PASSWORD,
      tunnel_host_key: hostKey.public,
    },
    attempts,
    forwarded,
    get carried() {
      return carried;
    },
    get clients() {
      return clients;
    },
    kill() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}

function mayEnter(
  context: AuthContext,
  allowed: ParsedKey | undefined,
  { asks = "password" }: SshServerOptions,
): boolean {
  if (context.username !== SSH_USER) return false;
  if (context.method === "password")
    return asks === "password" && context.password === SSH_PASSWORD;
  if (context.method !== "publickey" || allowed === undefined) return false;
  if (!allowed.getPublicSSH().equals(context.key.data)) return false;
  return (
    context.signature === undefined ||
    allowed.verify(context.blob!, context.signature, context.hashAlgo)
  );
}
