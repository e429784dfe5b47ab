import { readFileSync, statSync } from "node:fs";

/** For whom a password is looked up. */
export interface PasswordOwner {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
}

/** The folders that libpq looks for a server's socket in, as it is built for Linux and macOS. */
export const SOCKET_FOLDERS: readonly string[] = ["/var/run/postgresql", "/tmp"];

/**
 * The password that a password file has for somebody: that of its first line whose four fields
 * match. A file that is not there has none; one that others may read is not used, as with libpq.
 */
export function passwordFromFile(
  path: string,
  owner: PasswordOwner,
  note: (text: string) => void,
): string | undefined {
  let text: string;
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0) {
      note(`${path} is not used: others may read it (chmod 600 ${path})`);
      return undefined;
    }
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const { host, port, database, username } = owner;
  // A server behind the usual socket is called localhost there.
  const hosts = SOCKET_FOLDERS.includes(host) ? [host, "localhost"] : [host];
  const wanted = [hosts, [String(port)], [database], [username]];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = fieldsOf(line);
    const matches = wanted.every(
      (values, index) => fields[index] === "*" || values.includes(fields[index] ?? ""),
    );
    if (matches && fields[4] !== undefined) return fields[4];
  }
  return undefined;
}

/** Split at colons; `\:` and `\\` are a colon and a backslash. */
function fieldsOf(line: string): string[] {
  const fields = [...line.matchAll(/((?:[^\\:]|\\.|\\$)*)(?::|$)/gs)].map(([, field]) => field!);
  return fields.map((field) => field.replaceAll(/\\(.)/gs, "$1"));
}
