import { describe, expect, it } from "vitest";
import { parse, parseDocument } from "yaml";
import { withEntry, type NewEntry } from "../../orchestrator/setup/add-entry.ts";

const ENTRY: NewEntry = {
  section: "sources",
  name: "new",
  value: { connector: "./x", config: { host: "${NEW_HOST}" } },
};
const REST = "destinations: {}\nconnections: {}\n";

/** Texts before, with a mark where the lines of the entry are to come. */
const PLACES: Readonly<Record<string, string>> = {
  "behind the last entry": `# top\nsources:\n  a: {connector: x}   # odd   spacing\n»\n# below\n\n${REST}`,
  "behind comments about the last entry": `sources:\n  a:\n    config:\n      b: 'c'\n      # d: e\n  # f\n»\n# g\n${REST}`,
  "behind a block of text": `sources:\n  a:\n    config:\n      key: |\n        one\n        two\n»\n\n${REST}`,
  "at the end of a file without a last newline": `${REST}sources:\n  a:\n    connector: x\n»`,
  "with the indentation of the others": `sources:\n     a:\n       connector: x\n»${REST}`,
  "between lines that end as on Windows": `sources:\r\n  a:\r\n    connector: x\r\n»\r\n${REST.replaceAll("\n", "\r\n")}`,
};

describe("an entry is put", () => {
  it.for(Object.entries(PLACES))("%s, and nothing else changes", ([, marked]) => {
    const before = marked.replace("»", "");
    const indent = " ".repeat(/\n?( +)a:/.exec(before)![1]!.length);
    const end = before.includes("\r\n") ? "\r\n" : "\n";
    const lines = ["new:", "  connector: ./x", "  config:", "    host: ${NEW_HOST}", ""];

    const after = withEntry(before, ENTRY);

    const entry = lines.map((line) => (line === "" ? "" : indent + line)).join(end);
    expect(after).toBe(marked.replace("»", () => entry));
    expect(parse(after)).toEqual(expected(before));
  });

  it("where there was none, behind the comment of the section", () => {
    const after = withEntry(`sources: {} # none yet\n${REST}`, ENTRY);

    expect(after).toContain("sources: # none yet\n  new:\n    connector: ./x\n");
    expect(parse(after)).toEqual(expected(`sources: {}\n${REST}`));
  });

  it.for([
    `# kept\nsources: { a: { connector: x } } # too\n${REST}`,
    `{"sources": {"a": {"connector": "x"}}, "destinations": {}, "connections": {}}`,
    `? sources\n: a: { connector: x }\n${REST}`,
    `sources: &s\n  a: &a { connector: x }\n${REST}`,
  ])("among entries of any other spelling: %j", (before) => {
    const after = withEntry(before, ENTRY);

    expect(parseDocument(after).toJS()).toEqual(expected(before));
    for (const comment of before.match(/# \w+/g) ?? []) expect(after).toContain(comment);
  });
});

function expected(before: string): unknown {
  const value = parse(before) as { sources: object };
  return { ...value, sources: { ...value.sources, new: ENTRY.value } };
}
