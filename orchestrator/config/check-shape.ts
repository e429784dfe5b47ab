import { Ajv, type ErrorObject } from "ajv";
import { didYouMean } from "./nearest.ts";
import type { Path, Problem } from "./document.ts";

/**
 * Checks `value` against a JSON Schema and reports everything that is wrong at once, each problem
 * at its place and in plain words.
 */
export function checkShape(schema: object, value: unknown): Problem[] {
  const validate = new Ajv({
    allErrors: true,
    strict: false,
    verbose: true,
    validateFormats: false,
  }).compile(schema);
  if (validate(value)) return [];
  const problems = new Map<string, Problem>();
  for (const error of validate.errors ?? []) {
    const problem = explain(error, value);
    if (problem) problems.set(JSON.stringify(problem), problem);
  }
  return [...problems.values()];
}

function explain(error: ErrorObject, root: unknown): Problem | undefined {
  const path = pathOf(error.instancePath, root);
  const { params, keyword } = error;
  switch (keyword) {
    case "additionalProperties": {
      const key = (params as { additionalProperty: string }).additionalProperty;
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      return {
        path: [...path, key],
        message: `unknown key${didYouMean(key, known) || `; known keys: ${known.join(", ")}`}`,
        atKey: true,
      };
    }
    case "required":
      return {
        path,
        message: `${(params as { missingProperty: string }).missingProperty} is missing`,
      };
    case "enum": {
      const allowed = (params as { allowedValues: unknown[] }).allowedValues.map(String);
      const written = typeof error.data === "string" ? didYouMean(error.data, allowed) : "";
      return { path, message: `must be one of ${allowed.join(", ")}${written}` };
    }
    case "type":
      return { path, message: `must be ${article(String((params as { type: unknown }).type))}` };
    case "propertyNames":
      return {
        path: [...path, (params as { propertyName: string }).propertyName],
        message:
          "a name has letters, digits, dots, dashes and underscores, at most 100, and begins with a letter or digit",
        atKey: true,
      };
    case "pattern":
      // Of a property name: `propertyNames` says it better.
      return error.schemaPath.includes("propertyNames")
        ? undefined
        : { path, message: error.message ?? "is not valid" };
    case "oneOf":
    case "anyOf":
      // The branch that was meant reports its own problems.
      return error.data !== null && typeof error.data === "object" && !Array.isArray(error.data)
        ? undefined
        : { path, message: "must be a text or a list of texts" };
    default:
      return { path, message: error.message ?? "is not valid" };
  }
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    object: "a map of keys and values",
    array: "a list",
    string: "a text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
  };
  return names[type] ?? type;
}

/** Turns a JSON pointer into a path, with indexes where the value is a list. */
function pathOf(pointer: string, root: unknown): Path {
  const path: (string | number)[] = [];
  let value: unknown = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(value) ? Number(key) : key);
    value = (value as Record<string, unknown> | undefined)?.[key];
  }
  return path;
}
