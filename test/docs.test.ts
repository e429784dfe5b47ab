import { expect, it } from "vitest";
import { guaranteeTags } from "./support/guarantee-tags.ts";
import { GUARANTEES } from "./support/guarantees.ts";
import { commandReference } from "./support/command-page.ts";
import { schemaTables } from "./support/schema-page.ts";
import { typeMatrix } from "./support/type-matrix.ts";
import { destinationSpec } from "../connectors/destination-postgres/spec.ts";
import { specification as sourceSpec } from "../connectors/source-postgres/spec.ts";
import { CONFIG_SCHEMA } from "../orchestrator/config/schema.ts";
import { FAILURES } from "../protocol/errors.ts";

/** The parts of a JSON schema that are shown. */
interface Shown {
  order?: number;
  type?: string;
  default?: unknown;
  description?: string;
  enum?: string[];
  airbyte_secret?: boolean;
  oneOf?: { properties: Record<string, { const?: string }> }[];
}

/** One row per setting; the forms of a `oneOf` are named by the value of their discriminator. */
function settings(connectionSpecification: unknown): string {
  const { properties, required } = connectionSpecification as {
    properties: Record<string, Shown>;
    required: string[];
  };
  const rows = Object.entries(properties)
    .sort(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0))
    .map(([name, schema]) => {
      const fallback = schema.default;
      const standard = required.includes(name)
        ? "required"
        : fallback === undefined
          ? ""
          : `\`${JSON.stringify(fallback)}\``;
      return `| \`${name}\` | ${valueOf(schema)} | ${standard} | ${schema.description ?? ""} |`;
    });
  return ["| setting | value | default | |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function valueOf(schema: Shown): string {
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (!schema.oneOf) return schema.airbyte_secret ? "secret" : (schema.type ?? "");
  return schema.oneOf
    .map(({ properties }) => {
      const keys = Object.entries(properties).map(([key, { const: word }]) =>
        word === undefined ? key : `${key}: ${word}`,
      );
      return `\`{ ${keys.join(", ")} }\``;
    })
    .join("<br>");
}

const page = (title: string, ...parts: string[]) =>
  `${[`# ${title}`, "Generated: `npx vitest run test/docs.test.ts -u` writes it anew.", ...parts].join("\n\n")}\n`;

it("keeps the page of settings true", async () => {
  const text = page(
    "Settings of the connectors",
    "## source-postgres",
    settings(sourceSpec.connectionSpecification),
    "## destination-postgres",
    settings(destinationSpec.connectionSpecification),
  );

  await expect(text).toMatchFileSnapshot("../docs/settings.generated.md");
});

it("keeps the page of commands true", async () => {
  const text = page("Commands of syncline", ...commandReference());

  await expect(text).toMatchFileSnapshot("../docs/commands.generated.md");
});

it("keeps the page of syncline.yaml true", async () => {
  const { sources, connections, notify, keep, ...rest } = CONFIG_SCHEMA.properties;
  // Sources and destinations are described alike.
  const { destinations, ...none } = rest;
  expect([none, destinations]).toEqual([{}, sources]);
  const text = page(
    "syncline.yaml",
    "Texts may hold `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${file:/run/secrets/x}` and, where `SYNCLINE_ALLOW_COMMANDS=1` is set, `${command:[op, read, …]}`; `$$` is a plain dollar sign. Variables come from the environment or from a file `.env` beside it. A schema for editors is in the package, `orchestrator/syncline.schema.json`: `syncline init` leads to it where the project has the package installed.",
    ...schemaTables({
      required: CONFIG_SCHEMA.required,
      properties: {
        sources: { ...sources, description: "Where data comes from, by names of yours." },
        destinations: { type: "object", description: "Where it goes; the same keys as `sources`." },
        connections: { ...connections, description: "What is copied from where to where." },
        notify,
        keep,
      },
    }),
    "## `condition`",
    "One of `equal: { field, value }`, `not: [condition]`, `and: [condition, …]`, `or: [condition, …]`.",
  );

  await expect(text).toMatchFileSnapshot("../docs/syncline-yaml.generated.md");
});

it("keeps the page of failure codes true", async () => {
  const rows = Object.entries(FAILURES).map(([code, kind]) => `| \`${code}\` | ${kind} |`);
  const text = page(
    "Failure codes",
    "`config_error`: change something; never retried. `transient_error`: retried with growing pauses. `system_error`: retried too, and worth a look.",
    ["| code | kind |", "| --- | --- |", ...rows].join("\n"),
  );

  await expect(text).toMatchFileSnapshot("../docs/failures.generated.md");
});

it("keeps the type matrix true", async () => {
  const text = page("PostgreSQL types on their way", typeMatrix());

  await expect(text).toMatchFileSnapshot("../docs/types.generated.md");
});

it("keeps the page of guarantees true", async () => {
  const tags = guaranteeTags();
  const sections = GUARANTEES.map(({ name, promise, notCovered }) => {
    const proofs = tags
      .filter(({ guarantee }) => guarantee === name)
      .map(({ file, title }) => `- \`${file}\`${title === undefined ? "" : `: ${title}`}`);
    return [`## ${name}`, promise, `Not covered: ${notCovered}`, proofs.join("\n")].join("\n\n");
  });
  const text = page(
    "What is guaranteed",
    "Each promise, where it ends, and the tests that prove it: those that say `@guarantee` and its name. A file without a title proves it as a whole. `npm run mutants` breaks the code behind promises on purpose, and `npm run faults` goes through what can go wrong.",
    ...sections,
  );

  await expect(text).toMatchFileSnapshot("../docs/guarantees.md");
  const names = GUARANTEES.map(({ name }) => name);
  expect([...new Set(tags.map(({ guarantee }) => guarantee))].toSorted()).toEqual(names.toSorted());
});
