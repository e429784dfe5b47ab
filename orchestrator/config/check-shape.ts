import { pointerNames, type Validator, type ValidatorError } from "../../protocol/problems.ts";
import type { Path, Problem } from "./document.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import { config as validator } from "./schema.generated.ts";
import { CONFIG_SCHEMA } from "./schema.ts";

const validate = validator as unknown as Validator;

/**
 * Checks a configuration against its JSON Schema and reports everything that is wrong at once, each
 * problem at its place and in plain words.
 */
export function checkShape(value: unknown): Problem[] {
  if (validate(value)) return [];
  const problems = new Map<string, Problem>();
  for (const error of validate.errors ?? []) {
    const problem = explain(error, value);
    if (problem) problems.set(JSON.stringify(problem), problem);
  }
  return [...problems.values()];
}

function explain(error: ValidatorError, root: unknown): Problem | undefined {
  const path = pathOf(error.instancePath, root);
  const { params, keyword } = error;
  const data = valueAt(root, error.instancePath);
  switch (keyword) {
    case "additionalProperties": {
      const key = (params as { additionalProperty: string }).additionalProperty;
      const known = Object.keys((parentSchema(error) as { properties?: object }).properties ?? {});
      return {
        path: [...path, key],
        message: `unknown key${didYouMean(key, known) || `; known keys: ${known.join(", ")}`}`,
        atKey: true,
      };
    }
    case "if":
      return undefined; // what it demands is reported itself
    case "required":
      return {
        path,
        message: `${(params as { missingProperty: string }).missingProperty} is missing`,
      };
    case "enum": {
      const allowed = (params as { allowedValues: unknown[] }).allowedValues.map(String);
      const written = typeof data === "string" ? didYouMean(data, allowed) : "";
      return { path, message: `must be one of ${allowed.join(", ")}${written}` };
    }
    case "type":
      // One branch of several: the choice itself is reported.
      if (/\/(oneOf|anyOf)\/\d+\/type$/.test(error.schemaPath)) return undefined;
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
        : { path, message: DETAILS[keyword] ?? "is not valid" };
    case "oneOf":
    case "anyOf":
      // The branch that was meant reports its own problems.
      return data !== null && typeof data === "object" && !Array.isArray(data)
        ? undefined
        : { path, message: choiceText(path) };
    default:
      return { path, message: DETAILS[keyword] ?? "is not valid" };
  }
}

function choiceText(path: Path): string {
  return path.at(-2) === "streams"
    ? "must be a stream's name, or a map with name, sync_mode and so on"
    : "must be a text or a list of texts";
}

/** What else a value can do wrong, by keyword. */
const DETAILS: Readonly<Record<string, string>> = {
  pattern: "must not be empty",
  minItems: "must not be empty",
  minProperties: "must not be empty",
  minimum: "is too small",
  exclusiveMinimum: "must be above 0",
};

/** The schema that holds the violated keyword. */
function parentSchema({ schemaPath }: ValidatorError): unknown {
  return pointerNames(schemaPath)
    .slice(0, -1)
    .reduce(childOf, CONFIG_SCHEMA as unknown);
}

function valueAt(root: unknown, pointer: string): unknown {
  return pointerNames(pointer).reduce(childOf, root);
}

function childOf(value: unknown, name: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[name];
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
  for (const key of pointerNames(pointer)) {
    path.push(Array.isArray(value) ? Number(key) : key);
    value = childOf(value, key);
  }
  return path;
}
