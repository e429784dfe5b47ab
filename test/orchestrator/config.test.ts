import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { loadConfig } from "../../orchestrator/config/load.ts";
import { typedVariables } from "../../orchestrator/config/variables.ts";
import type { Failure } from "../../protocol/errors.ts";
import { it } from "../support/fixtures.ts";

const GOOD = `sources:
  s: { connector: source-postgres, config: { host: localhost } }
destinations:
  d: { connector: destination-postgres, config: { host: localhost } }
connections:
  c: { source: s, destination: d }
`;

function load(folder: string, text: string, env: Record<string, string> = {}) {
  const path = join(folder, "syncline.yaml");
  writeFileSync(path, text);
  return loadConfig(path, env);
}

function problems(folder: string, text: string, env: Record<string, string> = {}): string[] {
  try {
    load(folder, text, env);
  } catch (error) {
    return (error as Failure).message.split("\n");
  }
  return [];
}

/** What is appended to or replaced in the good file, and the lines it must be answered with. */
const BAD: readonly [string, string, readonly string[]][] = [
  [
    "an unknown key",
    GOOD.replace("source: s,", "sourc: s,"),
    [
      "syncline.yaml:6:6 connections.c.source: is required",
      "syncline.yaml:6:8 connections.c.sourc: is not known (did you mean source?)",
    ],
  ],
  [
    "an unknown section",
    `${GOOD}sorces: {}\n`,
    ["syncline.yaml:7:1 sorces: is not known (did you mean sources?)"],
  ],
  [
    "a value of the wrong kind",
    GOOD.replace("destination: d }", "destination: d, prefix: [1] }"),
    ["syncline.yaml:6:43 connections.c.prefix: expected a string"],
  ],
  [
    "an unknown mode",
    GOOD.replace(
      "destination: d }",
      "destination: d, streams: [{ name: t, sync_mode: incremntal }] }",
    ),
    [
      'syncline.yaml:6:67 connections.c.streams[0].sync_mode: expected "full_refresh" or "incremental" (did you mean incremental?)',
    ],
  ],
  [
    "a stream that is neither name nor map",
    GOOD.replace("destination: d }", "destination: d, streams: [7] }"),
    [
      'syncline.yaml:6:45 connections.c.streams[0]: expected a string or an object such as {"name":"orders","sync_mode":"full_refresh"}',
    ],
  ],
  [
    "a source nobody defined",
    GOOD.replace("source: s,", "source: shopp,").replace("  s:", "  shop:"),
    ["syncline.yaml:6:16 connections.c.source: no source is called shopp (did you mean shop?)"],
  ],
  [
    "a name that would leave the state folder",
    GOOD.replace("  c:", "  ../../etc/c:"),
    [
      'syncline.yaml:6:3 connections["../../etc/c"]: must have the form letters, digits, dots, dashes and underscores, at most 100, the first one a letter or digit',
    ],
  ],
  [
    "two programs for one connector",
    GOOD.replace("connector: source-postgres", "connector: source-postgres, image: a/b"),
    ["syncline.yaml:2:6 sources.s: connector and image exclude each other: they say what is run"],
  ],
  [
    "a Python package without a version",
    GOOD.replace("connector: source-postgres", "python: airbyte-source-faker"),
    [
      "syncline.yaml:2:16 sources.s.python: expected a package and its version, such as airbyte-source-faker==7.2.1: without one, any sync may bring another program",
    ],
  ],
  [
    "a command as one text",
    GOOD.replace("connector: source-postgres", "command: sh -c evil"),
    ['syncline.yaml:2:17 sources.s.command: expected an array such as ["python3","./source.py"]'],
  ],
  [
    "a built-in connector that is none",
    GOOD.replace("source-postgres", "source-postgre"),
    [
      "syncline.yaml:2:19 sources.s.connector: no such source (did you mean source-postgres?); a program of yours is a path, such as ./source-postgre",
    ],
  ],
  [
    "an unset variable",
    GOOD.replace("host: localhost", 'host: "${NOWHERE}"'),
    ["syncline.yaml:2:52 sources.s.config.host: the environment variable NOWHERE is not set"],
  ],
  [
    "a variable with a message",
    GOOD.replace("host: localhost", 'host: "${NOWHERE:?set it in .env}"'),
    ["syncline.yaml:2:52 sources.s.config.host: NOWHERE: set it in .env"],
  ],
  [
    "two connections that write one table",
    `${GOOD}  e: { source: s, destination: d, streams: ["*"] }\n`,
    [
      "syncline.yaml:7:3 connections.e: writes the same table as connection c: *; give one of them another prefix or namespace",
    ],
  ],
  [
    "a stream in two ways",
    GOOD.replace(
      "destination: d }",
      'destination: d, streams: [t, "*", { name: t, sync_mode: incremental }] }',
    ),
    [
      "syncline.yaml:6:53 connections.c.streams[2]: t is streams[0] already; a stream is synced in one way",
    ],
  ],
  [
    "a bracket that stays open",
    "sources: {\n",
    ["2:1 the bracket that begins at 1:10 is never closed"],
  ],
  [
    "a quote that stays open",
    GOOD.replace("source: s,", 'source: "s,'),
    ["7:1 the quote that begins at 6:16 is never closed"],
  ],
  [
    "a star without quotes",
    GOOD.replace("destination: d }", "destination: d, streams: [{ name: * }] }"),
    ['syncline.yaml:6:53 a star alone needs quotes: "*"'],
  ],
  [
    "a missing colon",
    "sources:\n  s:\n    connector source-postgres\n    config: {}\n",
    ["syncline.yaml:3:5 a colon is missing"],
  ],
  [
    "a missing colon in the last line",
    "sources:\n  s:\n    config: {}\n    connector source-postgres\n",
    ["syncline.yaml:4:5 a colon is missing"],
  ],
  [
    "a colon without a space",
    "sources:\n  s:\n    connector:source-postgres\n    config: {}\n",
    ["syncline.yaml:3:5 a colon needs a space behind it"],
  ],
  [
    "tabs, once",
    "sources:\n  s:\n\tconnector: source-postgres\n\tconfig:\n\t\thost: x\n",
    ["syncline.yaml:3:1 a tab is used to indent; use spaces"],
  ],
  [
    "a space that is none",
    "sources:\n  s:\n    connector:\u00a0source-postgres\n    config: {}\n",
    ["3:5 character 15 of this line looks like a space and is none (U+00A0)"],
  ],
  [
    "a variable between brackets",
    GOOD.replace("host: localhost", "host: ${HOST}"),
    ["between brackets ${NAME} needs quotes"],
  ],
  [
    "a merge of maps",
    `${GOOD}  e: { <<: *c }\n`.replace("  c: {", "  c: &c {"),
    ["syncline.yaml:7:8 a map is not merged into another (<<) here; write its keys out"],
  ],
  [
    "a section without anything",
    GOOD.replace(/sources:\n.*\n/, "sources:\n"),
    ["sources: expected an object (it has no value)"],
  ],
  [
    "source and destination in each other's place",
    GOOD.replace("source: s, destination: d", "source: d, destination: s"),
    [
      "connections.c.source: no source is called d: it is a destination",
      "connections.c.destination: no destination is called s: it is a source",
    ],
  ],
  [
    "a key given twice",
    `${GOOD}  c: { source: s, destination: d }\n`,
    ["syncline.yaml:7:3 the same key was given before"],
  ],
  [
    "a value that holds itself",
    GOOD.replace("config: { host: localhost }", "config: &c { host: *c }"),
    ["an alias (*) stands inside what its anchor (&) names"],
  ],
  [
    "aliases of aliases without end",
    `${["b", "c", "d", "e"].reduce(
      (lines, name, index) =>
        `${lines}${name}: &${name} [${Array.from("x".repeat(10), () => `*${"abcd"[index]}`).join(", ")}]\n`,
      "a: &a [x, x]\n",
    )}${GOOD}`,
    ["syncline.yaml: its aliases (*) stand for more values than fit a configuration"],
  ],
  [
    "lists in lists without end",
    `sources: ${"[".repeat(20_000)}`,
    ["is nested too deep to be read"],
  ],
  [
    "settings in settings without end",
    GOOD.replace("host: localhost", `host: ${"{ a: ".repeat(9_000)}1${" }".repeat(9_000)}`),
    ["is nested too deep to be read"],
  ],
  [
    "nothing",
    "",
    [
      "syncline.yaml:1:1 sources: is required",
      "syncline.yaml:1:1 destinations: is required",
      "syncline.yaml:1:1 connections: is required",
    ],
  ],
];

/** Passwords that needed quotes → where the first mistake is. */
const BROKEN_SECRETS: readonly [value: string, place: string][] = [
  ["*Canary4711", "5:17"],
  ["*Canary4711 4711", "5:29"],
  ["&Canary4711", "5:28"],
  ["|Canary4711", "5:18"],
  ["| Canary4711", "5:19"],
  [">Canary4711", "5:18"],
  ["!Canary4711", "5:17"],
  ["!!Canary4711 x", "5:17"],
  ["!<Canary4711", "5:17"],
  ["!a!Canary4711 x", "5:17"],
  ["@Canary4711", "5:17"],
  ["{Canary4711", "6:7"],
  ["]Canary4711", "5:17"],
  ['"Canary4711\\qx"', "5:28"],
  ['"Canary4711', "11:1"],
  ["'it'Canary4711'", "5:21"],
  ["${Canary4711}", "5:17"],
  ["${Canary4711:?not 4711}", "5:17"],
  ["${4711-Canary}", "5:17"],
  ["a${Canary4711", "5:17"],
  ["x: Canary4711", "5:17"],
  ["first\nCanary4711", "6:1"],
  ["first\n      Canary4711", "6:7"],
  ['"first\n      Canary4711"', "5:23"],
  ["|\n       first\n      Canary4711", "7:7"],
  ["a\n\tCanary4711", "6:1"],
  ["Canary4711\n---\nCanary4711", "6:1"],
];

describe("the configuration file", () => {
  it.for(BAD)("answers %s at its place", ([, text, expected], { folder }) => {
    const found = problems(folder, text);

    expect(found).toHaveLength(expected.length);
    for (const [index, line] of expected.entries()) expect(found[index]).toContain(line);
  });

  it("fills in variables inside values only, so that a password cannot change the document", ({
    folder,
  }) => {
    const text = GOOD.replace(
      "host: localhost",
      'host: "${HOST:-db}", password: "${PW}", price: "$5 and $$x"',
    );

    const config = load(folder, text, { PW: "a: b # }" });

    expect(config.sources.get("s")!.config).toEqual({
      host: "db",
      password: "a: b # }",
      price: "$5 and $x",
    });
  });

  /** @guarantee no-secrets */
  it.for(BROKEN_SECRETS)(
    "names the place of %j under a key that looks secret, and no more",
    ([value, place], { folder }) => {
      for (const key of ["password", "dsn", "api_key"]) {
        const text = `sources:\n  s:\n    connector: source-postgres\n    config:\n      ${key.padEnd(8)}: ${value}\n      port: 1\n`;
        const said = problems(folder, text + GOOD.slice(GOOD.indexOf("destinations")));

        expect(said.join("\n")).toMatch(/^syncline\.yaml:\d+:\d+ /);
        expect(said.join("\n")).not.toMatch(/Canary|4711/);
        expect(said[0]).toContain(`syncline.yaml:${place} `);
      }
    },
  );

  it("still takes anchors, aliases, block texts and tags that mean something", ({ folder }) => {
    const text = GOOD.replace("{ host: localhost }", "&c { host: localhost, port: !!int 5 }")
      .replace("config: { host: localhost }", "config: *c")
      .concat("#\n");

    const { sources, destinations } = load(folder, text);

    expect(destinations.get("d")!.config).toEqual(sources.get("s")!.config);
    expect(sources.get("s")!.config).toEqual({ host: "localhost", port: 5 });
  });

  it("leaves ${SOURCE_NAMESPACE} of a namespace rule alone", ({ folder }) => {
    const text = GOOD.replace(
      "destination: d }",
      'destination: d, namespace: "${STAGE}_${SOURCE_NAMESPACE}" }',
    );

    const config = load(folder, text, { STAGE: "dev" });

    expect(config.connections.get("c")!.namespace).toBe("dev_${SOURCE_NAMESPACE}");
  });

  it("takes connector settings from a file beside it", ({ folder }) => {
    writeFileSync(join(folder, "s.json"), '{ "host": "${HOST}" }');
    const text = GOOD.replace("config: { host: localhost } }\ndest", "config_file: s.json }\ndest");

    expect(load(folder, text, { HOST: "x" }).sources.get("s")!.config).toEqual({ host: "x" });
  });

  it.for([
    ["settings/shop.json", "there is no settings/shop.json"],
    ["hunter2/s3cr3t", "there is no such file"],
    ["${PASSWORD}", "there is no such file"],
    [".", "the file is a folder"],
  ])(
    "names the missing file of settings %s only where it looks like one",
    ([file, said], { folder }) => {
      const text = GOOD.replace(
        "config: { host: localhost } }\ndest",
        `config_file: "${file}" }\ndest`,
      );

      expect(() => load(folder, text, { PASSWORD: "hunter2" })).toThrow(
        `syncline.yaml:2:${text.split("\n")[1]!.indexOf('"') + 1} sources.s.config_file: ${said}`,
      );
      expect(() => load(folder, text, { PASSWORD: "hunter2" })).not.toThrow(/hunter2/);
    },
  );

  it.for(["here", "in a file beside it"])(
    "gives a variable %s the type that the connector's spec asks for",
    (where, { folder }) => {
      const lines = [
        "port: ${PORT}",
        "password: ${PW}",
        'text: "${PORT}"',
        '"a b":',
        "  - ${PORT}",
      ];
      writeFileSync(join(folder, "s.yaml"), lines.join("\n"));
      const place =
        where === "here" ? `config:\n      ${lines.join("\n      ")}` : "config_file: s.yaml";
      const text = GOOD.replace(
        /s: \{ connector.*/,
        `s:\n    connector: source-postgres\n    ${place}`,
      );
      const number = { type: "integer" };
      const spec = {
        properties: { port: number, text: number, "a b": { items: number }, password: {} },
      };

      const { config, interpolated } = load(folder, text, { PORT: "5", PW: "7" }).sources.get("s")!;

      // In quotes it is a text, whatever the spec says.
      expect(typedVariables(config, interpolated, spec)).toEqual({
        port: 5,
        password: "7",
        text: "5",
        "a b": [5],
      });
    },
  );

  it("takes what is left out from the schema that editors are given, too", ({ folder }) => {
    const text = GOOD.replace("destination: d }", "destination: d, retry: { max_attempts: 2 } }");

    expect(load(folder, text).connections.get("c")).toMatchObject({
      prefix: "",
      namespace: "destination",
      schemaChanges: "propagate",
      follow: false,
      retry: { maxAttempts: 2, firstDelaySeconds: 10, maxDelaySeconds: 1800 },
      limits: {
        startSeconds: 60,
        sourceSilenceSeconds: 7200,
        destinationSilenceSeconds: 7200,
        stopSeconds: 10,
      },
    });
  });

  it("gives a variable the type that its own settings ask for", ({ folder }) => {
    const text = GOOD.replace(
      "{ source: s, destination: d }",
      "\n    source: s\n    destination: d\n    retry:\n      max_attempts: ${N}",
    );

    const { retry } = load(folder, text, { N: "7" }).connections.get("c")!;
    expect(retry.maxAttempts).toBe(7);
  });

  it.for([
    ["UTF-16", Buffer.from("\ufeffsources: {}", "utf16le")],
    ["Latin-1", Buffer.from("sources: { ä: {} }", "latin1")],
  ] as const)("says how to save a file in %s", ([, bytes], { folder }) => {
    const path = join(folder, "syncline.yaml");
    writeFileSync(path, bytes);

    expect(() => loadConfig(path, {})).toThrow("save it as UTF-8");
  });

  it("says in which folder it looked for a missing file", ({ folder }) => {
    expect(() => loadConfig("nowhere/x.yaml", {})).toThrow(
      `there is no nowhere/x.yaml, looked for in ${join(process.cwd(), "nowhere")}`,
    );
    expect(() => loadConfig(folder, {})).toThrow("is a folder");
  });

  it("knows where each of a connector's settings stands", ({ folder }) => {
    writeFileSync(join(folder, "d.yaml"), "host: x\nport: y\n");
    const text = GOOD.replace(/(d: .*)config: \{ host: localhost \}/, "$1config_file: d.yaml");
    const { sources, destinations } = load(folder, text);
    const problem = { path: ["host"], message: "is wrong" };

    expect(sources.get("s")!.locate(problem)).toBe(
      "syncline.yaml:2:52 sources.s.config.host: is wrong",
    );
    expect(destinations.get("d")!.locate({ path: ["port"], message: "is wrong" })).toBe(
      "d.yaml:2:7 port: is wrong",
    );
  });

  it("accepts one column where a list is meant", ({ folder }) => {
    const stream = "{ name: t, sync_mode: incremental, cursor_field: at, primary_key: [a, b] }";
    const text = GOOD.replace("destination: d }", `destination: d, streams: [${stream}] }`);

    expect(load(folder, text).connections.get("c")!.streams[0]).toMatchObject({
      cursor_field: ["at"],
      primary_key: [["a"], ["b"]],
    });
  });
});
