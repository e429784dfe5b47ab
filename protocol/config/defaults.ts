import { isObject, type Json } from "../json.ts";
import { walk, type JsonSchema } from "./schema.ts";

/**
 * A copy of `config` with the defaults of `schema` where a property is missing: also inside nested
 * objects and arrays, inside a default itself, and inside the form of a choice that the config means.
 * What is there stays, null as well, and so does what does not fit the schema: validate it.
 */
export function withDefaults<Config extends object>(schema: JsonSchema, config: Config): Config {
  return walk(schema, config as Json, "meant", ({ value, schemas }) => {
    if (!isObject(value)) return value;
    const missing = schemas
      .flatMap((one) => defaultsOf(one))
      .filter(([name]) => !Object.hasOwn(value, name));
    // The first schema that has a default for a name counts.
    return { ...value, ...Object.fromEntries(missing.toReversed()) };
  }) as Config;
}

function defaultsOf(schema: JsonSchema): [name: string, value: Json][] {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  return Object.entries(properties).flatMap(([name, property]): [string, Json][] =>
    isObject(property) && property["default"] !== undefined
      ? [[name, property["default"] as Json]]
      : [],
  );
}
