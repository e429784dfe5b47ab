import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** What a test says it proves: `@guarantee <name>` in a comment before it. */
export interface GuaranteeTag {
  readonly guarantee: string;
  /** From the root. */
  readonly file: string;
  /** Of the test or group behind the tag, `…` for what is filled in; undefined: all of the file. */
  readonly title: string | undefined;
}

/** All tags of all tests, file by file. */
export function guaranteeTags(): GuaranteeTag[] {
  return testFiles().flatMap((path) => {
    const text = readFileSync(path, "utf8");
    return [...text.matchAll(/\/\*\* @guarantee (?<name>[a-z-]+) \*\/\s*/g)].map((match) => ({
      guarantee: match.groups!["name"]!,
      file: relative(ROOT, path),
      title: titleAt(text.slice(match.index + match[0].length)),
    }));
  });
}

const testFiles = () =>
  readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(ROOT, "test", name))
    .toSorted();

/** The title in a call of `it` or `describe`, or in what `it.for(…)` returns. */
function titleAt(code: string): string | undefined {
  // More tags may stand in between.
  const call = code.replace(/^(?:\/\*\* @guarantee [a-z-]+ \*\/\s*)+/, "");
  const isTable = /^(?:it|describe)\.(?:for|each)\b/.test(call);
  const title = isTable
    ? /\)\(\s*(?<quote>["`])(?<words>.*?)\k<quote>,/.exec(call)
    : /^(?:it|describe)\(\s*(?<quote>["`])(?<words>.*?)\k<quote>,/.exec(call);
  return title?.groups!["words"]!.replaceAll(/%[sioj]|\$\{[^}]*\}|\$\w+/g, "…");
}
