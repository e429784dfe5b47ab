import { pathText } from "../../protocol/config/problems.ts";
import { typesOf, walk, type JsonSchema } from "../../protocol/config/schema.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { secretFrom, type Store } from "./secret-stores.ts";
import type { Env } from "./env.ts";

/** What became of one scalar: its value, or why it has none. */
export type Interpolation =
  { readonly text: string; readonly changed: boolean } | InterpolationProblem;

/** Why a scalar has no value. */
export interface InterpolationProblem {
  readonly problem: string;
  /** Whether a file or a command is to blame. */
  readonly isOfStore?: boolean;
}

const REFERENCE =
  /\$(?:\$|\{(file|command):([^}]*)\}|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([^}]*))?\}|\{[^}]*\}?)/g;

/**
 * Fills in `${file:/run/secrets/x}`, `${command:[op, read, …]}` (`secret-stores.ts`), `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$`, as Docker Compose spells
 * them. A single `$` before anything else stays. An unset variable is a problem, never an empty
 * text: a password that silently became empty is worse than an error. Names in `keep` stay as they
 * are spelled. Works on one parsed scalar, so a value cannot change the document around it.
 */
export function interpolate(
  scalar: string,
  env: Env,
  keep: ReadonlySet<string> = new Set(),
): Interpolation {
  let problem: string | undefined;
  let isOfStore = false;
  let changed = false;
  const text = scalar.replace(
    REFERENCE,
    (
      spelled: string,
      store?: Store,
      entry?: string,
      name?: string,
      operator?: string,
      word?: string,
    ) => {
      if (store !== undefined) {
        changed = true;
        const found = secretFrom(store, entry!.trim(), env);
        if ("text" in found) return found.text;
        isOfStore ||= problem === undefined;
        problem ??= found.problem;
        return spelled;
      }
      if (name !== undefined && keep.has(name)) return spelled;
      changed = true;
      if (spelled === "$$") return "$";
      if (name === undefined) {
        problem ??= "a variable is spelled ${NAME}; write $$ for a plain dollar sign";
        return spelled;
      }
      const value = env[name];
      if (operator === ":-") return value || (word ?? "");
      if (value !== undefined && (operator !== ":?" || value !== "")) return value;
      problem ??=
        operator === ":?" && word
          ? `${name}: ${word}`
          : `the environment variable ${name} is not set`;
      return "";
    },
  );
  if (problem === undefined) return { text, changed };
  return isOfStore ? { problem, isOfStore } : { problem };
}

/**
 * The config with those texts that came out of `${…}` turned into the type the connector's spec
 * wants: `port: ${PORT}` is a number, `password: ${PASSWORD}` stays a text even if it has digits
 * only. Other values stay as they are.
 *
 * @param interpolated the paths of those texts, as `pathText` writes them.
 */
export function typedVariables(
  config: JsonObject,
  interpolated: ReadonlySet<string>,
  schema: JsonSchema,
): JsonObject {
  return walk(schema, config, "all", ({ path, value, schemas }) =>
    typeof value === "string" && interpolated.has(pathText(path))
      ? typed(value, new Set(schemas.flatMap(typesOf)))
      : value,
  ) as JsonObject;
}

function typed(text: string, types: ReadonlySet<string>): Json {
  if (types.has("string")) return text;
  if (types.has("integer") && /^-?\d+$/.test(text)) return Number(text);
  if (types.has("number") && text.trim() !== "" && Number.isFinite(Number(text)))
    return Number(text);
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}
