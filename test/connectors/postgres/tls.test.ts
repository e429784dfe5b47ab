import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SslMode } from "../../../connectors/postgres/settings.ts";
import { close, connect } from "../../../connectors/postgres/connection.ts";
import { Failure } from "../../../protocol/errors.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { startProxy } from "../../support/proxy.ts";
import { CertificateAuthority, encryptKey, selfSigned, type Certificate } from "./certificates.ts";

/** The name of the server set-ups, and the host by which the client connects to each. */
const SETUPS = {
  "no TLS": "localhost",
  "self-signed": "localhost",
  "right CA": "localhost",
  "wrong host": "localhost",
  expired: "localhost",
  "address in the certificate": "127.0.0.1",
  "address as common name": "127.0.0.1",
  "address among the names": "127.0.0.1",
  "client certificate required": "localhost",
  "TLS required": "localhost",
  "TLS refused": "localhost",
} as const;
type Setup = keyof typeof SETUPS;

/** How each connection ends: encrypted, not, or with which failure. */
const EXPECTED: Record<SslMode["mode"], Record<Setup, "TLS" | "plain" | `postgres.${string}`>> = {
  disable: {
    "no TLS": "plain",
    "self-signed": "plain",
    "right CA": "plain",
    "wrong host": "plain",
    expired: "plain",
    "address in the certificate": "plain",
    "address as common name": "plain",
    "address among the names": "plain",
    "client certificate required": "postgres.auth_failed",
    "TLS required": "postgres.auth_failed",
    "TLS refused": "plain",
  },
  allow: {
    "no TLS": "plain",
    "self-signed": "plain",
    "right CA": "plain",
    "wrong host": "plain",
    expired: "plain",
    "address in the certificate": "plain",
    "address as common name": "plain",
    "address among the names": "plain",
    "client certificate required": "postgres.auth_failed",
    "TLS required": "TLS",
    "TLS refused": "plain",
  },
  prefer: {
    "no TLS": "plain",
    "self-signed": "TLS",
    "right CA": "TLS",
    "wrong host": "TLS",
    expired: "TLS",
    "address in the certificate": "TLS",
    "address as common name": "TLS",
    "address among the names": "TLS",
    "client certificate required": "postgres.auth_failed",
    "TLS required": "TLS",
    "TLS refused": "plain",
  },
  require: {
    "no TLS": "postgres.tls",
    "self-signed": "TLS",
    "right CA": "TLS",
    "wrong host": "TLS",
    expired: "TLS",
    "address in the certificate": "TLS",
    "address as common name": "TLS",
    "address among the names": "TLS",
    "client certificate required": "postgres.auth_failed",
    "TLS required": "TLS",
    "TLS refused": "postgres.auth_failed",
  },
  "verify-ca": {
    "no TLS": "postgres.tls",
    "self-signed": "postgres.tls",
    "right CA": "TLS",
    "wrong host": "TLS",
    expired: "postgres.tls",
    "address in the certificate": "TLS",
    "address as common name": "TLS",
    "address among the names": "TLS",
    "client certificate required": "TLS",
    "TLS required": "TLS",
    "TLS refused": "postgres.auth_failed",
  },
  "verify-full": {
    "no TLS": "postgres.tls",
    "self-signed": "postgres.tls",
    "right CA": "TLS",
    "wrong host": "postgres.tls",
    expired: "postgres.tls",
    "address in the certificate": "TLS",
    "address as common name": "TLS",
    "address among the names": "TLS",
    "client certificate required": "TLS",
    "TLS required": "TLS",
    "TLS refused": "postgres.auth_failed",
  },
};

let folder: string;
let authority: CertificateAuthority;
let ca: string;
let client: Certificate;
const servers = new Map<Setup, PostgresServer>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "syncline-tls-"));
  authority = await CertificateAuthority.create(folder, "authority");
  ca = await authority.cert;
  const right = await authority.issue("right", { commonName: "localhost", names: "DNS:localhost" });
  client = await authority.issue("client", { commonName: "postgres" });
  const certificates: Partial<Record<Setup, Certificate>> = {
    "self-signed": await selfSigned(folder, "localhost"),
    "right CA": right,
    "wrong host": await authority.issue("other", {
      commonName: "other.test",
      names: "DNS:other.test",
    }),
    expired: await authority.issue("expired", {
      commonName: "localhost",
      names: "DNS:localhost",
      hasExpired: true,
    }),
    "address in the certificate": await authority.issue("address", {
      commonName: "db",
      names: "IP:127.0.0.1",
    }),
    "address as common name": await authority.issue("common", { commonName: "127.0.0.1" }),
    "address among the names": await authority.issue("odd", {
      commonName: "db",
      names: "DNS:127.0.0.1",
    }),
    "client certificate required": right,
    "TLS required": right,
    "TLS refused": right,
  };
  const hba: Partial<Record<Setup, string[]>> = {
    "client certificate required": ["hostssl all all all scram-sha-256 clientcert=verify-full"],
    "TLS required": ["hostssl all all all scram-sha-256"],
    "TLS refused": ["hostnossl all all all scram-sha-256"],
  };
  for (const setup of Object.keys(SETUPS) as Setup[]) {
    const tls = certificates[setup];
    servers.set(
      setup,
      await startPostgres({
        password: "s3cret canary",
        ...(tls ? { tls: { ...tls, ca } } : {}),
        ...(hba[setup] ? { hba: hba[setup] } : {}),
      }),
    );
  }
}, 120_000);

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop("immediate")));
  await rm(folder, { recursive: true, force: true });
});

/** `TLS`, `plain`, or the failure. */
async function outcome(
  setup: Setup,
  ssl_mode: SslMode,
  at: { host?: string; port?: number } = {},
): Promise<string | Failure> {
  const { port, username, password } = servers.get(setup)!;
  const config = { host: SETUPS[setup], port, database: "postgres", username, password, ssl_mode };
  try {
    const connection = await connect({ ...config, ...at }, { applicationName: "test" });
    const { rows } = await connection.query(
      "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
    );
    await close(connection);
    return rows[0].ssl === "t" ? "TLS" : "plain";
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

const verified = (
  mode: "verify-ca" | "verify-full",
  more: { [Field in `${"ca" | "client"}_${string}`]?: string } = {},
): SslMode => ({
  mode,
  ca_certificate: ca,
  client_certificate: client.cert,
  client_key: client.key,
  ...more,
});

/** @guarantee tls-as-libpq */
describe("ssl_mode means what libpq means by it", () => {
  for (const [mode, expected] of Object.entries(EXPECTED))
    it(`${mode}`, async () => {
      const actual: Record<string, string> = {};
      for (const setup of Object.keys(SETUPS) as Setup[]) {
        const ssl = mode.startsWith("verify")
          ? verified(mode as "verify-ca" | "verify-full")
          : ({ mode } as SslMode);
        const result = await outcome(setup, ssl);
        actual[setup] = result instanceof Failure ? result.code : result;
      }

      expect(actual).toEqual(expected);
    });
});

describe("a certificate problem", () => {
  for (const [setup, said] of [
    ["self-signed", /self-signed/],
    ["wrong host", /another host/],
    ["expired", /expired/],
  ] as const)
    it(`is told in words: ${setup}`, async () => {
      const failure = (await outcome(setup, verified("verify-full"))) as Failure;

      expect(failure).toMatchObject({ code: "postgres.tls", kind: "config_error" });
      expect(failure.message).toMatch(said);
      expect(failure.hint).toBeDefined();
    });

  it("is told in words: signed by somebody else", async () => {
    const other = await CertificateAuthority.create(folder, "stranger");

    const failure = (await outcome(
      "right CA",
      verified("verify-ca", { ca_certificate: await other.cert }),
    )) as Failure;

    expect(failure.message).toMatch(/not signed by the authority/);
  });

  it("is told in words: the server wants a client certificate, and which modes take one", async () => {
    for (const ssl of [
      { mode: "require" },
      { mode: "verify-full", ca_certificate: ca },
    ] as SslMode[]) {
      const failure = (await outcome("client certificate required", ssl)) as Failure;

      expect(failure.kind).toBe("config_error");
      expect(failure.hint).toContain("ssl_mode to require or higher, with client_certificate");
    }
  });
});

describe("certificates and keys in the config", () => {
  it("may be the client's alone, without verifying the server's", async () => {
    const { cert, key } = client;

    const result = await outcome("client certificate required", {
      mode: "require",
      client_certificate: cert,
      client_key: key,
    });

    expect(result).toBe("TLS");
    const half = await outcome("right CA", { mode: "require", client_key: key });
    expect((half as Failure).message).toContain("ssl_mode.client_key cannot be used");
  });

  it("may be encrypted with a passphrase", async () => {
    const client_key = await encryptKey(folder, client.key, "open sesame");

    const result = await outcome(
      "client certificate required",
      verified("verify-full", { client_key, client_key_password: "open sesame" }),
    );

    expect(result).toBe("TLS");
  });

  it("may have their line breaks spelled out", async () => {
    const result = await outcome(
      "right CA",
      verified("verify-full", { ca_certificate: ca.replaceAll("\n", "\\n") }),
    );

    expect(result).toBe("TLS");
  });

  it("are refused by name when they cannot be used, and never shown", async () => {
    const encrypted = await encryptKey(folder, client.key, "open sesame");
    const damaged = ca.replace(/MII/, "MIIcanary");
    const stranger = await authority.issue("stranger", { commonName: "stranger" });
    for (const [field, more] of [
      ["ca_certificate", { ca_certificate: "canary" }],
      ["ca_certificate", { ca_certificate: damaged }],
      ["client_certificate", { client_certificate: client.key }],
      ["client_certificate", { client_key: "" }],
      ["client_key", { client_certificate: "" }],
      ["client_key", { client_key: "canary" }],
      ["client_key", { client_key: encrypted }],
      ["client_key", { client_key: encrypted, client_key_password: "canary" }],
      ["client_key", { client_key: stranger.key }],
    ] as const) {
      const failure = (await outcome("right CA", verified("verify-full", more))) as Failure;

      expect(failure.code).toBe("config.invalid");
      expect(failure.message).toContain(`ssl_mode.${field} cannot be used`);
      expect(failure.message).not.toContain("canary");
    }
  });
});

/** @guarantee tls-as-libpq */
describe("somebody between", () => {
  it("cannot take the encryption away from require", async () => {
    const { port } = servers.get("no TLS")!; // what a server looks like whose `S` became an `N`

    const failure = (await outcome("right CA", { mode: "require" }, { port })) as Failure;

    expect(failure.code).toBe("postgres.tls");
  });

  it("cannot slip in bytes before the handshake (CVE-2021-23222)", async () => {
    const { createServer } = await import("node:net");
    const forger = createServer((socket) => {
      socket.once("data", () => socket.write("SE\0\0\0\x0ainjected\0"));
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => forger.listen(0, "127.0.0.1", resolve));
    const { port } = forger.address() as { port: number };

    const failure = (await outcome(
      "right CA",
      { mode: "prefer" },
      { host: "127.0.0.1", port },
    )) as Failure;

    expect(failure.code).toBe("postgres.tls");
    expect(failure.message).toContain("unencrypted bytes");
    forger.close();
  });

  it("does not get the password by asking for it in the clear", async () => {
    const server = await startPostgres({ hba: ["host all all all password"] });
    // Reaches this machine, but is not known to: only such hosts can be overheard.
    const { port, username, password } = server;
    const config = { host: "0.0.0.0", port, database: "postgres", username, password };

    const preferred = connect(config, { applicationName: "test" });
    await expect(preferred).rejects.toMatchObject({
      code: "postgres.auth_failed",
      message: expect.stringContaining("unencrypted") as string,
    });
    const disabled = await connect(
      { ...config, ssl_mode: { mode: "disable" } },
      { applicationName: "test" },
    );
    await close(disabled);
    await server.stop("immediate");
  });

  it("that passes encrypted traffic on is no obstacle", async () => {
    const proxy = await startProxy({ host: "127.0.0.1", port: servers.get("right CA")!.port });

    const result = await outcome("right CA", verified("verify-full"), { port: proxy.port });

    expect(result).toBe("TLS");
    await proxy.close();
  });
});
