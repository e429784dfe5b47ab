import { parse } from "yaml";
import { compileValidator } from "../../protocol/config/compile.ts";
import { explain, type Validator } from "../../protocol/config/explain.ts";
import { problemText } from "../../protocol/config/problems.ts";
import type { Json } from "../../protocol/json.ts";
import { typesOf } from "../../protocol/config/schema.ts";
import { escapeControls } from "../escape.ts";
import { plain } from "./draft.ts";
import { VARIABLE, type Answers } from "./draft-settings.ts";
import { answered, prompts } from "./prompts.ts";
import { usualForm, type Form, type Setting } from "./settings.ts";

/** Has a person say what settings are to be. Throws `CANCELLED`. */
export const ASKED: Answers = {
  value: async (setting) => {
    const { schema } = setting;
    const { enum: words } = schema;
    if (Array.isArray(words)) return plain(await askWord(setting, words));
    if (typesOf(schema).includes("boolean")) return askWhether(setting);
    return askText(setting);
  },
  form: askForm,
};

async function askForm(setting: Setting): Promise<Form> {
  const { select } = await prompts();
  const labels = setting.forms.map((value) => ({
    value,
    label: escapeControls(value.title || spelled(value.chosenBy?.word ?? "one of them")),
    ...(value.description && { hint: escapeControls(value.description) }),
  }));
  const question = { message: questionOf(setting), options: labels };
  return answered(select({ ...question, initialValue: usualForm(setting)! }));
}

async function askWord(setting: Setting, words: readonly unknown[]): Promise<unknown> {
  const { select } = await prompts();
  const options = words.map((value) => ({ value, label: escapeControls(String(value)) }));
  const initialValue = setting.schema["default"];
  return answered<unknown>(select({ message: questionOf(setting), options, initialValue }));
}

async function askWhether(setting: Setting): Promise<boolean> {
  const { confirm } = await prompts();
  const initialValue = setting.schema["default"] === true;
  return answered(confirm({ message: questionOf(setting), initialValue }));
}

/** Texts, numbers, and lists and objects as YAML spells them; a variable stands for any of them. */
async function askText(setting: Setting): Promise<Json> {
  const { schema } = setting;
  const validator = await validatorOf(setting);
  const { text } = await prompts();
  const { default: usual, examples } = schema;
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined;
  const given = await answered(
    text({
      message: questionOf(setting),
      ...(example !== undefined && { placeholder: escapeControls(spelled(example)) }),
      ...(usual !== undefined && { initialValue: spelled(usual) }),
      validate: (typed) => {
        if (VARIABLE.test(typed ?? "")) return undefined;
        if (!typed) return "It is required";
        const [problem] = validator ? explain(validator, schema, valueOf(typed, setting)) : [];
        return problem && problemText(problem);
      },
    }),
  );
  return VARIABLE.test(given) ? given : plain(valueOf(given, setting));
}

/** Undefined for a schema that cannot be checked by itself: `check` finds what is wrong. */
async function validatorOf({ schema }: Setting): Promise<Validator | undefined> {
  try {
    return await compileValidator(schema);
  } catch {
    return undefined;
  }
}

function valueOf(typed: string, { schema }: Setting): unknown {
  const types = typesOf(schema);
  if (types.length === 0 || types.includes("string")) return typed;
  const isPlainList = types.includes("array") && !typed.startsWith("[");
  try {
    return parse(isPlainList ? `[${typed}]` : typed);
  } catch {
    return typed; // of the wrong type, as it will be told
  }
}

function questionOf({ path, schema: { title, description } }: Setting): string {
  const [sentence = ""] = (typeof description === "string" ? description : "").split(/(?<=\.)\s/);
  const said = sentence.replaceAll(/<[^>]*>/g, "") || (typeof title === "string" ? title : "");
  const name = path.join(".");
  return escapeControls(said === "" || said === name ? name : `${name}: ${said}`);
}

const spelled = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
