import type { PeerCertificate } from "node:tls";
import { expect, it } from "vitest";
import { isMadeFor } from "../../../connectors/postgres/certificate-names.ts";

const certificate = (names: string | undefined, commonName: string | string[] = "db.test") =>
  ({ subject: { CN: commonName }, subjectaltname: names }) as unknown as PeerCertificate;

/** @guarantee tls-as-libpq */
it.for<readonly [string, PeerCertificate, boolean]>([
  ["db.test", certificate("DNS:db.test"), true],
  ["DB.test", certificate("DNS:other.test, DNS:db.TEST"), true],
  ["db.test.", certificate("DNS:db.test"), false],
  ["db.test.", certificate("DNS:db.test."), true],
  ["a.db.test", certificate("DNS:*.db.test"), true],
  ["a.b.db.test", certificate("DNS:*.db.test"), false],
  ["db.test", certificate("DNS:*.db.test"), false],
  [".db.test", certificate("DNS:*.db.test"), false],
  ["a.db.test", certificate("DNS:a*.db.test"), false],
  ["other.test", certificate("DNS:other.test"), true],
  ["db.test", certificate("DNS:other.test"), false],
  ["db.test", certificate("IP Address:127.0.0.1"), true],
  ["db.test", certificate(undefined), true],
  ["db.test", certificate(undefined, ["db.test", "other.test"]), true],
  ["other.test", certificate(undefined, ["db.test", "other.test"]), false],
  ["127.0.0.1", certificate("IP Address:127.0.0.1"), true],
  ["127.0.0.1", certificate("DNS:127.0.0.1"), true],
  ["127.0.0.1", certificate("DNS:db.test", "127.0.0.1"), true],
  ["127.0.0.1", certificate("IP Address:127.0.0.2", "127.0.0.1"), false],
  ["127.0.0.2", certificate("DNS:127.0.0.1"), false],
  ["::1", certificate("IP Address:0:0:0:0:0:0:0:1"), true],
  ["::2", certificate("IP Address:0:0:0:0:0:0:0:1"), false],
  ["evil.test", certificate('DNS:"db.test, DNS:evil.test"'), false],
  ["evil.test", certificate('URI:"http://x/, DNS:evil.test", DNS:db.test'), false],
  ["db.test", certificate("email:db.test", "x"), false],
])("%s and a certificate are told apart as libpq does it (%#)", ([host, made, expected]) => {
  expect(isMadeFor(host, made)).toBe(expected);
});
