import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mapper } from "../../orchestrator/config/config.ts";
import { RecordEditor } from "../../orchestrator/sync/relay/record-editor.ts";

const NAMES = ["id", "name", 'quo"te', "ümlaut", "\u{1f600}", "a\\b", ""];

/** A member as a source may spell it. */
interface Member {
  readonly name: string;
  readonly key: string;
  readonly around: string;
  readonly value: string;
}

/** Every character as an escape: the same text in another spelling. */
const escaped = (text: string) =>
  `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;

const space = fc.constantFrom("", "", "", " ", "\t ");
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("\\", '"', "\ud800"),
);
const value = fc.oneof(
  text.map((one) => JSON.stringify(one)),
  text.map(escaped),
  fc.constantFrom("null", "true", "-0", "1.50", "12345678901234567890", "[1, 2]", '{"null": [ ]}'),
  fc.constantFrom(5_000, 70_000).map((length) => `"${"x".repeat(length)}"`),
);
const member = (name: string): fc.Arbitrary<Member> =>
  fc.tuple(fc.boolean(), space, space, value).map(([isEscaped, before, after, spelled]) => ({
    name,
    key: isEscaped ? escaped(name) : JSON.stringify(name),
    around: `${before}:${after}`,
    value: spelled,
  }));
const record = fc.shuffledSubarray(NAMES).chain((names) => fc.tuple(...names.map(member)));
const mapper = fc.constantFrom(...NAMES).chain((field): fc.Arbitrary<Mapper> =>
  fc.oneof(
    fc.constant({ type: "rename" as const, field, to: `new ${field}` }),
    fc.constant({ type: "drop" as const, field }),
    fc
      .constantFrom("MD5" as const, "SHA-256" as const, "SHA-512" as const)
      .map((method) => ({ type: "hash" as const, field, method })),
  ),
);

/** What a record becomes, by the names of its members. */
function oracle(members: readonly Member[], mappers: readonly Mapper[], kept: readonly string[]) {
  const parts = members.flatMap(({ name, key, around, value: spelled }) => {
    const one = mappers.find((other) => other.type !== "filter" && other.field === name);
    if (!kept.includes(name) || one?.type === "drop") return [];
    if (one?.type === "rename") return [`${JSON.stringify(one.to)}:${spelled}`];
    if (one?.type !== "hash") return [`${key}${around}${spelled}`];
    const parsed = JSON.parse(spelled) as unknown;
    const hashed = createHash((one.method ?? "SHA-256").toLowerCase().replace("-", ""))
      .update(typeof parsed === "string" ? parsed : spelled)
      .digest("hex");
    return [`${JSON.stringify(`${name}_hashed`)}:${parsed === null ? "null" : `"${hashed}"`}`];
  });
  return `{${parts.join(",")}}`;
}

describe("mappers", () => {
  it("change what they name, however it is spelled and wherever it stands, and no other byte", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(mapper, { selector: (one) => ("field" in one ? one.field : "") }),
        fc.subarray(NAMES, { minLength: 4 }),
        fc.array(record, { minLength: 1, maxLength: 6 }),
        (mappers, kept, records) => {
          const editor = new RecordEditor(mappers, kept);
          const lines = records.map((members) => {
            const spelled = members.map(({ key, around, value: its }) => key + around + its);
            return Buffer.from(`xx{${spelled.join(" , ")}}}`);
          });

          const edited = lines.map((line) => editor.edit(line, 2, line.length)!);

          expect(edited.map(({ data }) => data.toString())).toEqual(
            records.map((members) => oracle(members, mappers, kept)),
          );
          expect(edited.map(({ dataEnd }) => dataEnd)).toEqual(
            lines.map((line) => line.length - 1),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
