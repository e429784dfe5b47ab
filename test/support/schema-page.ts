import type { JsonSchema } from "../../protocol/config/schema.ts";

/** The parts of a JSON Schema that are shown. */
interface Shown extends JsonSchema {
  readonly type?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Shown>>;
  readonly additionalProperties?: boolean | Shown;
  readonly items?: Shown;
  readonly oneOf?: readonly Shown[];
}

/** Tables of the properties of an object and of the objects in it, each below where it stands. */
export function schemaTables(schema: Shown, path = "", isFirst = true): string[] {
  const { properties = {}, required = [] } = schema;
  const rows = Object.entries(properties).map(([name, one]) => {
    const fallback = one.default;
    const standard = required.includes(name)
      ? "required"
      : fallback === undefined || fallback === "" || typeof fallback === "object"
        ? ""
        : `\`${JSON.stringify(fallback).replaceAll('"', "")}\``;
    if (!one.description) throw new Error(`${path}${name} has no description`);
    return `| \`${name}\` | ${typeName(one)} | ${standard} | ${one.description} |`;
  });
  const heading = isFirst ? [] : [`## \`${path.replace(/\.$/, "")}\``];
  const own = [
    ...heading,
    ["| key | value | default | |", "| --- | --- | --- | --- |", ...rows].join("\n"),
  ];
  const below = Object.entries(properties).flatMap(([name, one]) => inner(one, `${path}${name}`));
  return [...own, ...below];
}

/** The objects that a value is, or holds. */
function inner(schema: Shown, path: string): string[] {
  const { properties, additionalProperties: named, items, oneOf = [] } = schema;
  if (properties) return schemaTables(schema, `${path}.`, false);
  if (typeof named === "object") return inner(named, `${path}.<name>`);
  if (items) return inner(items, `${path}[]`);
  return oneOf.flatMap((form) => (form.properties ? inner(form, path) : []));
}

function typeName(schema: Shown): string {
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (schema.oneOf) return [...new Set(schema.oneOf.map(typeName))].join(" or ");
  if (schema.items) {
    const inside = typeName(schema.items);
    return `list of ${inside.includes(" or ") ? `(${inside})` : inside}`;
  }
  if ("$ref" in schema) return "condition";
  return { object: "map", string: "text" }[schema.type ?? ""] ?? schema.type ?? "";
}
