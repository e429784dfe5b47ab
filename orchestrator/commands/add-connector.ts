import { existsSync, readFileSync } from "node:fs";
import { stringify } from "yaml";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { parseLayout } from "../config/load.ts";
import { NAME } from "../config/schema.ts";
import type { Invocation } from "../invocation.ts";
import { settingLines } from "../setup/setting-lines.ts";
import { configOf, rewriteConfig, withEntry, type ConnectorEntry } from "../setup/add-entry.ts";
import { ASKED } from "../setup/ask-settings.ts";
import { plain } from "../setup/draft.ts";
import { draftSettings, placeholders, type DraftSettings } from "../setup/draft-settings.ts";
import { answered, canAsk, CANCELLED, prompts } from "../setup/prompts.ts";
import { settingsOf } from "../setup/settings.ts";
import { writeConfig } from "../setup/write-config.ts";
import { askSpec } from "./ask-spec.ts";
import { EXIT } from "../output/exit-status.ts";
import { givenConnector, unsetConnector } from "./given-connector.ts";
import type { GivenOptions } from "./given-options.ts";

/** Adds a connector to the configuration, or makes one with it. Nothing that is there is changed. */
export async function addConnector(
  invocation: Invocation,
  role: "source" | "destination",
  [name]: readonly string[],
  options: GivenOptions,
): Promise<number> {
  const { configPath, console } = invocation;
  await refuseName(invocation, role, name!);
  const given = givenConnector(role, options, configPath);
  const spec = await askSpec(invocation, unsetConnector(role, name!, given, configPath));
  if (typeof spec === "number") return spec;
  if (!console.json && !console.quiet) for (const line of settingLines(spec)) console.print(line);

  const asks = canAsk(console);
  const settings = settingsOf(spec.connectionSpecification);
  let draft: DraftSettings;
  try {
    const answers = asks ? ASKED : placeholders(name!);
    draft = await draftSettings(name!, settings, answers);
    const entry: ConnectorEntry = {
      section: `${role}s`,
      name: name!,
      value: entryOf(given, draft),
    };
    if (asks) await confirmEntry(configPath, entry);
    write(configPath, entry);
  } catch (error) {
    if (error !== CANCELLED) throw error;
    (await prompts()).cancel("nothing was written");
    return EXIT.interrupted;
  }
  tell(invocation, role, name!, draft);
  return EXIT.done;
}

/** Throws `usage.invalid` for a name that cannot be, or is there; and for what is wrong with the file. */
async function refuseName(
  invocation: Invocation,
  role: "source" | "destination",
  name: string,
): Promise<void> {
  if (!new RegExp(NAME).test(name))
    throw new Failure("usage.invalid", `${name} cannot be the name of a ${role}`, {
      hint: "it has letters, digits, dots, dashes and underscores, and begins with a letter or digit",
    });
  if (!existsSync(invocation.configPath)) return;
  const { sources, destinations } = await invocation.layout();
  if (!(role === "source" ? sources : destinations).has(name)) return;
  throw new Failure("usage.invalid", `${invocation.configPath} has a ${role} ${name} already`, {
    hint: "give another name, or edit the file: no entry is ever written over",
  });
}

function entryOf(given: object, { config }: DraftSettings): JsonObject {
  const isEmpty = Object.keys(config).length === 0;
  return { ...(plain(given) as JsonObject), ...(!isEmpty && { config }) };
}

async function confirmEntry(configPath: string, { name, value }: ConnectorEntry): Promise<void> {
  const { confirm, note } = await prompts();
  note(stringify({ [name]: value }, { lineWidth: 0 }).trimEnd(), configPath);
  if (!(await answered(confirm({ message: `Add this to ${configPath}?` })))) throw CANCELLED;
}

function write(configPath: string, entry: ConnectorEntry): void {
  if (!existsSync(configPath)) return writeConfig(configPath, configOf(entry));
  // Questions take their time, in which somebody may have changed it.
  const text = withEntry(readFileSync(configPath, "utf8"), entry);
  const known = parseLayout(text, configPath, process.env)[entry.section];
  if (!known.has(entry.name)) throw new Failure("internal.bug", "the entry is not in the file");
  rewriteConfig(configPath, text);
}

function tell(
  { configPath, console }: Invocation,
  role: "source" | "destination",
  name: string,
  { variables }: DraftSettings,
): void {
  if (console.json)
    return console.print(JSON.stringify({ written: configPath, role, name, variables }));
  if (console.quiet) return;
  console.print(`added ${role} ${name} to ${configPath}`);
  if (variables.length > 0)
    console.print(
      `to be set in the environment, or in a file .env beside it: ${variables.join(", ")}`,
    );
  const ends = role === "source" ? `${name}, destination: …` : `…, destination: ${name}`;
  console.print(
    `\`syncline check ${name}\` tries it, \`syncline settings ${name}\` shows what else it can`,
  );
  console.print(`to copy with it: connections: { a-name: { source: ${ends} } }`);
}
