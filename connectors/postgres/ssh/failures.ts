import { Failure } from "../../../protocol/errors.ts";
import { serverOf, type SshTunnel } from "./settings.ts";

/** What ssh2 says of an error, beside its message. */
interface SshError {
  readonly level?: string;
  readonly code?: unknown;
  readonly message?: string;
  /** Why a channel was not opened. */
  readonly reason?: unknown;
}

/** Reasons of the protocol's (RFC 4254, 5.1) for not opening a channel. */
const FORBIDDEN = 1;
const UNKNOWN_CHANNEL = 3;

/** The package that makes tunnels is not there. */
export function notInstalled(cause: unknown): Failure {
  return new Failure(
    "ssh.not_installed",
    "an SSH tunnel needs the package ssh2, which is not there",
    {
      hint: "run `npm install ssh2`, with -g where syncline is installed with it",
      cause,
    },
  );
}

/** Why no connection to an SSH server came about. `error` is ssh2's; undefined: it was just closed. */
export function connectFailure(tunnel: SshTunnel, error: unknown): Failure {
  const { level, code, message = "" } = (error ?? {}) as SshError;
  const server = serverOf(tunnel);
  const details = { cause: error };
  if (level === "client-authentication") {
    const isKey = tunnel.tunnel_method === "SSH_KEY_AUTH";
    return new Failure(
      "ssh.auth_failed",
      `${server} does not let ${JSON.stringify(tunnel.tunnel_user)} in with this ${isKey ? "key" : "password"}`,
      {
        ...details,
        hint: isKey
          ? "check tunnel_user, and that authorized_keys of that user has the key's public half (`ssh-keygen -y -f <file>` prints it)"
          : "check tunnel_user and tunnel_user_password, and that the server takes passwords (PasswordAuthentication)",
      },
    );
  }
  if (level === "client-timeout")
    return new Failure("ssh.unreachable", `${server} does not answer`, {
      ...details,
      hint: "check tunnel_host and tunnel_port, and whether a firewall drops the packets",
    });
  if (level === "handshake" && /no matching/i.test(message))
    return new Failure("ssh.unreachable", `${server} and we know no algorithm in common`, {
      ...details,
      hint: "update the SSH server, or its list of algorithms",
      kind: "config_error",
    });
  if (level !== "client-socket")
    return new Failure("ssh.unreachable", `${server} closed the connection before the login`, {
      ...details,
      hint: "check that tunnel_port is that of an SSH server, and its log",
    });
  return new Failure("ssh.unreachable", `${server} cannot be reached (${String(code)})`, {
    ...details,
    hint: "check tunnel_host and tunnel_port, and whether the server runs",
    ...(code === "ENOTFOUND" && { kind: "config_error" as const }),
  });
}

/** Why an SSH server made no connection to a database. */
export function forwardFailure(
  tunnel: SshTunnel,
  { host, port }: { readonly host: string; readonly port: number },
  error: unknown,
): Failure {
  const { reason } = (error ?? {}) as SshError;
  const place = host.startsWith("/") ? `${host} (port ${port})` : `${host}:${port}`;
  if (reason === FORBIDDEN || reason === UNKNOWN_CHANNEL)
    return new Failure("ssh.forward_refused", `${serverOf(tunnel)} forbids tunnels to ${place}`, {
      hint: "let it: AllowTcpForwarding, PermitOpen and DisableForwarding in its sshd_config, and the options of the key in authorized_keys",
      cause: error,
    });
  if (typeof reason !== "number") return lostFailure(tunnel, error);
  return new Failure("postgres.unreachable", `${serverOf(tunnel)} cannot connect to ${place}`, {
    hint: "check host and port, which are as that server sees them",
    cause: error,
  });
}

/** A tunnel that was there is gone. */
export function lostFailure(tunnel: SshTunnel, error: unknown): Failure {
  const { level, code } = (error ?? {}) as SshError;
  const why =
    level === "client-timeout" || code === "ETIMEDOUT"
      ? "it does not answer any more"
      : typeof code === "string" && level === "client-socket"
        ? `the connection to it was cut, ${code}`
        : "it closed the connection";
  return new Failure("ssh.lost", `the tunnel through ${serverOf(tunnel)} broke: ${why}`, {
    hint: "what was committed stays; when it happens again, look into that server's log, and for what ends idle connections on the way to it",
    cause: error,
  });
}
