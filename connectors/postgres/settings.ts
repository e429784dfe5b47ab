import type { JsonObject } from "../../protocol/json.ts";
import { tunnelMethodProperty, type TunnelMethod } from "./ssh/settings.ts";

/** What the client shows to a server that wants to know who it is. */
export interface ClientCertificate {
  client_certificate?: string;
  client_key?: string;
  client_key_password?: string;
}

/** How to encrypt, with libpq's meaning of each word. Secrets are PEM text. */
export type SslMode =
  | { mode: "disable" | "allow" | "prefer" }
  | ({ mode: "require" } & ClientCertificate)
  | ({ mode: "verify-ca" | "verify-full"; ca_certificate: string } & ClientCertificate);

/** The connection settings both connectors share, under the names Airbyte's users know. */
export interface PostgresConfig {
  /** A host name, an address, or the folder of a Unix socket when it starts with `/`. */
  host: string;
  port: number;
  database: string;
  username: string;
  password?: string;
  ssl_mode?: SslMode;
  tunnel_method?: TunnelMethod;
}

/** Used when the config says nothing: encrypted wherever the server can, as libpq does. */
export const DEFAULT_SSL_MODE: SslMode = { mode: "prefer" };

const pem = (title: string, description: string, order: number): JsonObject => ({
  type: "string",
  title,
  description,
  airbyte_secret: true,
  multiline: true,
  order,
});

const clientCertificate: JsonObject = {
  client_certificate: pem(
    "Client Certificate",
    "The certificate to show to a server that asks for one, as PEM text.",
    2,
  ),
  client_key: pem("Client Key", "The key of the client certificate, as PEM text.", 3),
  client_key_password: {
    type: "string",
    title: "Client key password",
    description: "The passphrase of the client key, when it has one.",
    airbyte_secret: true,
    order: 4,
  },
};

const certificates: JsonObject = {
  ca_certificate: pem(
    "CA Certificate",
    "The certificates of the authorities to trust, as PEM text.",
    1,
  ),
  ...clientCertificate,
};

const sslMode = (
  mode: SslMode["mode"],
  description: string,
  properties: JsonObject = {},
): JsonObject => ({
  title: mode,
  description,
  required: "ca_certificate" in properties ? ["mode", "ca_certificate"] : ["mode"],
  additionalProperties: false,
  properties: { mode: { type: "string", const: mode, order: 0 }, ...properties },
});

/**
 * The properties of `PostgresConfig` as JSON Schema, to be spread into the `properties` of a spec.
 * `order` leaves 3 free, for `schemas` of a source and `schema` of a destination.
 */
export const postgresProperties: JsonObject = {
  host: {
    type: "string",
    title: "Host",
    description: "Hostname or address of the database server; a folder for a Unix socket.",
    minLength: 1,
    order: 0,
    group: "db",
  },
  port: {
    type: "integer",
    title: "Port",
    description: "Port of the database server.",
    minimum: 1,
    maximum: 65535,
    default: 5432,
    examples: ["5432"],
    order: 1,
    group: "db",
  },
  database: {
    type: "string",
    title: "Database Name",
    description: "Name of the database.",
    minLength: 1,
    order: 2,
    group: "db",
  },
  username: {
    type: "string",
    title: "Username",
    description: "Username to use to access the database.",
    minLength: 1,
    order: 4,
    group: "auth",
  },
  password: {
    type: "string",
    title: "Password",
    description: "Password associated with the username.",
    airbyte_secret: true,
    order: 5,
    group: "auth",
    always_show: true,
  },
  ssl_mode: {
    type: "object",
    title: "SSL Modes",
    description: "How to encrypt the connection and whether to verify the server.",
    order: 7,
    group: "security",
    default: { mode: "prefer" },
    oneOf: [
      sslMode("disable", "Never encrypt."),
      sslMode("allow", "Encrypt only when the server insists on it."),
      sslMode("prefer", "Encrypt when the server can, else connect without."),
      sslMode("require", "Always encrypt; do not verify who the server is.", clientCertificate),
      sslMode(
        "verify-ca",
        "Always encrypt, and verify that a trusted authority signed the server's certificate.",
        certificates,
      ),
      sslMode(
        "verify-full",
        "Always encrypt, and verify the server's certificate and that it was made for this host.",
        certificates,
      ),
    ],
  },
  tunnel_method: tunnelMethodProperty,
};

/** The properties of `PostgresConfig` that have no default. */
export const postgresRequired = ["host", "database", "username"];

/** The headings that `group` refers to, in order; `groups` of the specification. */
export const postgresGroups = [
  { id: "db" },
  { id: "auth" },
  { id: "security", title: "Security" },
  { id: "advanced", title: "Advanced" },
];
