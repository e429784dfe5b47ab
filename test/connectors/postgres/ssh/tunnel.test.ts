import { createHmac } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect } from "vitest";
import type { Failure } from "../../../../protocol/errors.ts";
import { Shelf } from "../../../../connectors/kit/shelf.ts";
import { onKeptConnection } from "../../../../connectors/postgres/kept-connection.ts";
import { fingerprintOf } from "../../../../connectors/postgres/ssh/host-key.ts";
import type { SshTunnel } from "../../../../connectors/postgres/ssh/settings.ts";
import { openSession, withSession, type Session } from "../../../../connectors/postgres/session.ts";
import type { PostgresConfig, SslMode } from "../../../../connectors/postgres/settings.ts";
import { type Database, it } from "../../../support/fixtures.ts";
import { startPostgres } from "../../../support/postgres-server.ts";
import {
  SSH_USER,
  sshKey,
  startSshServer,
  type SshServer,
  type SshServerOptions,
} from "../../../support/ssh-server.ts";
import { CertificateAuthority } from "../certificates.ts";

const OPTIONS = { applicationName: "test" };

const servers: SshServer[] = [];
async function serve(options?: SshServerOptions): Promise<SshServer> {
  const server = await startSshServer(options);
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const through = (
  database: Database,
  server: SshServer,
  tunnel: Partial<Record<string, string | number | undefined>> = {},
): PostgresConfig => {
  const given = Object.entries({ ...server.tunnel, ...tunnel }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...database.config, tunnel_method: Object.fromEntries(given) as unknown as SshTunnel };
};

/** What the database is asked in the tests. */
async function answer(session: Session): Promise<string | null | undefined> {
  return (await session.queryRow("ask", { text: "select 42 as n", values: [] }))["n"];
}

const ask = (config: PostgresConfig, more: { warn?: (message: string) => void } = {}) =>
  withSession(config, { ...OPTIONS, ...more }, answer);

const failure = (config: PostgresConfig): Promise<Failure> =>
  ask(config).then(
    () => {
      throw new Error("it was let in");
    },
    (error: unknown) => error as Failure,
  );

/** The failure, which has no secret in it. */
async function refusal(config: PostgresConfig): Promise<Failure> {
  const refused = await failure(config);
  expect(`${refused.message} ${refused.hint}`).not.toMatch(/canary|PRIVATE KEY/);
  return refused;
}

describe("a login", () => {
  it("is made with a key", async ({ source }) => {
    const userKey = sshKey();
    const server = await serve({ userKey });

    const config = through(source, server, { ...KEY, ssh_key: userKey.private });

    expect(await ask(config)).toBe("42");
    expect(new Set(server.attempts)).toEqual(new Set(["publickey"]));
    expect(server.forwarded).toEqual([`${source.config.host}:${source.config.port}`]);
  });

  it("is made with a key in one line, or with the line ends of Windows", async ({ source }) => {
    const userKey = sshKey();
    const server = await serve({ userKey });
    for (const breaks of ["\\n", "\r\n"]) {
      const ssh_key = userKey.private.trim().replaceAll("\n", breaks);

      expect(await ask(through(source, server, { ...KEY, ssh_key }))).toBe("42");
    }
  });

  it("is made with a key that has a passphrase, or says what of it is wrong", async ({
    source,
  }) => {
    const userKey = sshKey("open sesame canary");
    const server = await serve({ userKey });
    const config = (ssh_key_passphrase?: string) =>
      through(source, server, { ...KEY, ssh_key: userKey.private, ssh_key_passphrase });

    expect(await ask(config("open sesame canary"))).toBe("42");
    expect(await refusal(config())).toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining("a passphrase protects it"),
      hint: "set tunnel_method.ssh_key_passphrase",
    });
    expect((await refusal(config("wrong canary"))).message).toContain(
      "ssh_key_passphrase does not open it",
    );
  });

  it("is made with a key as openssl and ssh-keygen write it", async ({ source, folder }) => {
    for (const [name, type, format] of [
      ["pem", ["rsa", "-b", "2048"], ["-m", "PEM"]],
      ["openssh", ["ecdsa"], []],
    ] as const) {
      const file = join(folder, name);
      execFileSync("ssh-keygen", ["-q", "-t", ...type, ...format, "-N", "", "-f", file]);
      const [ssh_key, publicKey] = await Promise.all([read(file), read(`${file}.pub`)]);
      const server = await serve({ userKey: { private: ssh_key, public: publicKey } });

      expect(await ask(through(source, server, { ...KEY, ssh_key }))).toBe("42");
    }
  });

  it("says of a text that is no key what it is", async ({ source }) => {
    const server = await serve();
    for (const [ssh_key, says] of [
      ["canary", /not a private key that can be read/],
      [sshKey().public, /it is a public key/],
      ["-----BEGIN PRIVATE KEY-----\nMIIcanary\n-----END PRIVATE KEY-----", /PKCS#8/],
      [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIcanary\n-----END ENCRYPTED PRIVATE KEY-----",
        /PKCS#8/,
      ],
    ] as const) {
      const refused = await refusal(through(source, server, { ...KEY, ssh_key }));

      expect(refused).toMatchObject({ code: "config.invalid", kind: "config_error" });
      expect(refused.message).toMatch(says);
    }
    expect(server.clients).toBe(0);
  });

  it.for(["password", "keyboard-interactive"] as const)(
    "is made with a password that the server asks for by %s",
    async (asks, { source }) => {
      const server = await serve({ asks });

      expect(await ask(through(source, server))).toBe("42");
    },
  );

  it("that is refused is a mistake in the settings", async ({ source }) => {
    const server = await serve({ userKey: sshKey() });

    for (const wrong of [
      { tunnel_user_password: "wrong canary" },
      { tunnel_user: "nobody" },
      { ...KEY, ssh_key: sshKey().private },
    ]) {
      const refused = await refusal(through(source, server, wrong));

      expect(refused).toMatchObject({ code: "ssh.auth_failed", kind: "config_error" });
      expect(refused.message).toContain(`the SSH server 127.0.0.1:${server.port} does not let`);
    }
  });
});

/** @guarantee ssh-server-known */
describe("the key of the server", () => {
  const fingerprint = ({ hostKey }: SshServer) =>
    fingerprintOf(Buffer.from(hostKey.public.split(" ")[1]!, "base64"));

  it("is taken when the settings name it, in each way to write it", async ({ source, folder }) => {
    const server = await serve();
    const { public: key } = server.hostKey;
    const file = join(folder, "key.pub");
    await writeFile(file, key);
    const printed = execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" });
    expect(printed).toContain(fingerprint(server));

    for (const tunnel_host_key of [
      key,
      `127.0.0.1 ${key}`,
      `${sshKey().public}\n${key}\n`,
      fingerprint(server),
      `${fingerprint(server)}=`,
      printed,
    ])
      expect(await ask(through(source, server, { tunnel_host_key }))).toBe("42");
  });

  it("that is another one is refused before anything secret is sent", async ({ source }) => {
    const server = await serve();

    for (const tunnel_host_key of [sshKey().public, `SHA256:${"A".repeat(43)}`]) {
      const refused = await refusal(through(source, server, { tunnel_host_key }));

      expect(refused).toMatchObject({ code: "ssh.host_key", kind: "config_error" });
      expect(refused.message).toContain(fingerprint(server));
      expect(refused.message).toContain("not the one it is known by");
    }
    expect(server.attempts).toEqual([]);
  });

  it("has to be named: without it the failure prints what to compare and to write", async ({
    source,
  }) => {
    const server = await serve();

    const refused = await refusal(through(source, server, { tunnel_host_key: undefined }));

    expect(refused).toMatchObject({ code: "ssh.host_key", kind: "config_error" });
    expect(refused.message).toContain(`shows the key ssh-ed25519 ${fingerprint(server)}`);
    expect(refused.hint).toContain(`tunnel_method.tunnel_host_key: ${fingerprint(server)}`);
    expect(server.attempts).toEqual([]);
  });

  it("may be any, which is said each time", async ({ source }) => {
    const server = await serve();
    const warnings: string[] = [];

    const config = through(source, server, { tunnel_host_key: "any" });
    expect(await ask(config, { warn: (text) => warnings.push(text) })).toBe("42");

    expect(warnings).toEqual([expect.stringContaining("tunnel_host_key: any")]);
  });

  it("is looked up in known_hosts, also by hashes and patterns", async ({ source, folder }) => {
    const server = await serve();
    const name = `[127.0.0.1]:${server.port}`;
    const salt = Buffer.from("0123456789abcdef0123");
    const hash = createHmac("sha1", salt).update(name).digest("base64");
    const { public: key } = server.hostKey;
    const stranger = sshKey().public;
    const use = async (...lines: string[]) => {
      const tunnel_known_hosts = join(folder, "known_hosts");
      await writeFile(tunnel_known_hosts, `# of the tests\n\n${lines.join("\n")}\n`);
      return through(source, server, { tunnel_host_key: undefined, tunnel_known_hosts });
    };

    for (const lines of [
      [`${name} ${key}`],
      [`other.test ${stranger}`, `db.test,${name} ${key} comment`],
      [`|1|${salt.toString("base64")}|${hash} ${key}`],
      [`[127.*]:${server.port} ${key}`],
      [`@cert-authority ${name} ${stranger}`, `${name} ${key}`],
      [`${name} ssh-of-tomorrow ${stranger.split(" ")[1]}`, `${name} ${key}`],
    ])
      expect(await ask(await use(...lines))).toBe("42");

    const attempts = server.attempts.length;
    for (const [says, ...lines] of [
      ["nothing says", `127.0.0.1 ${key}`],
      ["nothing says", `[127.*]:${server.port},!${name} ${key}`],
      ["nothing says", `@cert-authority ${name} ${key}`],
      ["not the one", `${name} ${stranger}`],
      ["revoked", `${name} ${key}`, `@revoked * ${key}`],
    ] as const) {
      const refused = await refusal(await use(...lines));

      expect(refused).toMatchObject({ code: "ssh.host_key" });
      expect(refused.message).toContain(says);
    }
    expect(server.attempts).toHaveLength(attempts);
  });

  it("or the file that is to hold it is refused when it is none", async ({ source }) => {
    const server = await serve();
    for (const [wrong, says] of [
      [{ tunnel_host_key: "MD5:aa:bb" }, /tunnel_host_key is neither/],
      [{ tunnel_host_key: "Any" }, /tunnel_host_key is neither/],
      [{ tunnel_known_hosts: "/no/such/file" }, /tunnel_known_hosts cannot be read.*ENOENT/],
    ] as const) {
      const refused = await refusal(through(source, server, wrong));

      expect(refused).toMatchObject({ code: "config.invalid" });
      expect(refused.message).toMatch(says);
    }
  });
});

describe("a tunnel", () => {
  it("carries every connection of a session: the second one, requests to cancel, at once", async ({
    source,
  }) => {
    const server = await serve();
    const session = await openSession(through(source, server), OPTIONS);

    const sleeping = session.run("sleep", "select pg_sleep(60)");
    const stopped = sleeping.catch((error: unknown) => error);
    while (!(await isRunning(source, "pg_sleep"))) await session.onOtherConnection(answer);
    await session.cancel();
    expect(await stopped).toMatchObject({ code: "postgres.conflict" });
    await session.onOtherConnection(answer);
    await session.close();

    expect(server.clients).toBe(1);
    expect(server.forwarded.length).toBeGreaterThanOrEqual(3);
  });

  it("carries the connections of the next command of the process, too", async ({ source }) => {
    const server = await serve();
    const shelf = new Shelf();
    const manners = { begin: answer, reset: [] };
    const command = (work: (session: Session) => Promise<unknown>) =>
      onKeptConnection(structuredClone(through(source, server)), OPTIONS, shelf, manners, work);

    await command(answer);
    await command(async (session) => {
      const another = await session.openAnother();
      await answer(another);
      await another.close();
    });
    await shelf.take()!.close();

    expect(server.clients).toBe(1);
    expect(server.forwarded).toHaveLength(2);
  });

  it("is made anew after the last connection through it was closed", async ({ source }) => {
    const server = await serve();
    const config = through(source, server);

    expect([await ask(config), await ask(config)]).toEqual(["42", "42"]);

    expect(server.clients).toBe(2);
  });

  it("carries rows both ways, as fast as they are taken, unchanged", async ({ source }) => {
    const server = await serve();
    await source.exec("create table t (id int, filler text)");
    const rows = 20_000;
    await withSession(through(source, server), OPTIONS, async (session) => {
      const lines = Array.from({ length: rows }, (_, id) => `${id}\t${String(id).repeat(50)}\n`);
      await session.begin();
      const table = { schema: "public", name: "t" };
      const format = { options: "", header: Buffer.alloc(0) };
      const loaded = await session.loads.copy(
        table,
        ["id", "filler"],
        format,
        Buffer.from(lines.join("")),
      );
      expect(loaded).toBe(rows);
      await session.commit();
    });

    const [row] = await source.rows(
      "select count(*), count(*) filter (where filler = repeat(id::text, 50)) from t",
    );
    expect(row).toEqual([String(rows), String(rows)]);
  });

  it("leads to a Unix socket of the SSH server's", async ({ source }) => {
    const { host, port } = source.config;
    const server = await serve({ hosts: { "/run/db/.s.PGSQL.5433": { host, port } } });

    expect(await ask({ ...through(source, server), host: "/run/db", port: 5433 })).toBe("42");

    expect(server.forwarded).toEqual(["/run/db/.s.PGSQL.5433"]);
  });

  it("verifies the database's certificate by the database's name, which the SSH server resolves", async ({
    folder,
  }) => {
    const authority = await CertificateAuthority.create(folder, "authority");
    const ca = await authority.cert;
    const certificate = await authority.issue("db", {
      commonName: "db.test",
      names: "DNS:db.test",
    });
    const postgres = await startPostgres({ password: "p", tls: { ...certificate, ca } });
    try {
      const { host, port, username, password } = postgres;
      const server = await serve({
        hosts: { "db.test": { host, port }, "other.test": { host, port } },
      });
      const config = (name: string, mode: SslMode["mode"] = "verify-full") => ({
        ...through(
          {
            config: { host: name, port: 5432, database: "postgres", username, password },
          } as Database,
          server,
        ),
        ssl_mode: { mode, ca_certificate: ca } as SslMode,
      });
      const encrypted = (session: Session) =>
        session.queryRow("ask", {
          text: "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
          values: [],
        });

      expect(await withSession(config("db.test"), OPTIONS, encrypted)).toEqual({ ssl: "t" });
      expect(await refusal(config("other.test"))).toMatchObject({
        code: "postgres.tls",
        message: expect.stringContaining("another host"),
      });
      expect(await withSession(config("other.test", "verify-ca"), OPTIONS, encrypted)).toEqual({
        ssl: "t",
      });

      const session = await openSession(config("db.test"), OPTIONS);
      const sleeping = session.run("sleep", "select pg_sleep(60)");
      server.kill();
      await expect(sleeping).rejects.toMatchObject({ code: "ssh.lost" });
      await expect(answer(session)).rejects.toMatchObject({ code: "ssh.lost" });
      await session.close();
    } finally {
      await postgres.stop("immediate");
    }
  });

  it("that breaks is said of what runs and of what comes after, and a new one is made", async ({
    source,
  }) => {
    const server = await serve();
    const config = through(source, server);
    const session = await openSession(config, OPTIONS);
    const another = await openSession(config, OPTIONS); // its end is told later
    const running = session.run("sleep", "select pg_sleep(60)");
    const anew = running.catch(() => session.onOtherConnection(answer));

    server.kill();

    const lost = {
      code: "ssh.lost",
      kind: "transient_error",
      message: expect.stringContaining(
        `the tunnel through the SSH server 127.0.0.1:${server.port} broke`,
      ),
    };
    await expect(running).rejects.toMatchObject(lost);
    await expect(answer(session)).rejects.toMatchObject(lost);
    expect(await anew).toBe("42");
    await Promise.all([session.close(), another.close()]);
  });

  it("that breaks while nothing runs is said of the next statement", async ({ source }) => {
    const server = await serve();
    const session = await openSession(through(source, server), OPTIONS);
    await answer(session);

    server.kill();
    while (await isConnected(source)) await new Promise(setImmediate);
    await new Promise(setImmediate);

    await expect(answer(session)).rejects.toMatchObject({ code: "ssh.lost" });
    await session.close();
  });

  it("whose database closes is no broken tunnel", async ({ source }) => {
    const server = await serve();
    const session = await openSession(through(source, server), OPTIONS);
    const running = session.run("sleep", "select pg_sleep(60)");
    while (!(await isRunning(source, "pg_sleep"))) await new Promise(setImmediate);

    await source.exec(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like '%pg_sleep(60)' and pid <> pg_backend_pid()",
    );

    await expect(running).rejects.toMatchObject({ code: "postgres.connection_lost" });
    await session.close();
  });

  it("that cannot be made says where it ends", async ({ source }) => {
    const server = await serve({ forbidsTunnels: true });
    expect(await refusal(through(source, server))).toMatchObject({
      code: "ssh.forward_refused",
      kind: "config_error",
    });

    const open = await serve();
    expect(await refusal({ ...through(source, open), port: 1 })).toMatchObject({
      code: "postgres.unreachable",
      kind: "transient_error",
      message: expect.stringContaining(`the SSH server 127.0.0.1:${open.port} cannot connect to`),
    });
    expect(await refusal(through(source, open, { tunnel_port: 1 }))).toMatchObject({
      code: "ssh.unreachable",
      kind: "transient_error",
      message: expect.stringContaining(
        "the SSH server 127.0.0.1:1 cannot be reached (ECONNREFUSED)",
      ),
    });
    expect(
      await refusal(through(source, open, { tunnel_host: "no-such-host.invalid" })),
    ).toMatchObject({
      code: "ssh.unreachable",
      message: expect.stringMatching(/no-such-host.invalid:\d+ cannot be reached/),
    });
    expect(await refusal(through(source, open, { tunnel_port: source.config.port }))).toMatchObject(
      {
        code: "ssh.unreachable",
      },
    );
  });

  it("is given up with the command that wants it", async ({ source }) => {
    const server = await serve();
    const stop = new AbortController();
    const connecting = withSession(
      through(source, server),
      { ...OPTIONS, signal: stop.signal },
      answer,
    );
    stop.abort(new Error("stopped"));

    await expect(connecting).rejects.toThrow();
    expect(await ask(through(source, server))).toBe("42");
  });
});

const KEY = {
  tunnel_method: "SSH_KEY_AUTH",
  tunnel_user: SSH_USER,
  tunnel_user_password: undefined,
};

const read = (path: string) => readFile(path, "utf8");

async function isRunning(database: Database, part: string): Promise<boolean> {
  const rows = await database.rows(
    "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and query like $1",
    [`%${part}%`],
  );
  return rows.length > 0;
}

async function isConnected(database: Database): Promise<boolean> {
  const rows = await database.rows(
    "select 1 from pg_stat_activity where datname = current_database() and application_name = 'test'",
  );
  return rows.length > 0;
}
