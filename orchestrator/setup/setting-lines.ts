import { typesOf, type JsonSchema } from "../../protocol/config/schema.ts";
import { isObject } from "../../protocol/json.ts";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import { escapeControls } from "../escape.ts";
import { constantOf, settingsOf, usualForm, type Form, type Setting } from "./settings.ts";
import { table } from "../output/table.ts";

/** Least room for descriptions beside the other columns, in characters. */
const LEAST_WIDTH = 24;

/** How JSON Schema's types are called by people. */
const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
  array: "list",
  object: "settings",
};

/** Longest default and list of words that is shown whole, in characters. */
const LONGEST_CELL = 32;

/**
 * A connector's settings as a table, those of each form of a choice below it. On a terminal what is
 * said of them is broken into lines, elsewhere each setting has one line.
 */
export function settingLines({ connectionSpecification }: ConnectorSpecification): string[] {
  const rows = rowsOf(settingsOf(connectionSpecification));
  if (rows.length === 0) return ["it has no settings"];
  const [heading, ...lines] = table(
    ["setting", "value", "", "default", ""],
    rows.map((row) => [...row.slice(0, 4), ""]),
  );
  const width = Math.max(heading!.length, ...lines.map((line) => line.length)) + 2;
  const { isTTY } = process.stdout;
  const columns = process.stdout.columns || 80;
  const room = isTTY ? Math.max(LEAST_WIDTH, columns - width - 1) : Infinity;
  const isBeside = !isTTY || columns - width > LEAST_WIDTH;
  return [
    heading!,
    ...lines.flatMap((line, index) => {
      const [first = "", ...more] = wrapped(rows[index]![4]!, isBeside ? room : columns - 5);
      const indent = " ".repeat(isBeside ? width : 4);
      const rest = (isBeside ? more : [first, ...more]).filter(Boolean);
      const head = isBeside && first ? line.padEnd(width) + first : line;
      return [head.trimEnd(), ...rest.map((part) => indent + part)];
    }),
  ];
}

function rowsOf(settings: readonly Setting[], depth = 0): string[][] {
  return settings.flatMap((setting) => [
    rowOf(setting, depth),
    ...rowsOf(setting.parts, depth + 1),
    ...setting.forms.flatMap((form) => formRows(form, depth + 1)),
  ]);
}

function rowOf(setting: Setting, depth: number): string[] {
  const { isRequired, isSecret } = setting;
  const marks = [...(isRequired ? ["required"] : []), ...(isSecret ? ["secret"] : [])];
  return [
    "  ".repeat(depth) + setting.path.at(-1)!,
    valueWords(setting),
    marks.join(", "),
    defaultWord(setting),
    descriptionOf(setting),
  ].map(escapeControls);
}

/** A form by what it is recognised by, and what else is set with it. */
function formRows({ chosenBy, title, description, settings }: Form, depth: number): string[][] {
  const [key, word] = chosenBy ? [chosenBy.key, spelled(chosenBy.word)] : ["or", title];
  const said = [title === word ? "" : title, description].filter(Boolean).join(": ");
  const row = ["  ".repeat(depth) + key, word, "", "", said].map(escapeControls);
  const own = settings.filter((setting) => setting.path.at(-1) !== key);
  return [row, ...rowsOf(own, depth + 1)];
}

function defaultWord(setting: Setting): string {
  const { default: usual } = setting.schema;
  const chosen = usualForm(setting)?.chosenBy;
  if (usual === undefined) return "";
  return short(chosen === undefined ? spelled(usual) : `${chosen.key}: ${spelled(chosen.word)}`);
}

function valueWords(setting: Setting): string {
  const { schema, forms } = setting;
  const { enum: words } = schema;
  const constant = constantOf(setting);
  if (constant !== undefined) return spelled(constant);
  if (forms.length > 0) return `one of ${forms.length}`;
  if (Array.isArray(words)) {
    const all = words.map(spelled).join(" | ");
    return all.length <= LONGEST_CELL ? all : `one of ${words.length}`;
  }
  return typeWords(schema) || "any";
}

function typeWords(schema: JsonSchema): string {
  const types = typesOf(schema).filter((type) => type !== "null");
  const { items } = schema;
  return types
    .map((type) => {
      const word = WORDS[type] ?? type;
      const inner = type === "array" && isObject(items) ? typeWords(items) : "";
      return inner === "" ? word : `${word} of ${inner}`;
    })
    .join(" or ");
}

/** What is said of a setting, in one line, with the words it may be where these are too many above. */
function descriptionOf({ schema }: Setting): string {
  const { description, title, enum: words } = schema;
  const said = typeof description === "string" ? description : title;
  const text = (typeof said === "string" ? said : "").replaceAll(/<[^>]*>/g, "");
  const all = Array.isArray(words) ? words.map(spelled).join(" | ") : "";
  const parts = [text, all.length > LONGEST_CELL ? `One of: ${all}` : ""];
  return parts.filter(Boolean).join(" ").replaceAll(/\s+/g, " ").trim();
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const short = (text: string) =>
  text.length <= LONGEST_CELL ? text : `${text.slice(0, LONGEST_CELL - 1)}…`;

const spelled = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
