import type { Json, JsonObject } from "../../protocol/messages.ts";

/** Shorter secrets are not masked: they would blot out half of every message and hide nothing. */
const MIN_SECRET_CHARS = 4;

/** Lines of a secret that spans several (a key, a certificate) are masked from this length on. */
const MIN_SECRET_LINE_CHARS = 16;

const MASK = "**********";

export type Redactor = (text: string) => string;

/**
 * Masks every `airbyte_secret` value of a config, as it is and as it may have been written down on
 * the way: URL-encoded, JSON-escaped, in base64, with quotes doubled.
 *
 * Two kinds of value are left alone, because masking them would tell what they are: one that also
 * stands in the config as an ordinary value (user `postgres`, password `postgres`), and one that is
 * the name of a setting (password `password`).
 */
export function redactorOf(schema: JsonObject, config: Json): Redactor {
  const found = { secrets: new Set<string>(), ordinary: new Set<string>() };
  collect(schema, config, false, found);
  const forms = [...found.secrets]
    .filter((secret) => !found.ordinary.has(secret))
    .flatMap(formsOf)
    // The longest first, so that no form is left half visible by another one inside it.
    .sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map((form) => escapePattern(form)).join("|"), "g");
  return (text) => text.replace(pattern, MASK);
}

/** The value with every string in it masked; the keys stay. */
export function redactStrings<T>(value: T, redact: Redactor): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => redactStrings(item, redact)) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [
      key,
      redactStrings(item, redact),
    ]),
  ) as T;
}

function collect(
  schema: JsonObject,
  value: Json | undefined,
  isSecret: boolean,
  found: { secrets: Set<string>; ordinary: Set<string> },
): void {
  const secret = isSecret || schema["airbyte_secret"] === true;
  for (const branch of branchesOf(schema)) collect(branch, value, secret, found);
  if (typeof value === "string") {
    const isLeaf = branchesOf(schema).length === 0;
    if (secret) found.secrets.add(value);
    else if (isLeaf) found.ordinary.add(value);
  } else if (Array.isArray(value)) {
    const items = objectOf(schema["items"]);
    for (const item of value) collect(items, item, secret, found);
  } else if (value !== null && typeof value === "object") {
    const properties = objectOf(schema["properties"]);
    for (const name of Object.keys(properties)) found.ordinary.add(name);
    for (const [name, item] of Object.entries(value))
      if (Object.hasOwn(properties, name)) collect(objectOf(properties[name]), item, secret, found);
      else if (secret) collect({}, item, true, found);
  }
}

function branchesOf(schema: JsonObject): JsonObject[] {
  return ["oneOf", "anyOf", "allOf"].flatMap((key) => {
    const branches = schema[key];
    return Array.isArray(branches) ? branches.map(objectOf) : [];
  });
}

const objectOf = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};

function formsOf(secret: string): string[] {
  const parts = secret.includes("\n")
    ? [secret, ...secret.split(/\r?\n/).filter((line) => line.length >= MIN_SECRET_LINE_CHARS)]
    : [secret];
  const forms = parts.flatMap((part) => {
    const url = encodeURIComponent(Buffer.from(part).toString()); // half a surrogate pair would throw
    return [
      part,
      JSON.stringify(part).slice(1, -1),
      url,
      url.replaceAll("%20", "+"),
      Buffer.from(part).toString("base64").replace(/=+$/, ""),
      part.replaceAll("'", "''"),
      part.replaceAll('"', '""'),
    ];
  });
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET_CHARS);
}

const escapePattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
