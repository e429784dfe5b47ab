import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../protocol/errors.ts";
import { keysOf } from "./known-hosts.ts";
import { ANY_KEY, serverOf, type SshTunnel } from "./settings.ts";

/** A key that a server may, or may not, show: its fingerprint, and its type where that is known. */
export interface HostKey {
  readonly fingerprint: string;
  readonly type?: string;
}

/** The keys by which a server is known. */
export interface HostKeys {
  readonly takesAny: boolean;
  readonly trusted: readonly HostKey[];
  readonly revoked: readonly HostKey[];
}

/** `SHA256:` and the digest of a public key, as `ssh-keygen -lf` prints it. */
export function fingerprintOf(key: Buffer): string {
  const digest = createHash("sha256").update(key).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

/** The key in a line that holds one as `type base64`: of a .pub file, a known_hosts file, ssh-keyscan. */
function keyIn(line: string): HostKey | undefined {
  const [, type, base64] = /(?:^|\s)((?:ssh|ecdsa)-[\w@.-]+)\s+(AAAA[\w+/]+=*)/.exec(line) ?? [];
  if (type === undefined) return undefined;
  return { fingerprint: fingerprintOf(Buffer.from(base64!, "base64")), type };
}

/** What the settings say of a server's keys. Throws `config.invalid` for what is none. */
export async function hostKeysOf(tunnel: SshTunnel): Promise<HostKeys> {
  const lines = (tunnel.tunnel_host_key ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const given = lines.filter((line) => line !== ANY_KEY).map(hostKey);
  const known = await knownHosts(tunnel);
  return {
    takesAny: lines.includes(ANY_KEY),
    trusted: [...given, ...known.trusted],
    revoked: known.revoked,
  };
}

function hostKey(line: string): HostKey {
  const [, digest] = /(?:^|\s)SHA256:([\w+/]{43})=?(?=\s|$)/.exec(line) ?? [];
  const key = digest === undefined ? keyIn(line) : { fingerprint: `SHA256:${digest}` };
  if (key !== undefined) return key;
  throw new Failure(
    "config.invalid",
    "tunnel_method.tunnel_host_key is neither a public key (ssh-ed25519 AAAA…) nor a fingerprint (SHA256:…)",
    { hint: "run `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the SSH server" },
  );
}

async function knownHosts({
  tunnel_known_hosts: path,
  tunnel_host: host,
  tunnel_port: port = 22,
}: SshTunnel): Promise<Pick<HostKeys, "trusted" | "revoked">> {
  if (path === undefined) return { trusted: [], revoked: [] };
  const file = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      "config.invalid",
      `tunnel_method.tunnel_known_hosts cannot be read: ${JSON.stringify(file)} (${code})`,
      { cause: error },
    );
  }
  const { trusted, revoked } = keysOf(text, port === 22 ? host : `[${host}]:${port}`);
  const keys = (rest: readonly string[]) => rest.flatMap((one) => keyIn(one) ?? []);
  return { trusted: keys(trusted), revoked: keys(revoked) };
}

/** Why a server is not trusted that shows this key; undefined: it is. */
export function distrust(tunnel: SshTunnel, keys: HostKeys, key: Buffer): Failure | undefined {
  const fingerprint = fingerprintOf(key);
  const isAmong = (some: readonly HostKey[]) => some.some((one) => one.fingerprint === fingerprint);
  const shown = `${serverOf(tunnel)} shows the key ${typeOf(key)} ${fingerprint}`;
  if (isAmong(keys.revoked))
    return refused(`${shown}, which is revoked`, "ask whoever runs it for its key of today");
  if (keys.takesAny || isAmong(keys.trusted)) return undefined;
  if (keys.trusted.length > 0)
    return refused(
      `${shown}, which is not the one it is known by: it has a new key, or somebody stands in for it`,
      `nothing secret was sent; ask whoever runs it, and only then correct tunnel_host_key or tunnel_known_hosts`,
    );
  return refused(
    `${shown}, and nothing says whether that is the right one`,
    `compare it with what \`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\` prints on that server, then set tunnel_method.tunnel_host_key: ${fingerprint} (or tunnel_known_hosts to a file that has it; \`${ANY_KEY}\` takes every key)`,
  );
}

const refused = (message: string, hint: string) => new Failure("ssh.host_key", message, { hint });

/** The type that a public key begins with. It is the server's word, so only letters that a type has. */
function typeOf(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  const type = key.toString("latin1", 4, 4 + Math.min(length, 64));
  return /^[\w@.-]+$/.test(type) ? type : "of an unknown type";
}
