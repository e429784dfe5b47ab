import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { createSecureContext, type ConnectionOptions } from "node:tls";
import { Failure } from "../../protocol/errors.ts";
import { isMadeFor } from "./certificate-names.ts";
import { withLineBreaks } from "./pem.ts";
import type { ClientCertificate, SslMode } from "./settings.ts";

/** What to try, in order. `if-offered` encrypts when the server can, on the same connection. */
export type Encryption = "never" | "if-offered" | "always";

/**
 * The connections libpq would try for an `sslmode`, in order: a later one only when the server
 * refused the one before because of its encryption (see `isAboutEncryption`).
 */
export const ENCRYPTION_OF: Readonly<Record<SslMode["mode"], readonly Encryption[]>> = {
  disable: ["never"],
  allow: ["never", "always"],
  prefer: ["if-offered", "never"],
  require: ["always"],
  "verify-ca": ["always"],
  "verify-full": ["always"],
};

/**
 * The TLS options that give `ssl` libpq's meaning: below `verify-ca` any certificate will do,
 * `verify-ca` checks who signed it, `verify-full` also that it was made for `host`.
 *
 * Made here because `pg` reads `sslmode` its own way (`require` verifies, today). Throws
 * `config.invalid`, naming the field, for certificates and keys that cannot be used.
 */
export function tlsOptions(ssl: SslMode, host: string): ConnectionOptions {
  // The name goes to the server (SNI) so that a proxy can route by it; an address must not.
  const options: ConnectionOptions = { host, ...(isIP(host) === 0 ? { servername: host } : {}) };
  const own = "client_key" in ssl || "client_certificate" in ssl ? clientCertificate(ssl) : {};
  if (!("ca_certificate" in ssl)) return { ...options, ...own, rejectUnauthorized: false };

  const verifiesName = ssl.mode === "verify-full";
  return {
    ...options,
    ...own,
    ca: certificates("ca_certificate", ssl.ca_certificate),
    rejectUnauthorized: true,
    checkServerIdentity: (name, certificate) =>
      verifiesName && !isMadeFor(name, certificate) ? madeForAnother() : undefined,
  };
}

const madeForAnother = () =>
  Object.assign(new Error("the certificate was made for another host"), { code: OTHER_HOST });

/** The certificate to show to the server, its key, and the key's passphrase. */
function clientCertificate(ssl: ClientCertificate): ConnectionOptions {
  if (!ssl.client_certificate && !ssl.client_key) return {};
  if (!ssl.client_certificate)
    throw unusable("client_key", "it needs client_certificate beside it");
  if (!ssl.client_key) throw unusable("client_certificate", "it needs client_key beside it");
  const cert = certificates("client_certificate", ssl.client_certificate);
  const key = withLineBreaks(ssl.client_key);
  const passphrase = ssl.client_key_password || undefined;
  try {
    createSecureContext({ key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const why = passphrase === undefined ? "a key without passphrase" : "one its password opens";
    throw unusable("client_key", `it is not a PEM key, or not ${why}`, error);
  }
  try {
    createSecureContext({ cert, key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    throw unusable("client_key", "it does not belong to client_certificate", error);
  }
  return { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
}

/** The certificates in a PEM text. OpenSSL would silently ignore a text that holds none. */
function certificates(field: string, pem: string): string[] {
  const blocks =
    withLineBreaks(pem).match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^]*?-----END [^-]+-----/g) ??
    [];
  if (blocks.length === 0) throw unusable(field, "it holds no PEM certificate (-----BEGIN …)");
  for (const block of blocks) {
    try {
      void new X509Certificate(block);
    } catch (error) {
      throw unusable(field, "it holds a certificate that cannot be read", error);
    }
  }
  return blocks;
}

const unusable = (field: string, why: string, cause?: unknown) =>
  new Failure("config.invalid", `ssl_mode.${field} cannot be used: ${why}`, { cause });

/** Node's own code for it. */
const OTHER_HOST = "ERR_TLS_CERT_ALTNAME_INVALID";

/** Why OpenSSL or Node refused a certificate → what to tell the user. */
const VERIFY_ERRORS: Readonly<Record<string, readonly [said: string, hint: string]>> = {
  CERT_HAS_EXPIRED: ["its certificate has expired", "renew the certificate of the server"],
  CERT_NOT_YET_VALID: ["its certificate is not valid yet", "compare the clocks of both machines"],
  CERT_REVOKED: ["its certificate was revoked", "renew the certificate of the server"],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    "its certificate is self-signed and not the one trusted",
    "put that certificate into ssl_mode.ca_certificate, or use mode require",
  ],
  [OTHER_HOST]: [
    "its certificate was made for another host",
    "connect to the name the certificate was made for, or use mode verify-ca",
  ],
};

const UNTRUSTED = [
  "its certificate was not signed by the authority trusted",
  "put the certificate of the authority that signed it into ssl_mode.ca_certificate",
] as const;

const UNTRUSTED_CODES = new Set([
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "INVALID_CA",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Whether an error comes from TLS rather than from the server or the network. */
export function isTlsError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return false;
  return (
    code.startsWith("ERR_SSL_") ||
    code.startsWith("ERR_TLS_") ||
    code === "EPROTO" ||
    UNTRUSTED_CODES.has(code) ||
    Object.hasOwn(VERIFY_ERRORS, code)
  );
}

/** The failure for an error of which `isTlsError` is true. */
export function tlsFailure(action: string, error: unknown): Failure {
  const code = String((error as { code?: unknown }).code);
  const [said, hint] =
    VERIFY_ERRORS[code] ??
    (UNTRUSTED_CODES.has(code) ? UNTRUSTED : alertOf(code, (error as Error).message));
  return new Failure("postgres.tls", `could not ${action}: ${said}`, {
    hint,
    facts: { tls_code: code },
    cause: error,
  });
}

function alertOf(code: string, message: string): readonly [string, string] {
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|UNKNOWN_CA|BAD_CERTIFICATE|ALERT_CERT/.test(code))
    return [
      "the server refused the client certificate, or its absence",
      "set ssl_mode to require or higher, with client_certificate and client_key that the server trusts",
    ];
  const reason = /:([^:]+):(?:[^:]*):?\s*$/.exec(message)?.[1]?.trim();
  return [
    `encryption could not be agreed on${reason ? ` (${reason})` : ""}`,
    "check which TLS versions and ciphers the server accepts",
  ];
}
