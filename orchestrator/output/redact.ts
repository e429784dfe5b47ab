import type { Json, JsonObject } from "../../protocol/messages.ts";

const MASK = "**********";

/** Shorter texts would blank out half of every message. */
const MIN_SECRET_CHARS = 4;

/**
 * Not hidden: blanking the word `password` out of "password authentication failed" would tell
 * everybody that the password is `password`.
 */
const ORDINARY_WORDS = new Set(["password", "postgres", "secret", "admin", "root", "test", "user"]);

/** Replaces what must not be seen. */
export type Redact = (text: string) => string;

/** Hides `secrets` as they are and as JSON, URLs and base64 spell them. */
export function redactor(secrets: Iterable<string>): Redact {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET_CHARS || ORDINARY_WORDS.has(secret.toLowerCase())) continue;
    forms.add(secret);
    forms.add(JSON.stringify(secret).slice(1, -1));
    forms.add(encodeURIComponent(secret));
    forms.add(encodeURI(secret));
    forms.add(secret.replaceAll("'", "''"));
    forms.add(Buffer.from(secret).toString("base64").replace(/=+$/, ""));
    // A certificate or key is also quoted line by line.
    for (const line of secret.split(/\r?\n/)) if (line.length >= 16) forms.add(line);
  }
  if (forms.size === 0) return (text) => text;
  // Longest first: a form may contain a shorter one.
  const pattern = [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("|");
  const expression = new RegExp(pattern, "g");
  return (text) => text.replace(expression, MASK);
}

/** Names that hold secrets whatever a spec says about them. */
const SECRET_NAME = /(password|passwd|secret|token|private_key|api_key|client_key|credential)/i;

/**
 * The secret texts of a connector's config: every value the spec marks `airbyte_secret`, and every
 * value whose name says so, at any depth and in every branch of a `oneOf`.
 */
export function secretsOf(config: Json | undefined, schema: unknown): string[] {
  const found: string[] = [];
  collect(config, [schema], false, found);
  return found;
}

function collect(
  value: Json | undefined,
  schemas: readonly unknown[],
  hidden: boolean,
  found: string[],
): void {
  const expanded = schemas.flatMap(branches);
  const isSecret = hidden || expanded.some((schema) => schema["airbyte_secret"] === true);
  if (typeof value === "string") {
    if (isSecret) found.push(value);
  } else if (typeof value === "number") {
    if (isSecret) found.push(String(value));
  } else if (Array.isArray(value)) {
    for (const item of value)
      collect(
        item,
        expanded.map((schema) => schema["items"]),
        isSecret,
        found,
      );
  } else if (value !== null && typeof value === "object") {
    for (const [key, child] of Object.entries(value)) {
      const below = expanded.map(
        (schema) => (schema["properties"] as JsonObject | undefined)?.[key],
      );
      collect(child, below, isSecret || SECRET_NAME.test(key), found);
    }
  }
}

function branches(schema: unknown): Record<string, unknown>[] {
  if (schema === null || typeof schema !== "object") return [];
  const object = schema as Record<string, unknown>;
  const nested = ["oneOf", "anyOf", "allOf"].flatMap((key) =>
    Array.isArray(object[key]) ? (object[key] as unknown[]) : [],
  );
  return [object, ...nested.flatMap(branches)];
}
