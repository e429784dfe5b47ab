import { isObject, type JsonObject } from "../json.ts";
import { pathText, type Problem } from "./problems.ts";
import { admitsType, walk, type JsonSchema } from "./schema.ts";

/** A config that was made to fit the specification it is checked against. */
export interface AdaptedConfig {
  readonly config: JsonObject;
  /** What was changed, one clause each. */
  readonly warnings: readonly string[];
  /** What could not be changed without changing what is meant. */
  readonly problems: readonly Problem[];
}

/**
 * The config without the settings that are null, where the schema knows them and does not allow null:
 * other tools write null for what was not filled in. One warning names them all.
 */
export function withoutNulls(schema: JsonSchema, given: JsonObject): AdaptedConfig {
  const dropped: string[] = [];
  const config = walk(schema, given, "all", ({ path, value, schemas }) => {
    if (!isObject(value)) return value;
    const kept = Object.entries(value).filter(([name, child]) => {
      if (child !== null || !isLeftOut(schemas, name)) return true;
      dropped.push(pathText([...path, name]));
      return false;
    });
    return Object.fromEntries(kept);
  }) as JsonObject;
  const warnings =
    dropped.length === 0 ? [] : [`null counts as left out in the config: ${dropped.join(", ")}`];
  return { config, warnings, problems: [] };
}

/** Whether null says nothing of a property: some schema knows it, and none allows null. */
function isLeftOut(schemas: readonly JsonSchema[], name: string): boolean {
  const known = schemas.flatMap(({ properties }) =>
    isObject(properties) && Object.hasOwn(properties, name) ? [properties[name] as JsonSchema] : [],
  );
  return known.length > 0 && !known.some((schema) => admitsType(schema, null));
}
