import type { Json, JsonObject } from "../../protocol/json.ts";
import { plain } from "./draft.ts";
import { constantOf, usualForm, type Form, type Setting } from "./settings.ts";

/** Who says what settings are to be. */
export interface Answers {
  /** As the file is to spell it. */
  value(setting: Setting): Promise<Json>;
  form(setting: Setting): Promise<Form>;
}

/** Settings to be written into a configuration, and the variables that they are taken from. */
export interface DraftSettings {
  readonly config: JsonObject;
  readonly variables: readonly string[];
}

/**
 * The settings that a connector of this name needs: those that are required, and the secrets that it is
 * mostly given. No secret is asked for: it becomes a variable, as it must not stand in the file.
 */
export async function draftSettings(
  name: string,
  settings: readonly Setting[],
  answers: Answers,
): Promise<DraftSettings> {
  const variables: string[] = [];
  const drafted = async (all: readonly Setting[]): Promise<JsonObject> => {
    const config: JsonObject = {};
    for (const setting of all)
      if (isNeeded(setting)) config[nameOf(setting)] = await draft(setting);
    return config;
  };
  const draft = async (setting: Setting): Promise<Json> => {
    const constant = constantOf(setting);
    if (constant !== undefined) return plain(constant);
    if (setting.forms.length > 0) return drafted((await answers.form(setting)).settings);
    if (setting.parts.length > 0) return drafted(setting.parts);
    const value = setting.isSecret ? variableOf(name, setting) : await answers.value(setting);
    variables.push(...variablesIn(value));
    return value;
  };
  return { config: await drafted(settings), variables };
}

/** Whether a setting is to be in the file. */
function isNeeded({ isRequired, isSecret, schema }: Setting): boolean {
  return isRequired || (isSecret && schema["always_show"] === true);
}

/** Leaves to variables whatever has no default. */
export function placeholders(name: string): Answers {
  return {
    value: async (setting) => {
      const { default: usual, type } = setting.schema;
      if (usual !== undefined) return plain(usual);
      const variable = variableOf(name, setting);
      return type === "array" ? [variable] : variable;
    },
    form: async (setting) => usualForm(setting)!,
  };
}

/** `${SHOP_PASSWORD}`. */
function variableOf(name: string, { path }: Setting): string {
  const words = [name, ...path].join("_").toUpperCase();
  return `\${${words.replaceAll(/[^A-Z0-9_]+/g, "_").replace(/^(?=\d)/, "_")}}`;
}

/** The names of the variables that a value is taken from, where it is nothing else. */
function variablesIn(value: Json): string[] {
  return [value].flat().flatMap((one) => {
    const name = typeof one === "string" ? VARIABLE.exec(one)?.[1] : undefined;
    return name === undefined ? [] : [name];
  });
}

/** A text that is one variable. */
export const VARIABLE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

const nameOf = ({ path }: Setting) => path.at(-1)!;
