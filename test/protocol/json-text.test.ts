import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseJson } from "../../protocol/json-text.ts";

const problem = (text: string): string => {
  try {
    parseJson(text, "config.invalid", "the config");
  } catch (error) {
    expect(error).toMatchObject({ code: "config.invalid", cause: undefined });
    return (error as Error).message;
  }
  return "";
};

it.each([
  ['{\n  "a": 1,\n  "b" 2\n}', "line 3, column 7"],
  ['{"a": [1, {"b": tru}]}', "line 1, column 17"],
  ['{"a": 1,}', "line 1, column 9"],
  ["[1 2]", "line 1, column 4"],
  ["{'a': 1}", "line 1, column 2"],
  ['{"é": hunter2}', "line 1, column 7"],
  ['{"a": 1} {"b": 2}', "line 1, column 10"],
  ['{"a": "line\nbreak"}', "line 1, column 7"],
  ["hunter2", "line 1, column 1"],
  ['{"a": {"b": [', "it ends too early"],
  ['{"a":', "it ends too early"],
])("says where %j stops being JSON", (text, place) => {
  expect(problem(text)).toBe(`the config is not JSON: ${place}`);
});

it("says so of an empty text", () => {
  expect(problem(" \n")).toBe("the config is empty");
});

it.each(["[".repeat(1_000_000), `${'{"a":'.repeat(6_000)}1${"}".repeat(6_000)}`, "[".repeat(201)])(
  "refuses at once what is nested too deep to mean anything, whether it ends or not",
  (text) => {
    expect(problem(text)).toBe("the config is nested deeper than 200 levels");
  },
);

it("takes 200 levels, and brackets in a text for none", () => {
  const text = JSON.stringify("[".repeat(1_000));
  const deep = `${"[".repeat(200)}${text}${"]".repeat(200)}`;

  expect(problem(deep)).toBe("");
  expect(problem("[".repeat(200))).toBe("the config is not JSON: it ends too early");
});

it("parses exactly what JSON.parse does, and finds a place in everything else", () => {
  const outcomeOf = (parse: () => unknown) => {
    try {
      return { value: parse() };
    } catch (error) {
      return { mistake: error instanceof Error };
    }
  };
  fc.assert(
    fc.property(fc.string(), fc.json(), fc.nat(), (noise, json, position) => {
      const at = position % (json.length + 1);
      const text = json.slice(0, at) + noise.slice(0, 2) + json.slice(at);

      expect(outcomeOf(() => parseJson(text, "config.invalid", "the config"))).toEqual(
        outcomeOf(() => JSON.parse(text) as unknown),
      );
    }),
    { numRuns: 2000 },
  );
});
