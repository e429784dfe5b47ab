import { Ajv } from "ajv";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";

const schema = JSON.parse(readFileSync("orchestrator/syncline.schema.json", "utf8")) as object;
const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);

/** Where an editor would underline something. */
function underlined(text: string): string[] {
  validate(parse(text));
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== "if");
  return [
    ...new Set(errors.map(({ instancePath, params }) => `${instancePath} ${extra(params)}`.trim())),
  ];
}

const extra = (params: object) =>
  "additionalProperty" in params ? String(params.additionalProperty) : "";

const file = (source: string) => `
sources: { s: ${source} }
destinations: { d: { connector: destination-postgres, config_file: d.json } }
connections: { c: { source: s, destination: d } }
`;
const LOGIN = "host: h, database: d, username: u";

it("lets an editor see a mistyped setting of our connectors", () => {
  const of = (settings: string) =>
    underlined(file(`{ connector: source-postgres, config: { ${LOGIN}, ${settings} } }`));

  expect(of("pasword: x")).toEqual(["/sources/s/config pasword"]);
  expect(of("lock: no")).toContain("/sources/s/config/lock");
  expect(of("port: 5432, lock: per_stream, ssl_mode: { mode: require }")).toEqual([]);
  expect(of('port: "${PORT}", lock: "${LOCK}", password: "${PASSWORD}"')).toEqual([]);
  expect(underlined(file("{ connector: source-postgres, config: {} }"))).toEqual([
    "/sources/s/config",
  ]);
});

it("leaves the settings of others open, and ours where they are in a file of their own", () => {
  expect(underlined(file("{ command: [x], config: { any: thing } }"))).toEqual([]);
  expect(underlined(file("{ connector: ./mine.mjs, config: { any: thing } }"))).toEqual([]);
  expect(underlined(file("{ connector: source-postgres, config_file: s.json }"))).toEqual([]);
});

it("finds nothing wrong with the examples", () => {
  const examples = readdirSync("examples", { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("syncline.yaml"),
  );

  expect(examples.length).toBeGreaterThan(1);
  for (const name of examples)
    expect([name, underlined(readFileSync(`examples/${name}`, "utf8"))]).toEqual([name, []]);
});
