import type { PropertySchema } from "../../../protocol/catalog.ts";
import type { Json, JsonObject } from "../../../protocol/json.ts";
import { isName } from "../../postgres/sql.ts";

/** One text for a schema and a name; equal texts mean equal types. */
export function keyOf(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}

/** Whether a value is a schema and a name that this database could have. */
export function isTypeName(value: Json | undefined): value is { schema: string; name: string } {
  const { schema, name } = (value ?? {}) as JsonObject;
  return typeof schema === "string" && typeof name === "string" && isName(schema) && isName(name);
}

/** What has to exist before a column of the type can, nested types first. */
export function definitionsOf(schema: PropertySchema): JsonObject[] {
  const definitions: Json | undefined = schema["x-postgres-definitions"];
  return Array.isArray(definitions) ? (definitions as JsonObject[]) : [];
}

/** The labels of an enum, in their order; undefined where one is none that an enum could have. */
export function labelsOf(definition: JsonObject): string[] | undefined {
  const { labels } = definition;
  const isLabel = (one: Json) => one === "" || (typeof one === "string" && isName(one));
  return Array.isArray(labels) && labels.every(isLabel) ? (labels as string[]) : undefined;
}

/** A part of a composite. */
export interface Attribute {
  readonly name: string;
  readonly type: string;
  readonly collation?: string;
}

/** The parts of a composite, in their order; undefined where one cannot be read. */
export function attributesOf(definition: JsonObject): Attribute[] | undefined {
  const { attributes } = definition;
  const isAttribute = (one: Json) => {
    const { name, type } = (one ?? {}) as JsonObject;
    return typeof name === "string" && isName(name) && typeof type === "string";
  };
  return Array.isArray(attributes) && attributes.every(isAttribute)
    ? (attributes as unknown as Attribute[])
    : undefined;
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
