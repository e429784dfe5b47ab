import { isIP, SocketAddress } from "node:net";
import type { PeerCertificate } from "node:tls";

/**
 * Whether a certificate was made for `host`, by the rules of libpq, which are not those of Node: a dot
 * at the end of a name counts, an address may stand among the DNS names or in the common name, and a
 * wildcard is for one whole label. The common name counts where no alternative name is of the host's
 * kind.
 */
export function isMadeFor(host: string, certificate: PeerCertificate): boolean {
  const names = alternativeNames(certificate.subjectaltname ?? "");
  const isNamed = names.some(({ kind, value }) =>
    kind === ADDRESS ? isSameAddress(value, host) : kind === NAME && matches(value, host),
  );
  if (isNamed) return true;
  const ownKind = isIP(host) === 0 ? NAME : ADDRESS;
  if (names.some(({ kind }) => kind === ownKind)) return false;
  const [commonName] = [certificate.subject?.CN ?? []].flat();
  return commonName !== undefined && matches(commonName, host);
}

/** As Node spells them. */
const NAME = "DNS";
const ADDRESS = "IP Address";

/** Node's text of them, in which values with odd characters are JSON strings. */
function alternativeNames(text: string): { kind: string; value: string }[] {
  const parts = text.matchAll(/([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g);
  return [...parts].map(([, kind, value]) => ({
    kind: kind!,
    value: value!.startsWith('"') ? (JSON.parse(value!) as string) : value!,
  }));
}

function matches(pattern: string, host: string): boolean {
  const [wanted, given] = [host.toLowerCase(), pattern.toLowerCase()];
  if (wanted === given) return true;
  if (!given.startsWith("*.")) return false;
  const label = wanted.slice(0, wanted.indexOf("."));
  return label !== "" && label + given.slice(1) === wanted;
}

function isSameAddress(address: string, host: string): boolean {
  const canonical = [address, host].map((text) => {
    const version = isIP(text);
    const family = version === 6 ? "ipv6" : "ipv4";
    return version === 0 ? undefined : new SocketAddress({ address: text, family }).address;
  });
  return canonical[0] !== undefined && canonical[0] === canonical[1];
}
