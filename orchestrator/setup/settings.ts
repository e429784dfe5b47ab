import {
  discriminatorOf,
  follow,
  fragmentNames,
  typesOf,
  type JsonSchema,
} from "../../protocol/config/schema.ts";
import { isSecretSetting } from "../../protocol/config/secrets.ts";
import { isObject, type Json } from "../../protocol/json.ts";

/** A setting of a connector, as its specification describes it. */
export interface Setting {
  /** Its name, behind those of the settings that hold it. */
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  readonly isSecret: boolean;
  /** The forms it may have, where it is a choice between several. */
  readonly forms: readonly Form[];
  /** What it is made of, where it is an object of one form. */
  readonly parts: readonly Setting[];
}

/** One form of a setting that is a choice. */
export interface Form {
  readonly title: string;
  readonly description: string;
  /** What it is recognised by: `mode`, `require`. */
  readonly chosenBy: { readonly key: string; readonly word: unknown } | undefined;
  readonly settings: readonly Setting[];
}

/** Settings in settings that nobody would read, or that a schema which refers to itself has no end of. */
const DEEPEST = 6;

/** The settings that a specification describes, in its order. */
export function settingsOf(specification: JsonSchema): Setting[] {
  return settingsIn(resolved(specification, specification), specification, []);
}

/** What a setting can only be, where it can be one thing. */
export function constantOf({ schema }: Setting): Json | undefined {
  const { const: constant, enum: words } = schema;
  if (constant !== undefined) return constant as Json;
  return Array.isArray(words) && words.length === 1 ? (words[0] as Json) : undefined;
}

/** The form that a choice has by default, or its first. */
export function usualForm({ forms, schema: { default: usual } }: Setting): Form | undefined {
  const isUsual = ({ chosenBy }: Form) =>
    chosenBy !== undefined && isObject(usual) && usual[chosenBy.key] === chosenBy.word;
  return forms.find(isUsual) ?? forms[0];
}

function settingsIn(owner: JsonSchema, root: JsonSchema, path: readonly string[]): Setting[] {
  const properties = isObject(owner["properties"]) ? owner["properties"] : {};
  const required = Array.isArray(owner["required"]) ? owner["required"] : [];
  if (path.length >= DEEPEST) return [];
  const all = Object.entries(properties).map(([name, given]): Setting => {
    const schema = resolved(given, root);
    const here = [...path, name];
    const isSecret = isSecretSetting(name, schema);
    return {
      path: here,
      schema,
      isRequired: required.includes(name),
      isSecret: isSecret && !typesOf(schema).includes("object"),
      forms: formsOf(schema, root, here),
      parts: settingsIn(schema, root, here),
    };
  });
  const orderOf = ({ schema: { order } }: Setting) => (typeof order === "number" ? order : 1e6);
  return all.toSorted((a, b) => orderOf(a) - orderOf(b));
}

function formsOf(schema: JsonSchema, root: JsonSchema, path: readonly string[]): Form[] {
  const forms = choices(schema).map((form) => resolved(form, root));
  if (forms.length < 2 || !forms.every((form) => isObject(form["properties"]))) return [];
  const chosenBy = discriminatorOf(forms);
  return forms.map((form, index) => ({
    title: textOf(form["title"]),
    description: textOf(form["description"]),
    chosenBy: chosenBy && { key: chosenBy.key, word: chosenBy.words[index] },
    settings: settingsIn(form, root, path),
  }));
}

/** A schema with what it refers to and is put together from; of `x or null`, that is `x`. */
function resolved(given: unknown, root: JsonSchema, depth = 0): JsonSchema {
  if (!isObject(given) || depth > DEEPEST) return {};
  const { $ref: reference, allOf } = given;
  const target =
    typeof reference === "string" && reference.startsWith("#/")
      ? follow(root, fragmentNames(reference))
      : undefined;
  const options = choices(given).filter((one) => !isObject(one) || one["type"] !== "null");
  const parts = [
    target,
    ...(Array.isArray(allOf) ? (allOf as unknown[]) : []),
    ...(options.length === 1 ? options : []),
  ];
  return Object.assign({}, ...parts.map((part) => resolved(part, root, depth + 1)), given);
}

function choices({ oneOf, anyOf }: JsonSchema): readonly unknown[] {
  return [oneOf, anyOf].find((choice): choice is unknown[] => Array.isArray(choice)) ?? [];
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");
