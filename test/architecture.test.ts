import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

/** Package → the packages it may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  "connectors/kit": ["protocol"],
  "connectors/postgres": ["protocol"],
  "connectors/source-postgres": ["protocol", "connectors/kit", "connectors/postgres"],
  "connectors/destination-postgres": ["protocol", "connectors/kit", "connectors/postgres"],
  orchestrator: ["protocol"],
};

/** Every file of the repository but what is built or installed. */
const ours = readdirSync(".", { withFileTypes: true }).flatMap((entry) => {
  if (["node_modules", "dist", ".git"].includes(entry.name)) return [];
  if (!entry.isDirectory()) return [entry.name];
  return readdirSync(entry.name, { recursive: true, encoding: "utf8" }).map((name) =>
    join(entry.name, name),
  );
});
const sources = ours.filter((path) => /^(protocol|connectors|orchestrator)\/.*\.tsx?$/.test(path));

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import of a file of ours, late and type-only ones included. */
const imports: readonly Import[] = sources.flatMap((from) =>
  [...readFileSync(from, "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(
    ([, path]) => ({ from, to: join(dirname(from), path!) }),
  ),
);

/** Where the examples import from: they show what can be written with the public packages alone. */
const exampleImports = ours
  .filter((path) => /^examples\/.*\.ts$/.test(path))
  .flatMap((path) => [...readFileSync(path, "utf8").matchAll(/\bfrom\s*"([^"]+)"/g)])
  .map(([, from]) => from!);

const packageOf = (path: string) =>
  Object.keys(MAY_IMPORT).find((folder) => path.startsWith(`${folder}/`)) ?? "";

/**
 * The circles among what lies directly in `folder`: its files, and its sub-folders as a whole. Each
 * is told by the imports that make it.
 */
function circlesIn(folder: string): string[][] {
  const partOf = (path: string) => path.slice(folder.length + 1).split("/", 1)[0]!;
  const arrows = new Map<string, Map<string, string>>();
  for (const { from, to } of imports) {
    if (!from.startsWith(`${folder}/`) || !to.startsWith(`${folder}/`)) continue;
    if (partOf(from) === partOf(to)) continue;
    const out = arrows.get(partOf(from)) ?? new Map<string, string>();
    arrows.set(partOf(from), out.set(partOf(to), `${from} imports ${to}`));
  }
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (part: string, way: readonly string[]): void => {
    const start = way.indexOf(part);
    if (start !== -1) {
      const round = [...way.slice(start), part];
      circles.push(round.slice(1).map((next, at) => arrows.get(round[at]!)!.get(next)!));
    }
    if (start !== -1 || done.has(part)) return;
    for (const next of arrows.get(part)?.keys() ?? []) visit(next, [...way, part]);
    done.add(part);
  };
  for (const part of arrows.keys()) visit(part, []);
  return circles;
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function ancestors(folder: string): string[] {
  const names = folder.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

it("lets imports flow one way between the packages", () => {
  const violations = imports.filter(({ from, to }) => {
    const [importer, imported] = [packageOf(from), packageOf(to)];
    if (imported === "") return true;
    return importer !== imported && !MAY_IMPORT[importer]?.includes(imported);
  });

  expect(imports.length).toBeGreaterThan(0);
  expect(violations).toEqual([]);
});

it("lets the examples import nothing of ours but what is public", () => {
  const allowed = ["syncline", "syncline/protocol", "syncline/connector-kit"];

  expect(
    exampleImports.filter((from) => !from.startsWith("node:") && !allowed.includes(from)),
  ).toEqual([]);
});

// A circle between two files is one between their folders, or inside one: nothing else is needed to
// have none anywhere, and no arrow back from a folder to one that uses it.
it.each([...new Set(sources.flatMap((path) => ancestors(dirname(path))))].sort())(
  "finds no circle of imports, types counted, between the files and folders of %s",
  (folder) => {
    expect(circlesIn(folder)).toEqual([]);
  },
);

it("lets connectors send statements through a Session only: none but its folder knows the driver", () => {
  const offenders = sources
    .filter((path) => path.startsWith("connectors/") && packageOf(path) !== "connectors/postgres")
    .filter((path) => /from "pg"|driver\.ts"/.test(readFileSync(path, "utf8")));
  expect(offenders).toEqual([]);
});

/** The packages that a file loads before it does anything: by itself, and by what it imports. */
function packagesLoadedBy(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  const statements = /^(?:import|export) (?!type )(?:[^"';]* from )?"([^"]+)";/gm;
  for (const [, from] of readFileSync(file, "utf8").matchAll(statements)) {
    if (!from!.startsWith(".")) packages.add(from!);
    else for (const name of packagesLoadedBy(join(dirname(file), from!), seen)) packages.add(name);
  }
  return packages;
}

// Of the packages, commander alone is quick to load; `spec` has 150 ms from its start to its end.
it.each([
  "orchestrator/main.ts",
  "connectors/source-postgres/main.ts",
  "connectors/destination-postgres/main.ts",
])("loads commander and no other package at the start of %s", (main) => {
  const packages = [...packagesLoadedBy(main)].filter((name) => !name.startsWith("node:"));

  expect(packages).toEqual(["commander"]);
});

it("has the destination's SQL in files that hold nothing else; elsewhere only savepoints are set", () => {
  const home =
    /(^|\/|-)queries\.ts$|\/plan\/(tables|hashes|widening)\.ts$|\/publish\/merge\.ts$|\.generated\.ts$/;
  const statement =
    /[`"'](select|insert into|update|delete from|truncate|copy|create (temporary )?(table|schema|index|type)|alter (table|index|type)|drop table|lock table|comment on|set \w+ [=t]) /;
  const offenders = sources
    .filter((path) => path.startsWith("connectors/destination-postgres/") && !home.test(path))
    .flatMap((path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => statement.test(line) && !/^\s*(\*|\/\/)/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
  expect(offenders).toEqual([]);
});

it("keeps protocol free of input, output, clock and process", () => {
  const forbidden =
    /from "(?!\.|ajv|node:buffer)|process\.|Date\.now|new Date\(\)|setTimeout|performance\./;
  const offenders = sources
    .filter((path) => path.startsWith("protocol/"))
    .filter((path) => forbidden.test(readFileSync(path, "utf8")));
  expect(offenders).toEqual([]);
});

it("cites no document that is not in the repository: a reader wants the fact", () => {
  const cited =
    /\b(design|flows?|faults?|protocol|ecosystem|peers|style)( reference)? §|(protocol|flows|faults) reference|(?<![\w-])reference\/|\bfault [A-Z]\d/;
  const offenders = ours
    .filter((path) => /\.(ts|js|mjs|sql|md|ya?ml)$/.test(path))
    .filter((path) => cited.test(readFileSync(path, "utf8")));
  expect(offenders).toEqual([]);
});
