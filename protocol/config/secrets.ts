import { isObject, type JsonObject } from "../json.ts";
import { walk, type JsonSchema, type Place } from "./schema.ts";

/** `text` with every secret in it masked. */
export type Redact = (text: string) => string;

const MASK = "**********";

/** Shorter secrets are not masked: they would blot out half of every message and hide nothing. */
const MIN_SECRET_CHARS = 4;

/** Lines of a secret that spans several (a key, a certificate) are masked from this length on. */
const MIN_SECRET_LINE_CHARS = 16;

/** Names of settings that hold secrets, whatever a spec says about them. */
const SECRET_NAME = /(password|passwd|secret|token|private_key|api_key|client_key|credential)/i;

/** Words that a mask would give away: "********** authentication failed". */
const ORDINARY_WORDS = ["password", "postgres", "secret", "admin", "root", "test", "user"];

/**
 * Masks the secrets of `configs` of the connector whose spec has `schema`: every text or number that
 * the schema marks `airbyte_secret`, in any form of a choice, or whose name says so; as it is, and as
 * it may have been written down on the way: URL-encoded, JSON-escaped, in base64, with quotes
 * doubled, line by line.
 *
 * Not masked, because the mask would give it away: a secret that also stands in a config as an
 * ordinary value (user `postgres`, password `postgres`), that is the name of a setting, or an ordinary
 * word.
 */
export function redactorOf(schema: JsonSchema, ...configs: readonly JsonObject[]): Redact {
  const secrets = new Set<string>();
  const ordinary = new Set<string>(ORDINARY_WORDS);
  for (const config of configs)
    walk(schema, config, "all", (place) => {
      const { value, schemas } = place;
      if (isObject(value))
        for (const { properties } of [{ properties: value }, ...schemas])
          for (const name of isObject(properties) ? Object.keys(properties) : [])
            ordinary.add(name);
      if (typeof value === "string" || typeof value === "number")
        (isSecret(place) ? secrets : ordinary).add(String(value));
      return value;
    });
  const isOrdinary = (secret: string) => ordinary.has(secret) || ordinary.has(secret.toLowerCase());
  const forms = [...secrets]
    .filter((secret) => !isOrdinary(secret))
    .flatMap(formsOf)
    // The longest first, so that no form is left half visible by another one inside it.
    .sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map(escapedPattern).join("|"), "g");
  return (text) => text.replace(pattern, MASK);
}

/** The value with every string in it masked; the keys stay. */
export function redactStrings<T>(value: T, redact: Redact): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => redactStrings(item, redact)) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactStrings(item, redact)]),
  ) as T;
}

/** Whether a setting is marked or named as a secret. */
export function isSecretSetting(name: string, schema: JsonSchema): boolean {
  return schema["airbyte_secret"] === true || SECRET_NAME.test(name);
}

/** Whether a place, or one that holds it, is marked or named as a secret. */
function isSecret({ path, schemas, parent }: Place): boolean {
  const last = path.at(-1);
  const name = typeof last === "string" ? last : "";
  if ([{}, ...schemas].some((schema) => isSecretSetting(name, schema))) return true;
  return parent !== undefined && isSecret(parent);
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= MIN_SECRET_LINE_CHARS);
  const forms = [secret, ...lines].flatMap((part) => {
    const wellFormed = Buffer.from(part).toString(); // half a surrogate pair would throw
    const url = encodeURIComponent(wellFormed);
    return [
      part,
      JSON.stringify(part).slice(1, -1),
      url,
      url.replaceAll("%20", "+"),
      encodeURI(wellFormed),
      Buffer.from(part).toString("base64").replace(/=+$/, ""),
      part.replaceAll("'", "''"),
      part.replaceAll('"', '""'),
    ];
  });
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET_CHARS);
}

const escapedPattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
