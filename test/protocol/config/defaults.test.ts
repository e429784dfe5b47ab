import { describe, expect, it } from "vitest";
import { withDefaults } from "../../../protocol/config/defaults.ts";

describe("filling in defaults", () => {
  it("adds what is missing, also inside the chosen form, and leaves the rest and the input alone", () => {
    const schema = {
      properties: {
        a: { default: 1 },
        b: { default: 2 },
        c: { properties: { d: { default: [3] } } },
        mode: {
          oneOf: [
            { properties: { kind: { const: "x" }, e: { default: 4 } } },
            { properties: { kind: { const: "y" }, e: { default: 5 }, f: { default: 6 } } },
          ],
        },
      },
    };
    const config = { b: null, c: {}, mode: { kind: "y", e: 0 }, more: true };
    const before = structuredClone(config);

    expect(withDefaults(schema, config)).toEqual({
      a: 1,
      b: null,
      c: { d: [3] },
      mode: { kind: "y", e: 0, f: 6 },
      more: true,
    });
    expect(config).toEqual(before);
  });

  it("adds them in what a map or a list holds, in a default, and in the form a type tells", () => {
    const entry = { properties: { a: { default: 1 } } };
    const schema = {
      properties: {
        all: { additionalProperties: entry },
        list: { items: { oneOf: [{ type: "string" }, { type: "object", ...entry }] } },
        one: { default: {}, ...entry },
      },
    };

    expect(withDefaults(schema, { all: { x: {}, y: { a: 2 } }, list: ["s", {}] })).toEqual({
      all: { x: { a: 1 }, y: { a: 2 } },
      list: ["s", { a: 1 }],
      one: { a: 1 },
    });
  });

  it("adds none of a choice that is not made, and none that a name of JavaScript's could hide", () => {
    const forms = ["x", "y"].map((kind) => ({
      properties: { kind: { const: kind }, [kind]: { default: 0 } },
    }));
    const schema = JSON.parse(
      '{"properties":{"__proto__":{"default":1},"constructor":{"default":2}}}',
    ) as object;

    expect(withDefaults({ oneOf: forms }, {})).toEqual({});
    expect(Object.entries(withDefaults(schema as Record<string, unknown>, {}))).toEqual([
      ["constructor", 2],
      ["__proto__", 1],
    ]);
  });
});
