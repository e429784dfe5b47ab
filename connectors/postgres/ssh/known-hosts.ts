import { createHmac } from "node:crypto";

/**
 * The lines of a known_hosts file that are about `name`, a host or `[host]:port`, without what names the
 * host: key type, key and comment.
 */
export function keysOf(
  file: string,
  name: string,
): { readonly trusted: readonly string[]; readonly revoked: readonly string[] } {
  const lines = file
    .split("\n")
    .map((line) => /^\s*(?:(@\S+)\s+)?([^#\s]\S*)\s+(.+)$/.exec(line))
    .filter((line) => line !== null)
    .filter(([, , hosts]) => isAbout(hosts!, name.toLowerCase()));
  const marked = (wanted: string | undefined) =>
    lines.filter(([, marker]) => marker === wanted).map(([, , , rest]) => rest!);
  return { trusted: marked(undefined), revoked: marked("@revoked") };
}

/** A list of patterns, of which one that begins with `!` rules out; or one name as a hash. */
function isAbout(hosts: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts) ?? [];
  if (salt !== undefined)
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
  const patterns = hosts.toLowerCase().split(",");
  const isOneOf = (some: readonly string[]) => some.some((one) => matches(one, name));
  const [not, wanted] = [true, false].map((isNot) =>
    patterns.filter((one) => one.startsWith("!") === isNot),
  );
  return isOneOf(wanted!) && !isOneOf(not!.map((one) => one.slice(1)));
}

/** With `*` for any letters, and `?` for any one. */
function matches(pattern: string, name: string): boolean {
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(name);
}
