import type { Json, JsonObject } from "../../protocol/messages.ts";

/**
 * The config with those texts that came out of `${…}` turned into the type the connector's spec
 * wants: `port: ${PORT}` is a number, `password: ${PASSWORD}` stays a text even if it has digits
 * only. Other values stay as they are.
 */
export function coerced(
  config: JsonObject,
  interpolated: ReadonlySet<string>,
  schema: unknown,
): JsonObject {
  if (interpolated.size === 0) return config;
  return walk(config, "", [schema], interpolated) as JsonObject;
}

function walk(
  value: Json,
  path: string,
  schemas: readonly unknown[],
  interpolated: ReadonlySet<string>,
): Json {
  const expanded = schemas.flatMap(branches);
  if (typeof value === "string") return interpolated.has(path) ? typed(value, expanded) : value;
  if (Array.isArray(value))
    return value.map((item, index) =>
      walk(
        item,
        `${path}[${index}]`,
        expanded.map((schema) => schema["items"]),
        interpolated,
      ),
    );
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      walk(
        child,
        path === "" ? key : `${path}.${key}`,
        expanded.map((schema) => (schema["properties"] as JsonObject | undefined)?.[key]),
        interpolated,
      ),
    ]),
  );
}

function typed(text: string, schemas: readonly Record<string, unknown>[]): Json {
  const types = new Set(schemas.flatMap((schema) => [schema["type"]].flat()));
  if (types.has("string")) return text;
  if (types.has("integer") && /^-?\d+$/.test(text)) return Number(text);
  if (types.has("number") && text.trim() !== "" && Number.isFinite(Number(text)))
    return Number(text);
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

function branches(schema: unknown): Record<string, unknown>[] {
  if (schema === null || typeof schema !== "object") return [];
  const object = schema as Record<string, unknown>;
  const nested = ["oneOf", "anyOf", "allOf"].flatMap((key) =>
    Array.isArray(object[key]) ? (object[key] as unknown[]) : [],
  );
  return [object, ...nested.flatMap(branches)];
}
