import { didYouMean } from "./nearest-name.ts";
import {
  pathOf,
  pointerNames,
  problemOf,
  typeNames,
  words,
  type Problem,
  type ValidatorError,
} from "./problems.ts";
import type { JsonSchema } from "./schemas/json-schema.ts";

/**
 * What a user has to change in `config`, from the errors a validator of `schema` found in it.
 *
 * Where the schema offers a choice (`oneOf`) whose forms are told apart by a constant, the problems
 * of the form the user chose are reported, not those of all the others. No value of the config is
 * ever quoted, since any of them may be a secret.
 */
export function configProblems(
  schema: JsonSchema,
  config: unknown,
  errors: readonly ValidatorError[],
): Problem[] {
  const choices = choicesIn(schema, config, errors);
  const isTold = (error: ValidatorError) =>
    choices.every(
      ({ at, chosen }) =>
        error !== at &&
        (!error.schemaPath.startsWith(`${at.schemaPath}/`) ||
          (chosen !== undefined &&
            error.schemaPath.startsWith(`${at.schemaPath}/${chosen.index}/`))),
    );
  const problems = errors.filter(isTold).flatMap((error) => told(error, schema, choices) ?? []);
  return unique([...choices.flatMap(({ problem }) => problem ?? []), ...problems]);
}

/** A violated `oneOf` or `anyOf`, and which of its forms the user meant. */
interface Choice {
  readonly at: ValidatorError;
  readonly chosen: { index: number; key: string; word: unknown } | undefined;
  readonly problem: Problem | undefined;
}

function choicesIn(
  schema: JsonSchema,
  config: unknown,
  errors: readonly ValidatorError[],
): Choice[] {
  return errors
    .filter(({ keyword }) => keyword === "oneOf" || keyword === "anyOf")
    .map((at) => {
      const forms = follow(schema, schemaNames(at.schemaPath));
      const value = follow(config, pointerNames(at.instancePath));
      return choose(at, Array.isArray(forms) ? (forms as JsonSchema[]) : [], value);
    });
}

function choose(at: ValidatorError, forms: readonly JsonSchema[], value: unknown): Choice {
  const names = pointerNames(at.instancePath);
  const unchosen = (path: readonly string[], message: string): Choice => ({
    at,
    chosen: undefined,
    problem: { path: pathOf(path), message },
  });
  const discriminator = discriminatorOf(forms);
  if (discriminator === undefined) {
    const types = [...new Set(forms.flatMap((form) => form["type"] ?? []))] as string[];
    const message =
      types.length > 1
        ? `expected ${typeNames(types)} of one of the forms allowed here`
        : "has none of the forms that are allowed here";
    return unchosen(names, message);
  }
  if (!isObject(value)) return unchosen(names, "expected an object");
  const { key, choices } = discriminator;
  const index = choices.indexOf(value[key]);
  if (index === -1) return unchosen([...names, key], `expected ${words(choices)}`);
  return { at, chosen: { index, key, word: choices[index] }, problem: undefined };
}

/** The property that every form fixes to a constant of its own, and those constants. */
function discriminatorOf(
  forms: readonly JsonSchema[],
): { key: string; choices: unknown[] } | undefined {
  const first = forms[0]?.["properties"];
  if (!isObject(first)) return undefined;
  for (const key of Object.keys(first)) {
    const choices = forms.map((form) => constantOf(follow(form, ["properties", key])));
    if (!choices.includes(undefined) && new Set(choices).size === forms.length)
      return { key, choices };
  }
  return undefined;
}

function constantOf(schema: unknown): unknown {
  if (!isObject(schema)) return undefined;
  const only = schema["enum"];
  return schema["const"] ?? (Array.isArray(only) && only.length === 1 ? only[0] : undefined);
}

function told(
  error: ValidatorError,
  schema: JsonSchema,
  choices: readonly Choice[],
): Problem | undefined {
  const parent = follow(schema, schemaNames(error.schemaPath).slice(0, -1));
  const parentSchema = isObject(parent) ? parent : {};
  const problem = problemOf(error, parentSchema);
  if (problem === undefined) return undefined;
  if (error.keyword === "additionalProperties") {
    const name = String(error.params["additionalProperty"]);
    const known = isObject(parentSchema["properties"])
      ? Object.keys(parentSchema["properties"])
      : [];
    const path = pathOf([...pointerNames(error.instancePath), name]);
    return { path, message: `is not known${didYouMean(name, known)}` };
  }
  if (error.keyword !== "required") return problem;
  const choice = choices.find(
    ({ at, chosen }) =>
      at.instancePath === error.instancePath &&
      chosen !== undefined &&
      error.schemaPath.startsWith(`${at.schemaPath}/${chosen.index}/`),
  );
  if (choice?.chosen === undefined) return problem;
  const { key, word } = choice.chosen;
  return { ...problem, message: `is required when ${key} is ${String(word)}` };
}

function follow(value: unknown, names: readonly string[]): unknown {
  let at = value;
  for (const name of names) {
    if (Array.isArray(at)) at = at[Number(name)];
    else if (isObject(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
}

/** `#/properties/a%20b/oneOf` → `properties`, `a b`, `oneOf`. */
function schemaNames(schemaPath: string): string[] {
  return pointerNames(schemaPath).map(decodeURIComponent);
}

function unique(problems: readonly Problem[]): Problem[] {
  const seen = new Map(problems.map((problem) => [`${problem.path}\0${problem.message}`, problem]));
  return [...seen.values()];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
