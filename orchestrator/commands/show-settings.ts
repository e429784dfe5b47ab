import { existsSync } from "node:fs";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { ConnectorConfig } from "../config/config.ts";
import { BUILT_IN_CONNECTORS } from "../config/program.ts";
import type { Invocation } from "../invocation.ts";
import { settingLines } from "../setup/setting-lines.ts";
import { askSpec } from "./ask-spec.ts";
import { EXIT } from "../output/exit-status.ts";
import { givenConnector, isGiven, roleOf, unsetConnector } from "./given-connector.ts";
import type { GivenOptions } from "./given-options.ts";

/** Prints the settings as a table, or with `--json` the whole specification. */
export async function showSettings(
  invocation: Invocation,
  [name]: readonly string[],
  options: GivenOptions,
): Promise<number> {
  const { console } = invocation;
  const chosen = await choose(invocation, name, options);
  for (const connector of chosen) {
    const spec = await askSpec(invocation, connector);
    if (typeof spec === "number") return spec;
    if (chosen.length > 1 && !console.json) console.print(`${connector.role} ${connector.name}:`);
    if (console.json) console.print(JSON.stringify(spec));
    else for (const line of settingLines(spec)) console.print(line);
  }
  return EXIT.done;
}

async function choose(
  invocation: Invocation,
  name: string | undefined,
  options: GivenOptions,
): Promise<ConnectorConfig[]> {
  const { configPath } = invocation;
  if (isGiven(options)) {
    if (name !== undefined)
      throw new Failure("usage.invalid", `${name}, or an option that says what is run: not both`);
    const role = roleOf(options);
    const given = givenConnector(role, options, configPath);
    return [unsetConnector(role, "given", given, configPath)];
  }
  if (name === undefined)
    throw new Failure("usage.invalid", "settings takes a connector: its name, or what is run", {
      hint: "such as `syncline settings source-postgres`, or `syncline settings --image …`",
    });
  const isBuiltIn = BUILT_IN_CONNECTORS.some((known) => known === name);
  const known = isBuiltIn && !existsSync(configPath) ? [] : await ofConfiguration(invocation);
  const found = known.filter((connector) => connector.name === name);
  if (found.length > 0) return found;
  if (isBuiltIn) {
    const role = roleOf({ connector: name });
    return [unsetConnector(role, name, { connector: name }, configPath)];
  }
  const names = [...known.map((connector) => connector.name), ...BUILT_IN_CONNECTORS];
  throw new Failure(
    "usage.invalid",
    `no source or destination is called ${name}${didYouMean(name, names)}`,
    { hint: "any other connector is given by --python, --image, --command, --npm or --manifest" },
  );
}

async function ofConfiguration(invocation: Invocation): Promise<ConnectorConfig[]> {
  const { sources, destinations } = await invocation.layout();
  return [...sources.values(), ...destinations.values()];
}
