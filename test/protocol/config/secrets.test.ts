import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactorOf, redactStrings } from "../../../protocol/config/secrets.ts";
import { postgresProperties } from "../../../connectors/postgres/settings.ts";

const schema = { type: "object", properties: postgresProperties };
const CANARY = 'pa$$"\n%41ß';

/** @guarantee no-secrets */
describe("the redactor", () => {
  it("masks a secret in every spelling it may have been written down in", () => {
    const redact = redactorOf(schema, { password: CANARY });

    for (const spelling of [
      CANARY,
      JSON.stringify(CANARY),
      encodeURIComponent(CANARY),
      Buffer.from(CANARY).toString("base64"),
      `select '${CANARY.replaceAll('"', '""')}'`,
    ])
      expect(redact(`before ${spelling} after`)).toMatch(/^before .*\*{10}.* after$/);
  });

  it("leaves no trace of any secret of at least four characters", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, a, b) => {
        const masked = redactorOf(schema, { password: secret })(`${a}${secret}${b}`);
        const isMasked = !masked.includes(secret);
        const isAllowed = ["password", "username", "database", "host", "port"].includes(secret);
        // Two halves may form it anew around the mask; the mask itself holds nothing but stars.
        expect(isMasked || isAllowed || /^\*+$/.test(secret)).toBe(true);
      }),
    );
  });

  it("finds secrets inside the chosen form of a setting, line by line", () => {
    const key =
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----";
    const config = {
      ssl_mode: {
        mode: "verify-ca",
        ca_certificate: "x",
        client_key: key,
        client_key_password: "open sesame",
      },
    };
    const redact = redactorOf(schema, config);

    expect(redact("the key MIIEvQIBADANBgkqhkiG9w0BAQEF is bad")).toBe("the key ********** is bad");
    expect(redact("passphrase open sesame")).toBe("passphrase **********");
    expect(redact("verify-ca")).toBe("verify-ca");
  });

  it("does not tell a secret by masking an ordinary word", () => {
    const redact = redactorOf(schema, { username: "postgres", password: "postgres" });
    const other = redactorOf(schema, { username: "postgres", password: "password" });

    expect(redact("authentication failed for user postgres")).toContain("postgres");
    expect(other("password authentication failed")).toBe("password authentication failed");
  });

  it("leaves very short secrets alone, which would blot out everything", () => {
    expect(redactorOf(schema, { password: "a" })("a cat")).toBe("a cat");
  });

  it("masks what a setting's name says is a secret, whatever the spec says, numbers too", () => {
    const redact = redactorOf({}, { api_token: 74119925, keys: { client_secret: ["canary-1"] } });

    expect(redact("tokens 74119925, canary-1")).toBe("tokens **********, **********");
  });

  it("finds secrets in the forms of a choice that was not made, behind references and in maps", () => {
    const secret = { airbyte_secret: true };
    const spec = {
      definitions: { login: { properties: { pin: secret } } },
      properties: {
        login: { $ref: "#/definitions/login" },
        headers: { additionalProperties: secret },
        mode: {
          oneOf: [
            { properties: { kind: { const: "a" }, x: secret } },
            { properties: { kind: { const: "b" } } },
          ],
        },
      },
    };
    const config = {
      login: { pin: "canary-1" },
      headers: { a: "canary-2" },
      mode: { kind: "b", x: "canary-3" },
    };

    expect(redactorOf(spec, config)("canary-1 canary-2 canary-3")).toBe(
      "********** ********** **********",
    );
  });

  it("knows the secrets of several configs, and half a surrogate pair does not stop it", () => {
    const redact = redactorOf(schema, { password: "canary-1" }, { password: "canary-\ud800" });

    expect(redact("canary-1 canary-\ud800")).toBe("********** **********");
  });

  it("goes through all strings of a message and keeps its shape", () => {
    const redact = redactorOf(schema, { password: "hunter22" });

    expect(redactStrings({ a: ["hunter22!", { b: "x hunter22" }], n: 1, z: null }, redact)).toEqual(
      {
        a: ["**********!", { b: "x **********" }],
        n: 1,
        z: null,
      },
    );
  });
});
