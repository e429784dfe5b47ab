import type { JsonObject } from "../../../protocol/json.ts";

/** The server that a tunnel leads through, and how it is known. Names of Airbyte, but for the last two. */
interface SshServer {
  tunnel_host: string;
  tunnel_port?: number;
  tunnel_user: string;
  /** Its public keys or their fingerprints, one a line; or `any`. */
  tunnel_host_key?: string;
  /** The path of a known_hosts file of OpenSSH's. */
  tunnel_known_hosts?: string;
}

/** A tunnel, and how to log in at the server that it leads through. */
export type SshTunnel =
  | (SshServer & { tunnel_method: "SSH_KEY_AUTH"; ssh_key: string; ssh_key_passphrase?: string })
  | (SshServer & { tunnel_method: "SSH_PASSWORD_AUTH"; tunnel_user_password: string });

/** How to get to the database. */
export type TunnelMethod = { tunnel_method: "NO_TUNNEL" } | SshTunnel;

/** The value of `tunnel_host_key` that takes whichever key a server shows. */
export const ANY_KEY = "any";

/** The tunnel that is wanted; undefined: none. */
export function tunnelOf({
  tunnel_method: method,
}: {
  readonly tunnel_method?: TunnelMethod;
}): SshTunnel | undefined {
  return method === undefined || method.tunnel_method === "NO_TUNNEL" ? undefined : method;
}

/** `host:port` of a tunnel's server, for messages. */
export function serverOf({ tunnel_host: host, tunnel_port: port = 22 }: SshTunnel): string {
  return `the SSH server ${host}:${port}`;
}

const HOST_KEY_HELP =
  "The server's public keys, or their SHA256 fingerprints as `ssh-keygen -lf` prints them, one a line. `any`: whichever key it shows is taken, so that somebody on the way can stand in for it. Without this and known_hosts, the first check fails and prints the fingerprint.";

const server: JsonObject = {
  tunnel_host: {
    type: "string",
    title: "SSH Tunnel Jump Server Host",
    description: "Hostname or address of the SSH server that can reach the database.",
    minLength: 1,
    order: 1,
  },
  tunnel_port: {
    type: "integer",
    title: "SSH Connection Port",
    description: "Port of the SSH server.",
    minimum: 1,
    maximum: 65535,
    default: 22,
    examples: ["22"],
    order: 2,
  },
  tunnel_user: {
    type: "string",
    title: "SSH Login Username",
    description: "The user to log in as at the SSH server.",
    minLength: 1,
    order: 3,
  },
  tunnel_host_key: {
    type: "string",
    title: "SSH Host Key",
    description: HOST_KEY_HELP,
    multiline: true,
    minLength: 1,
    order: 6,
  },
  tunnel_known_hosts: {
    type: "string",
    title: "Known Hosts File",
    description:
      "Path of a known_hosts file with the server's keys, such as `~/.ssh/known_hosts`. Certificates of hosts (@cert-authority) are passed over.",
    minLength: 1,
    order: 7,
  },
};

const method = (
  name: TunnelMethod["tunnel_method"],
  [title, description]: readonly [string, string],
  required: readonly string[] = [],
  properties: JsonObject = {},
): JsonObject => ({
  title,
  description,
  required: ["tunnel_method", ...required],
  additionalProperties: false,
  properties: { tunnel_method: { type: "string", const: name, order: 0 }, ...properties },
});

/** `TunnelMethod` as JSON Schema. */
export const tunnelMethodProperty: JsonObject = {
  type: "object",
  title: "SSH Tunnel Method",
  description:
    "Whether to connect through an SSH tunnel, and how to log in there. Needs the package ssh2 (`npm install ssh2`). `host` and `port` of the database are as the SSH server sees them.",
  order: 10,
  group: "security",
  default: { tunnel_method: "NO_TUNNEL" },
  oneOf: [
    method("NO_TUNNEL", ["No Tunnel", "Connect to the database directly."]),
    method(
      "SSH_KEY_AUTH",
      ["SSH Key Authentication", "Connect through an SSH server, and log in there with a key."],
      ["tunnel_host", "tunnel_user", "ssh_key"],
      {
        ...server,
        ssh_key: {
          type: "string",
          title: "SSH Private Key",
          description: "The private key, in the format of OpenSSH or as PEM text.",
          airbyte_secret: true,
          multiline: true,
          minLength: 1,
          order: 4,
        },
        ssh_key_passphrase: {
          type: "string",
          title: "SSH Private Key Passphrase",
          description: "The passphrase of the private key, when it has one.",
          airbyte_secret: true,
          order: 5,
        },
      },
    ),
    method(
      "SSH_PASSWORD_AUTH",
      ["Password Authentication", "Connect through an SSH server, and log in with a password."],
      ["tunnel_host", "tunnel_user", "tunnel_user_password"],
      {
        ...server,
        tunnel_user_password: {
          type: "string",
          title: "Password",
          description: "The password of the user at the SSH server.",
          airbyte_secret: true,
          minLength: 1,
          order: 4,
        },
      },
    ),
  ],
};
