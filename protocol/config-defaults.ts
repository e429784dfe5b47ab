import type { Json, JsonObject } from "./messages.ts";

/**
 * A copy of `config` with the defaults of `schema` where a property is missing, also inside nested
 * objects and inside the form of a `oneOf` that the config chose by its constant. The config itself
 * is not changed, and a config that does not fit the schema is passed through: validate it.
 */
export function withDefaults(schema: JsonObject, config: JsonObject): JsonObject {
  const form = chosenForm(schema, config);
  const filled = form === undefined ? { ...config } : withDefaults(form, config);
  for (const [name, property] of Object.entries(objectOf(schema["properties"]))) {
    const propertySchema = objectOf(property);
    const value = Object.hasOwn(filled, name) ? filled[name] : propertySchema["default"];
    if (value === undefined) continue;
    setOwn(filled, name, isObject(value) ? withDefaults(propertySchema, value) : value);
  }
  return filled;
}

function chosenForm(schema: JsonObject, config: JsonObject): JsonObject | undefined {
  const forms = Array.isArray(schema["oneOf"]) ? schema["oneOf"].map(objectOf) : [];
  return forms.find((form) =>
    Object.entries(objectOf(form["properties"])).some(([name, property]) => {
      const { const: constant, enum: words } = objectOf(property);
      const isConstant = constant !== undefined || (Array.isArray(words) && words.length === 1);
      const word = constant ?? (Array.isArray(words) ? words[0] : undefined);
      return isConstant && Object.hasOwn(config, name) && config[name] === word;
    }),
  );
}

/** Assigning to `__proto__` would set the prototype. */
function setOwn(object: JsonObject, name: string, value: Json): void {
  Object.defineProperty(object, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
