import { Failure, type FailureCode } from "./errors.ts";
import type { JsonSchema } from "./schemas/json-schema.ts";

/** One thing that is wrong with a document, told without its values. */
export interface Problem {
  /** `streams[2].primary_key`; empty for the document itself. */
  readonly path: string;
  /** `expected an array`. */
  readonly message: string;
}

/** What a validator compiled by ajv says about one violated keyword. */
export interface ValidatorError {
  /** JSON pointer into the document. */
  readonly instancePath: string;
  /** JSON pointer into the schema, as a URI fragment. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A validator compiled by ajv, now or ahead. `errors` belongs to the last call. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly ValidatorError[] | null | undefined;
}

/** `path: message`, or the message alone for the document itself. */
export function problemText({ path, message }: Problem): string {
  return path === "" ? message : `${path}: ${message}`;
}

/** One failure for all `problems` of `what` ("the configured catalog"). */
export function problemsFailure(
  code: FailureCode,
  what: string,
  problems: readonly Problem[],
): Failure {
  const text = problems.map(problemText).join("; ");
  return new Failure(code, `${what} is not valid: ${text}`, {
    facts: { problems: problems.length },
  });
}

/** The names on the way a JSON pointer goes. */
export function pointerNames(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** `/streams/2/primary_key` as people write it: `streams[2].primary_key`. */
export function pathOf(names: readonly string[]): string {
  let path = "";
  for (const name of names) {
    if (/^\d+$/.test(name)) path += `[${name}]`;
    else if (!/^[\w-]+$/.test(name)) path += `[${JSON.stringify(name)}]`;
    else path += path === "" ? name : `.${name}`;
  }
  return path;
}

/**
 * The problem behind one error of a validator; undefined for errors that only repeat another one.
 *
 * @param parent the schema that holds the violated keyword, for patterns with a description.
 */
export function problemOf(error: ValidatorError, parent: JsonSchema = {}): Problem | undefined {
  const names = pointerNames(error.instancePath);
  const { params } = error;
  switch (error.keyword) {
    case "if":
      return undefined;
    case "required":
      return {
        path: pathOf([...names, String(params["missingProperty"])]),
        message: "is required",
      };
    case "dependencies":
    case "dependentRequired":
      return {
        path: pathOf([...names, String(params["missingProperty"])]),
        message: `is required when ${String(params["property"])} is set`,
      };
    default:
      return { path: pathOf(names), message: expectation(error, parent) };
  }
}

function expectation({ keyword, params }: ValidatorError, parent: JsonSchema): string {
  const limit = String(params["limit"]);
  switch (keyword) {
    case "type":
      return `expected ${typeNames(params["type"])}`;
    case "enum":
      return `expected ${words(params["allowedValues"])}`;
    case "const":
      return `expected ${JSON.stringify(params["allowedValue"])}`;
    case "minLength":
    case "minItems":
    case "minProperties":
      return limit === "1" ? "must not be empty" : `must have at least ${limit} ${UNITS[keyword]}`;
    case "maxLength":
    case "maxItems":
    case "maxProperties":
      return `must have at most ${limit} ${UNITS[keyword]}`;
    case "minimum":
      return `must be at least ${limit}`;
    case "maximum":
      return `must be at most ${limit}`;
    case "exclusiveMinimum":
      return `must be greater than ${limit}`;
    case "exclusiveMaximum":
      return `must be less than ${limit}`;
    case "multipleOf":
      return `must be a multiple of ${String(params["multipleOf"])}`;
    case "uniqueItems":
      return "has the same item twice";
    case "format":
      return `expected a valid ${String(params["format"])}`;
    case "pattern": {
      const descriptor = parent["pattern_descriptor"];
      return `must have the form ${typeof descriptor === "string" ? descriptor : String(params["pattern"])}`;
    }
    case "additionalProperties":
      return `${JSON.stringify(params["additionalProperty"])} is not known`;
    case "false schema":
      return "is not allowed here";
    default:
      return "has none of the forms that are allowed here";
  }
}

const UNITS: Readonly<Record<string, string>> = {
  minLength: "characters",
  maxLength: "characters",
  minItems: "items",
  maxItems: "items",
  minProperties: "properties",
  maxProperties: "properties",
};

/** `"a", "b" or "c"`. */
export function words(values: unknown): string {
  if (!Array.isArray(values)) return "another value";
  const texts = values.filter((value) => value !== null).map((value) => JSON.stringify(value));
  if (texts.length < 2) return texts.join("");
  return `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}

/** `a string or null`, from `["string", "null"]` or ajv's `"string,null"`. */
export function typeNames(types: unknown): string {
  const names = (Array.isArray(types) ? types : String(types).split(",")) as string[];
  return names
    .map((name) => {
      if (name === "null") return "null";
      return /^[aio]/.test(name) ? `an ${name}` : `a ${name}`;
    })
    .join(" or ");
}
