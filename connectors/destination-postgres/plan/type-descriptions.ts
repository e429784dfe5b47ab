import type { PropertySchema } from "../../../protocol/catalog.ts";
import type { Json, JsonObject } from "../../../protocol/json.ts";

/** A qualified name at the start of a type, as `format_type` quotes it. */
const QUALIFIED = /^("(?:[^"]|"")+"|[^".([]+)\.("(?:[^"]|"")+"|[^"([]+)/;

/**
 * Takes a type apart, as `format_type` prints it under an empty search_path: the key of what is named,
 * and what follows the name, typmod and brackets.
 */
export function parseType(type: string): { key: string; rest: string } {
  const [whole, schema, name] = QUALIFIED.exec(type) ?? [];
  if (whole !== undefined)
    return { key: keyOf(unquoted(schema!), unquoted(name!)), rest: type.slice(whole.length) };
  const builtIn = type.replace(/(\(.*\))?(\[\])?$/, "");
  return { key: keyOf("pg_catalog", unquoted(builtIn)), rest: type.slice(builtIn.length) };
}

/** One text for a schema and a name; equal texts mean equal types. */
export function keyOf(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** Whether a value is a schema and a name. */
export function isName(value: Json | undefined): value is { schema: string; name: string } {
  const { schema, name } = (value ?? {}) as JsonObject;
  return typeof schema === "string" && typeof name === "string";
}

/** What has to exist before a column of the type can, nested types first. */
export function definitionsOf(schema: PropertySchema): JsonObject[] {
  const definitions: Json | undefined = schema["x-postgres-definitions"];
  return Array.isArray(definitions) ? (definitions as JsonObject[]) : [];
}

/** The labels of an enum, in their order. */
export function labelsOf(definition: JsonObject): string[] {
  const { labels } = definition;
  return Array.isArray(labels) ? labels.filter((one) => typeof one === "string") : [];
}

/** A part of a composite. */
export interface Attribute {
  readonly name: string;
  readonly type: string;
  readonly collation?: string;
}

/** The parts of a composite, in their order. */
export function attributesOf(definition: JsonObject): Attribute[] {
  const { attributes } = definition;
  return Array.isArray(attributes) ? (attributes as unknown as Attribute[]) : [];
}

/** Where a new label goes among those that are there. */
export interface LabelPlace {
  readonly where: "before" | "after";
  readonly label: string;
}

/** A label to add. */
export interface MissingLabel {
  readonly missing: string;
  readonly place: LabelPlace | undefined;
}

/**
 * The labels to add, in the order of adding, so that what both have comes in the order wanted. Every
 * place names a label that is there by then; undefined for the first of an empty enum.
 */
export function missingLabels(
  wanted: readonly string[],
  existing: readonly string[],
): MissingLabel[] {
  const [first] = existing;
  return wanted.flatMap((missing, index): MissingLabel[] => {
    if (existing.includes(missing)) return [];
    const before = wanted[index - 1];
    if (before !== undefined) return [{ missing, place: { where: "after", label: before } }];
    return [
      { missing, place: first === undefined ? undefined : { where: "before", label: first } },
    ];
  });
}
