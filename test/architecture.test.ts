import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

/** Folder → the folders it may import from, besides itself. Everything else is an error. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  "connectors/kit": ["protocol"],
  "connectors/postgres": ["protocol"],
  "connectors/source-postgres": ["protocol", "connectors/kit", "connectors/postgres"],
  "connectors/destination-postgres": ["protocol", "connectors/kit", "connectors/postgres"],
  orchestrator: ["protocol"],
};

const folderOf = (path: string) =>
  Object.keys(MAY_IMPORT).find((folder) => path.startsWith(`${folder}/`));

it("lets imports flow one way only", () => {
  const files = ["protocol", "connectors", "orchestrator"].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(top, name)),
  );
  const violations = files.flatMap((file) => {
    const from = folderOf(file);
    return [...readFileSync(file, "utf8").matchAll(/\b(?:from|import)\s*\(?"(\.[^"]+)"/g)]
      .map((match) => join(dirname(file), match[1]!))
      .filter((target) => {
        const to = folderOf(target);
        return to === undefined || (to !== from && !MAY_IMPORT[from ?? ""]?.includes(to));
      })
      .map((target) => `${file} imports ${target}`);
  });
  expect(files.length).toBeGreaterThan(0);
  expect(violations).toEqual([]);
});

it("keeps protocol free of input, output, clock and process", () => {
  const forbidden = /from "(?!\.|ajv|node:buffer")|process\.|Date\.now|setTimeout|performance\./;
  const offenders = readdirSync("protocol", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .filter((name) => forbidden.test(readFileSync(join("protocol", name), "utf8")));
  expect(offenders).toEqual([]);
});
