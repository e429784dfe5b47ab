import { isObject, type Json } from "../json.ts";

/** A JSON Schema (draft-07), as data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The way from the top of a document to a place in it: keys of objects, indexes of arrays. */
export type Path = readonly (string | number)[];

/** A place in a document, and what its schema says of it. */
export interface Place {
  readonly path: Path;
  readonly value: Json;
  /** The schema of the place, those it refers to, and those of the forms that may be meant. */
  readonly schemas: readonly JsonSchema[];
  /** The object or array that holds it. */
  readonly parent: Place | undefined;
}

/**
 * Which forms of a `oneOf` or `anyOf` describe a value: the one that is meant, if that is clear, or
 * `all` of them.
 */
export type Forms = "meant" | "all";

/**
 * Walks a document and its schema together, from the top down: `at` gets every place and returns what
 * is to stand there, which is walked in turn. Returns the new document; the given one is not changed.
 * What the schema does not describe is walked as well.
 *
 * Knows `properties`, `additionalProperties`, `items`, `oneOf`, `anyOf`, `allOf` and references
 * inside the schema. Nesting is recursion.
 */
export function walk(
  schema: JsonSchema,
  document: Json,
  forms: Forms,
  at: (place: Place) => Json,
): Json {
  const go = (
    given: Json,
    path: Path,
    described: readonly unknown[],
    parent: Place | undefined,
  ): Json => {
    const schemas = described.flatMap((one) => [...expanded(one, schema, given, forms)]);
    const value = at({ path, value: given, schemas, parent });
    const here = { path, value, schemas, parent };
    const below = (key: string | number, child: Json) =>
      go(
        child,
        [...path, key],
        schemas.map((one) => childSchema(one, key)),
        here,
      );
    if (Array.isArray(value)) return value.map((item, index) => below(index, item));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [key, below(key, child)]),
    );
  };
  return go(document, [], [schema], undefined);
}

/** A form of a choice that a value is meant to have. */
export interface MeantForm {
  /** Its place among the forms. */
  readonly index: number;
  /** The property and the constant it is recognised by; undefined: by its type. */
  readonly chosenBy?: { readonly key: string; readonly word: unknown };
}

/**
 * The form of a choice that `value` is meant to have: the only one whose type and constants
 * (`"method": {"const": "Standard"}`) it does not contradict. Undefined when there is none, or more
 * than one.
 */
export function meantForm(forms: readonly unknown[], value: unknown): MeantForm | undefined {
  // Where one property tells all forms apart, other constants are only values that may be wrong.
  const telling = discriminatorOf(forms)?.key;
  const possible = forms.flatMap((form, index): MeantForm[] => {
    if (!isObject(form) || !admitsType(form, value)) return [];
    const all = isObject(value) ? constantsOf(form) : [];
    const isGiven = telling !== undefined && Object.hasOwn(value as object, telling);
    const constants = isGiven ? all.filter(([key]) => key === telling) : all;
    const given = constants.filter(([key]) => Object.hasOwn(value as object, key));
    if (given.some(([key, word]) => (value as JsonSchema)[key] !== word)) return [];
    const [first] = given;
    return [{ index, ...(first && { chosenBy: { key: first[0], word: first[1] } }) }];
  });
  const named = possible.filter(({ chosenBy }) => chosenBy !== undefined);
  const left = named.length > 0 ? named : possible;
  return left.length === 1 ? left[0] : undefined;
}

/** The property that every form fixes to a constant of its own, and those constants, in order. */
export function discriminatorOf(
  forms: readonly unknown[],
): { readonly key: string; readonly words: readonly unknown[] } | undefined {
  const constants = forms.map((form) => new Map(isObject(form) ? constantsOf(form) : []));
  for (const key of constants[0]?.keys() ?? []) {
    const words = constants.filter((own) => own.has(key)).map((own) => own.get(key));
    if (words.length === forms.length && new Set(words).size === words.length)
      return { key, words };
  }
  return undefined;
}

/** The types a schema allows, as JSON Schema names them; empty: any. */
export function typesOf(schema: JsonSchema): readonly string[] {
  const type = schema["type"];
  if (type === undefined && isObject(schema["properties"])) return ["object"];
  return [type].flat().filter((name) => typeof name === "string");
}

/** Whether a value is of a type the schema allows. */
export function admitsType(schema: JsonSchema, value: unknown): boolean {
  const types = typesOf(schema);
  const type = typeOf(value);
  return (
    types.length === 0 || types.includes(type) || (type === "integer" && types.includes("number"))
  );
}

/** The value at a JSON pointer given as names; undefined when nothing is there. */
export function follow(document: unknown, names: readonly string[]): unknown {
  let at = document;
  for (const name of names) {
    if (Array.isArray(at)) at = at[Number(name)];
    else if (isObject(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
}

/** The names on the way a JSON pointer goes. */
export function pointerNames(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The same for a URI fragment: `#/properties/a%20b` → `properties`, `a b`. */
export function fragmentNames(fragment: string): string[] {
  return pointerNames(fragment).map((name) => {
    try {
      return decodeURIComponent(name);
    } catch {
      return name; // a lone percent sign in somebody else's schema
    }
  });
}

/** `schema`, and the schemas in it that describe the same value. */
function expanded(
  schema: unknown,
  root: JsonSchema,
  value: Json,
  forms: Forms,
  found: Set<JsonSchema> = new Set(),
): Set<JsonSchema> {
  if (!isObject(schema) || found.has(schema)) return found;
  found.add(schema);
  const { $ref: reference, allOf } = schema;
  if (typeof reference === "string" && reference.startsWith("#/"))
    expanded(follow(root, fragmentNames(reference)), root, value, forms, found);
  if (Array.isArray(allOf)) for (const part of allOf) expanded(part, root, value, forms, found);
  for (const choice of [schema["oneOf"], schema["anyOf"]]) {
    if (!Array.isArray(choice)) continue;
    const index = forms === "meant" ? meantForm(choice, value)?.index : undefined;
    const described = forms === "all" ? choice : index === undefined ? [] : [choice[index]];
    for (const form of described) expanded(form, root, value, forms, found);
  }
  return found;
}

function childSchema(schema: JsonSchema, key: string | number): unknown {
  if (typeof key === "number") {
    const items = schema["items"];
    return Array.isArray(items) ? items[key] : items;
  }
  const properties = schema["properties"];
  const own = isObject(properties) && Object.hasOwn(properties, key);
  return own ? properties[key] : schema["additionalProperties"];
}

/** The properties a form fixes to one value. */
function constantsOf(form: JsonSchema): [key: string, word: unknown][] {
  const properties = isObject(form["properties"]) ? form["properties"] : {};
  return Object.entries(properties).flatMap(([key, schema]): [string, unknown][] => {
    if (!isObject(schema)) return [];
    const { const: constant, enum: words } = schema;
    if (constant !== undefined) return [[key, constant]];
    return Array.isArray(words) && words.length === 1 ? [[key, words[0]]] : [];
  });
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
