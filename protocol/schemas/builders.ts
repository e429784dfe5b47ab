import type { JsonSchema } from "../config/schema.ts";

/**
 * The words that the protocol's schemas are written in. Every object is open (unknown fields are
 * legal everywhere), and what is not required may also be null: some writers print each unset field
 * so.
 */
export const text: JsonSchema = { type: "string" };
export const integer: JsonSchema = { type: "integer" };
export const number: JsonSchema = { type: "number" };
export const boolean: JsonSchema = { type: "boolean" };
/** Any object. */
export const anyObject: JsonSchema = { type: "object" };

export function arrayOf(items: JsonSchema, more: JsonSchema = {}): JsonSchema {
  return { type: "array", items, ...more };
}

export function oneOfWords(...words: string[]): JsonSchema {
  return { type: "string", enum: words };
}

/** An object with `required` fields, and `optional` ones that may be null. */
export function object(
  required: { readonly [field: string]: JsonSchema },
  optional: { readonly [field: string]: JsonSchema } = {},
): JsonSchema {
  const nullable = Object.entries(optional).map(([field, schema]) => [field, orNull(schema)]);
  return {
    type: "object",
    required: Object.keys(required),
    properties: { ...required, ...(Object.fromEntries(nullable) as object) },
  };
}

/** `schema`, and beyond it `then` for objects whose `type` is `word`. */
export function whenType(word: string, then: JsonSchema): JsonSchema {
  return {
    if: { properties: { type: { const: word } }, required: ["type"] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { properties: then["properties"], required: then["required"] },
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  const type = schema["type"];
  if (typeof type !== "string") return schema;
  const words = schema["enum"];
  const nullable = { ...schema, type: [type, "null"] };
  return Array.isArray(words) ? { ...nullable, enum: [...(words as string[]), null] } : nullable;
}
