import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileValidator } from "../../../protocol/config/compile.ts";
import { explain } from "../../../protocol/config/explain.ts";
import { problemText } from "../../../protocol/config/problems.ts";

const form = (mode: object, properties: object = {}, required: string[] = []) => ({
  type: "object",
  required: ["mode", ...required],
  additionalProperties: false,
  properties: { mode, ...properties },
});

const SPEC = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["host", "port"],
  additionalProperties: false,
  properties: {
    host: { type: "string", minLength: 1, pattern: "^[a-z.]*$", pattern_descriptor: "a host name" },
    port: { type: "integer", minimum: 1, maximum: 65535, default: 5432 },
    password: { type: "string", airbyte_secret: true, minLength: 8 },
    schemas: { type: "array", items: { type: "string" }, uniqueItems: true, default: ["public"] },
    start: { type: "string", format: "date-time" },
    level: { type: "string", enum: ["low", "high"] },
    ssl_mode: {
      oneOf: [
        form({ const: "disable" }),
        form({ const: "require" }, { hosts: { type: "array", items: { type: "string" } } }),
        form({ type: "string", enum: ["verify-ca"] }, { ca_certificate: { type: "string" } }, [
          "ca_certificate",
        ]),
      ],
    },
    tables: {
      oneOf: [
        { type: "string" },
        { type: "array", items: { type: "string" }, examples: [["a", "b"]] },
      ],
    },
    files: {
      type: "array",
      items: {
        oneOf: [
          { type: "string" },
          {
            type: "object",
            required: ["path"],
            additionalProperties: false,
            properties: { path: { type: "string" } },
          },
        ],
      },
    },
    perl: { type: "string", pattern: "(?i)^x" },
  },
};

const problems = async (config: unknown, schema: object = SPEC) => {
  const validator = await compileValidator(schema as typeof SPEC);
  return explain(validator, schema as typeof SPEC, config).map(problemText);
};
const good = { host: "db", port: 5432 };

describe("checking a config against a connector's spec", () => {
  it("finds nothing wrong with a good one, and changes nothing in it", async () => {
    const config = Object.freeze({
      ...good,
      perl: "y",
      ssl_mode: Object.freeze({ mode: "verify-ca", ca_certificate: "…" }),
    });

    expect(await problems(config)).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ["no object", [], ["expected an object"]],
    ["nothing", {}, ["host: is required", "port: is required"]],
    [
      "wrong types",
      { host: 1, port: "x" },
      ["host: expected a string (put it in quotes)", "port: expected an integer"],
    ],
    [
      "a number in quotes",
      { ...good, port: "5432" },
      ["port: expected an integer (leave out its quotes)"],
    ],
    [
      "no value at all",
      { ...good, schemas: null },
      ["schemas: expected an array (it has no value)"],
    ],
    ["an empty host", { ...good, host: "" }, ["host: must not be empty"]],
    ["an odd host", { ...good, host: "DB" }, ["host: must have the form a host name"]],
    ["a port too high", { ...good, port: 70000 }, ["port: must be at most 65535"]],
    ["a word not offered", { ...good, level: "mid" }, ['level: expected "low" or "high"']],
    ["no date", { ...good, start: "soon" }, ["start: expected a valid date-time"]],
    ["a name twice", { ...good, schemas: ["a", "a"] }, ["schemas: has the same item twice"]],
    [
      "a bad item",
      { ...good, schemas: ["a", 1] },
      ["schemas[1]: expected a string (put it in quotes)"],
    ],
    [
      "a mistyped name",
      { ...good, pasword: "hunter22" },
      ["pasword: is not known (did you mean password?)"],
    ],
    [
      "an unknown name",
      { ...good, "a b": 1 },
      [
        '["a b"]: is not known; known are host, port, password, schemas, start, level, ssl_mode, tables, files, perl',
      ],
    ],
    [
      "a mistyped word",
      { ...good, level: "hihg" },
      ['level: expected "low" or "high" (did you mean high?)'],
    ],
    [
      "a form without what it needs",
      { ...good, ssl_mode: { mode: "verify-ca" } },
      ["ssl_mode.ca_certificate: is required when mode is verify-ca"],
    ],
    [
      "something wrong inside the chosen form",
      { ...good, ssl_mode: { mode: "require", hosts: [1], host: [] } },
      [
        "ssl_mode.host: is not known (did you mean hosts?)",
        "ssl_mode.hosts[0]: expected a string (put it in quotes)",
      ],
    ],
    [
      "a form not offered",
      { ...good, ssl_mode: { mode: "verify_ca", ca_certificate: "x" } },
      ['ssl_mode.mode: expected "disable", "require" or "verify-ca" (did you mean verify-ca?)'],
    ],
    [
      "a form without its name",
      { ...good, ssl_mode: {} },
      ['ssl_mode.mode: expected "disable", "require" or "verify-ca"'],
    ],
    [
      "a word for a form",
      { ...good, ssl_mode: "require" },
      ['ssl_mode: write { "mode": "require" }'],
    ],
    [
      "a word for a form, mistyped",
      { ...good, ssl_mode: "requir" },
      [
        'ssl_mode: expected an object with mode: expected "disable", "require" or "verify-ca" (did you mean require?)',
      ],
    ],
    [
      "none of several types",
      { ...good, tables: 5 },
      ['tables: expected a string or an array such as ["a","b"] (put it in quotes)'],
    ],
    [
      "one of several types, by what is wrong in it",
      { ...good, tables: ["a", 5] },
      ["tables[1]: expected a string (put it in quotes)"],
    ],
    [
      "each of several choices on its own",
      { ...good, files: [7, { path: 7 }, { paht: "x" }] },
      [
        "files[0]: expected a string or an object (put it in quotes)",
        "files[1].path: expected a string (put it in quotes)",
        "files[2].path: is required",
        "files[2].paht: is not known (did you mean path?)",
      ],
    ],
  ])("tells what is wrong with %s", async (_, config, expected) => {
    expect(await problems(config)).toEqual(expected);
  });

  it("tells a secret that is too short from one that is fine, but never the secret", async () => {
    const found = await problems({
      ...good,
      password: "hunter2",
      level: "hunter2",
      start: "hunter2",
    });

    expect(found).toHaveLength(3);
    expect(found.join()).not.toContain("hunter2");
  });

  it("says something of whatever is wrong, at a place that exists or is missing", async () => {
    const validator = await compileValidator(SPEC);
    const value = fc.oneof(
      fc.constantFrom("db", 5432, "disable", "verify-ca", null, [], ["a"], "2020-01-01T00:00:00Z"),
      fc.jsonValue({ maxDepth: 2 }),
      fc.record({ mode: fc.constantFrom("disable", "require", "x"), hosts: fc.jsonValue() }),
      fc.array(fc.record({ path: fc.jsonValue() })),
    );
    const names = Object.keys(SPEC.properties);
    const config = fc
      .dictionary(fc.constantFrom(...names, "other"), value)
      .map((more) => Object.assign({ host: "db", port: 5432 }, more));

    fc.assert(
      fc.property(fc.oneof(config, fc.jsonValue()), (given) => {
        expect(explain(validator, SPEC, given).length > 0).toBe(!validator(given));
      }),
      { numRuns: 500 },
    );
  });

  it("tells a form by what tells all forms apart, also where another word in it is wrong", async () => {
    const form = (method: string, more: object) => ({
      required: ["method"],
      properties: { method: { const: method }, ...more },
    });
    const forms = [form("a", {}), form("b", { plugin: { type: "string", enum: ["only"] } })];
    const spec = { properties: { m: { oneOf: forms } } };

    expect(await problems({ m: { method: "b", plugin: "other" } }, spec)).toEqual([
      'm.plugin: expected "only"',
    ]);
  });

  it("says that a value has two forms at once", async () => {
    const spec = { properties: { a: { oneOf: [{ type: "number" }, { minimum: 5 }] } } };

    expect(await problems({ a: 7 }, spec)).toEqual(["a: has two of the forms allowed here"]);
  });

  it("is not confused by references and odd names in somebody else's spec", async () => {
    const spec = {
      $id: "https://example.com/spec.json",
      definitions: { "100%": { oneOf: [{ required: ["a"] }, { required: ["b"] }] } },
      properties: { x: { $ref: "#/definitions/100%25" }, y: { $ref: "#/definitions/100%25" } },
    };

    expect(await problems({ x: {}, y: { a: 1 } }, spec)).toEqual([
      "x: has none of the forms allowed here",
    ]);
  });

  it("refuses a spec that is no schema", async () => {
    await expect(compileValidator({ type: 5 })).rejects.toMatchObject({
      code: "protocol.bad_message",
    });
  });

  it("lets pass what a foreign spec says in words of its own", async () => {
    const spec = {
      title: "x",
      groups: [{ id: "a" }],
      properties: { a: { format: "x", order: 1 } },
    };

    expect(await problems({ a: "b", unknown: 1 }, spec)).toEqual([]);
  });
});
