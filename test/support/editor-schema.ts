import { destinationSpec } from "../../connectors/destination-postgres/spec.ts";
import { specification as sourceSpec } from "../../connectors/source-postgres/spec.ts";
import { CONFIG_SCHEMA } from "../../orchestrator/config/schema.ts";
import type { JsonSchema } from "../../protocol/config/schema.ts";
import { isObject } from "../../protocol/json.ts";

/** Keywords of Airbyte's forms that say nothing to an editor. */
const OF_FORMS = new Set([
  "$schema",
  "airbyte_secret",
  "always_show",
  "display_type",
  "group",
  "groups",
  "multiline",
  "order",
]);

/** `${PORT}` may stand wherever a number or a word is wanted: the file is read before it is filled in. */
const VARIABLE = { type: "string", pattern: "\\$\\{.+\\}" };

/** Settings of a specification as an editor wants them. */
function forEditors(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forEditors);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).filter(([keyword]) => !OF_FORMS.has(keyword));
  return Object.fromEntries(
    entries.map(([keyword, value]) => [
      keyword,
      keyword === "properties"
        ? Object.fromEntries(
            Object.entries(value as object).map(([name, one]) => [name, setting(one)]),
          )
        : forEditors(value),
    ]),
  );
}

function setting(schema: JsonSchema): unknown {
  const { title, description, default: fallback, ...rest } = forEditors(schema) as JsonSchema;
  const isFree = rest["type"] === "object" || "const" in rest;
  const isText = rest["type"] === "string" && !("enum" in rest);
  const value = isFree || isText ? rest : { anyOf: [rest, VARIABLE] };
  return { title, description, ...(fallback !== undefined && { default: fallback }), ...value };
}

/** The schema of sources or destinations, with the settings of the connector that comes along. */
function withSettings(role: "sources" | "destinations", name: string): JsonSchema {
  const named = CONFIG_SCHEMA.properties[role];
  const connector = named.additionalProperties;
  const { type, minLength, description } = connector.properties.connector;
  return {
    ...named,
    additionalProperties: {
      ...connector,
      properties: {
        ...connector.properties,
        connector: { description, anyOf: [{ const: name }, { type, minLength }] },
      },
      if: { required: ["connector"], properties: { connector: { const: name } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
      then: { properties: { config: { $ref: `#/definitions/${name}` } } },
    },
  };
}

/**
 * The schema of `syncline.yaml` for editors: what the loader checks, and the settings of our connectors
 * too. Those of others only they know.
 */
export function editorSchema(): JsonSchema {
  return {
    ...CONFIG_SCHEMA,
    properties: {
      ...CONFIG_SCHEMA.properties,
      sources: withSettings("sources", "source-postgres"),
      destinations: withSettings("destinations", "destination-postgres"),
    },
    definitions: {
      ...CONFIG_SCHEMA.definitions,
      "source-postgres": forEditors(sourceSpec.connectionSpecification),
      "destination-postgres": forEditors(destinationSpec.connectionSpecification),
    },
  };
}
