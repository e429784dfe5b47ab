import { isObject } from "../json.ts";
import { didYouMean } from "../nearest-name.ts";
import type { Problem } from "./problems.ts";
import {
  admitsType,
  discriminatorOf,
  follow,
  fragmentNames,
  meantForm,
  pointerNames,
  typesOf,
  type JsonSchema,
  type MeantForm,
  type Path,
} from "./schema.ts";

/** What a validator compiled by ajv says about one violated keyword. */
export interface ValidatorError {
  /** JSON pointer into the document. */
  readonly instancePath: string;
  /** JSON pointer into the schema, as a URI fragment. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Of an error in the name of a property: that name. */
  readonly propertyName?: string;
}

/** A validator compiled by ajv with `allErrors`, now or ahead. `errors` belongs to the last call. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly ValidatorError[] | null | undefined;
}

const NO_FORM = "has none of the forms allowed here";

/** Most names that are listed when one is not known. */
const MOST_NAMES_LISTED = 20;

/**
 * What has to be changed in `document`, as a validator of `schema` finds it; empty when it is good.
 *
 * Where the schema offers a choice, the problems of the form that is meant are reported, and not those
 * of all the others. No value of the document is quoted, since any of them may be a secret.
 */
export function explain(
  validator: Validator,
  schema: JsonSchema,
  document: unknown,
): readonly Problem[] {
  if (validator(document)) return [];
  const errors = validator.errors ?? [];
  const choices = errors.flatMap((error) => choiceAt(error, schema, document) ?? []);
  const problems = errors.flatMap((error): Problem[] => {
    const around = choices.filter(({ at }) => isInside(error, at));
    if (around.some((choice) => !isOfMeantForm(error, choice))) return [];
    return [explained(error, schema, document, around)].flatMap((problem) => problem ?? []);
  });
  const chosen = choices.flatMap(({ problem }) => problem ?? []);
  // What is said of a choice is better than that its value has the wrong type.
  const covered = new Set(chosen.map(({ path }) => JSON.stringify(path)));
  const all = [...chosen, ...problems.filter(({ path }) => !covered.has(JSON.stringify(path)))];
  const unique = new Map(all.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()];
}

/** A violated `oneOf` or `anyOf`, and which of its forms is meant; else what to say instead. */
interface Choice {
  readonly at: ValidatorError;
  readonly meant: MeantForm | undefined;
  readonly problem: Problem | undefined;
}

function choiceAt(at: ValidatorError, schema: JsonSchema, document: unknown): Choice | undefined {
  if (at.keyword !== "oneOf" && at.keyword !== "anyOf") return undefined;
  const found = follow(schema, fragmentNames(at.schemaPath));
  const forms = (Array.isArray(found) ? found : []) as readonly JsonSchema[];
  const { path, value } = placeOf(at, document);
  const short = shortForm(forms, path, value);
  if (short !== undefined) return { at, meant: undefined, problem: short };
  if (Array.isArray(at.params["passingSchemas"]))
    return {
      at,
      meant: undefined,
      problem: { path, message: "has two of the forms allowed here" },
    };
  const meant = meantForm(forms, value);
  return { at, meant, problem: meant ? undefined : unclear(forms, path, value) };
}

/** What to say of `require` alone, where `{ mode: require }` is meant. */
function shortForm(forms: readonly JsonSchema[], path: Path, value: unknown): Problem | undefined {
  const discriminator = typeof value === "string" ? discriminatorOf(forms) : undefined;
  if (discriminator === undefined) return undefined;
  const { key, words } = discriminator;
  return words.includes(value)
    ? { path, message: `write { ${JSON.stringify(key)}: ${JSON.stringify(value)} }` }
    : { path, message: `expected an object with ${key}: ${expectedWord(words, value)}` };
}

/** What to say where none of the forms is clearly meant. */
function unclear(forms: readonly JsonSchema[], path: Path, value: unknown): Problem {
  const discriminator = discriminatorOf(forms);
  if (discriminator !== undefined && isObject(value)) {
    const { key, words } = discriminator;
    return { path: [...path, key], message: expectedWord(words, value[key]) };
  }
  if (forms.some((form) => admitsType(form, value))) return { path, message: NO_FORM };
  const types = [...new Set(forms.flatMap((form) => typesOf(form)))];
  return { path, message: expectedType(types, forms.flatMap(examplesOf), value) };
}

/** Whether an error is one of the forms of the choice at `at`, and lies in the same value. */
function isInside(error: ValidatorError, at: ValidatorError): boolean {
  return (
    error.schemaPath.startsWith(`${at.schemaPath}/`) &&
    `${error.instancePath}/`.startsWith(`${at.instancePath}/`)
  );
}

function isOfMeantForm(error: ValidatorError, { at, meant }: Choice): boolean {
  return meant !== undefined && error.schemaPath.startsWith(`${at.schemaPath}/${meant.index}/`);
}

/** The problem behind an error; undefined for one that only repeats another. */
function explained(
  error: ValidatorError,
  schema: JsonSchema,
  document: unknown,
  choices: readonly Choice[],
): Problem | undefined {
  const { path, value } = placeOf(error, document);
  const { keyword, params } = error;
  const parent = follow(schema, fragmentNames(error.schemaPath).slice(0, -1));
  const own = isObject(parent) ? parent : {};
  // `propertyNames` says what is wrong with a name.
  if (error.propertyName !== undefined && keyword !== "propertyNames") return undefined;
  switch (keyword) {
    case "if":
    case "oneOf":
    case "anyOf":
      return undefined;
    case "required": {
      const chosen = choices.find(({ at }) => at.instancePath === error.instancePath)?.meant
        ?.chosenBy;
      const why = chosen ? ` when ${chosen.key} is ${String(chosen.word)}` : "";
      return { path: [...path, String(params["missingProperty"])], message: `is required${why}` };
    }
    case "dependencies":
    case "dependentRequired":
      return {
        path: [...path, String(params["missingProperty"])],
        message: `is required when ${String(params["property"])} is set`,
      };
    case "additionalProperties": {
      const name = String(params["additionalProperty"]);
      const message = `is not known${knownNames(name, own)}`;
      return { path: [...path, name], message, atKey: true };
    }
    case "propertyNames": {
      const name = String(params["propertyName"]);
      return { path: [...path, name], message: expectedForm(own["propertyNames"]), atKey: true };
    }
    default:
      return { path, message: expectation(error, own, value) };
  }
}

/** What `keyword` asks for, in words. */
function expectation(
  { keyword, params }: ValidatorError,
  schema: JsonSchema,
  value: unknown,
): string {
  const limit = String(params["limit"]);
  switch (keyword) {
    case "type":
      return expectedType(String(params["type"]).split(","), examplesOf(schema), value);
    case "enum":
      return expectedWord(params["allowedValues"] as unknown[], value);
    case "const":
      return expectedWord([params["allowedValue"]], value);
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
    case "pattern":
      return expectedForm(schema);
    case "false schema":
      return "is not allowed here";
    default:
      return NO_FORM;
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

/** `expected a string or null`; of arrays and objects with an example, if the schema has one. */
function expectedType(
  types: readonly string[],
  examples: readonly unknown[],
  value: unknown,
): string {
  const names = types.map((type) => {
    if (type === "null") return "null";
    const example = examples.find((one) =>
      type === "array" ? Array.isArray(one) : type === "object" && isObject(one),
    );
    const such = example === undefined ? "" : ` such as ${JSON.stringify(example)}`;
    return `${/^[aio]/.test(type) ? "an" : "a"} ${type}${such}`;
  });
  return `expected ${names.join(" or ")}${aboutQuotes(types, value)}`;
}

/** What most often makes a value one of another type, without quoting it. */
function aboutQuotes(types: readonly string[], value: unknown): string {
  if (value === null) return " (it has no value)";
  if (typeof value === "number" || typeof value === "boolean")
    return types.includes("string") ? " (put it in quotes)" : "";
  if (typeof value !== "string") return "";
  const isNumber =
    /^-?\d+(\.\d+)?$/.test(value) && types.some((one) => /^(integer|number)$/.test(one));
  const isBoolean = /^(true|false)$/.test(value) && types.includes("boolean");
  return isNumber || isBoolean ? " (leave out its quotes)" : "";
}

function examplesOf(schema: JsonSchema): unknown[] {
  const { examples } = schema;
  return Array.isArray(examples) ? examples : [];
}

/** `expected "a", "b" or "c"`, with the one that was probably meant. */
function expectedWord(words: readonly unknown[], value: unknown): string {
  const known = words.filter((word) => word !== null);
  const texts = known.map((word) => JSON.stringify(word));
  const list =
    texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
  return `expected ${list}${typeof value === "string" ? didYouMean(value, known.map(String)) : ""}`;
}

/** What a pattern asks for, in the words of the schema if it has any. */
function expectedForm(schema: unknown): string {
  const { pattern, pattern_descriptor: described } = isObject(schema) ? schema : {};
  if (typeof described === "string") return `must have the form ${described}`;
  return typeof pattern === "string" ? `must have the form ${pattern}` : "is not allowed here";
}

function knownNames(name: string, { properties }: JsonSchema): string {
  const known = isObject(properties) ? Object.keys(properties) : [];
  const hint = didYouMean(name, known);
  if (hint !== "" || known.length === 0 || known.length > MOST_NAMES_LISTED) return hint;
  return `; known are ${known.join(", ")}`;
}

/** Where an error is. Names that are numbers are indexes only where there is an array. */
function placeOf(
  { instancePath }: ValidatorError,
  document: unknown,
): { path: Path; value: unknown } {
  const path: (string | number)[] = [];
  let value = document;
  for (const name of pointerNames(instancePath)) {
    path.push(Array.isArray(value) ? Number(name) : name);
    value = follow(value, [name]);
  }
  return { path, value };
}
