import type { AdaptedConfig } from "../../protocol/config/adapted.ts";
import type { Problem } from "../../protocol/config/problems.ts";
import { isObject, type Json, type JsonObject } from "../../protocol/json.ts";

/** What a setting of Airbyte's connector comes to here. */
export type Meaning =
  /** Nothing, for this reason. */
  | { readonly leftAside: string }
  /** What these settings of ours say. `says`: what is said of it instead of quoting them. */
  | { readonly means: JsonObject; readonly says?: string }
  /** Nothing special: it is ours, and the specification says what may stand there. */
  | "ours"
  /** Something else than we would do; this is the way out. */
  | { readonly refused: string };

/** Settings that only Airbyte's connectors have, by name. */
export type AirbyteSettings = Readonly<
  Record<string, (value: Json, config: JsonObject) => Meaning>
>;

/** A setting that has no meaning here at these values, and would have one at others. */
export const onlyAt =
  (values: readonly Json[], leftAside: string, refused: string): AirbyteSettings[string] =>
  (value) =>
    values.includes(value) ? { leftAside } : { refused };

/** As Airbyte's newer source spells them. */
const UNDERSCORED: Readonly<Record<string, string>> = {
  verify_ca: "verify-ca",
  verify_full: "verify-full",
};

/** Those of both connectors. */
export const AIRBYTE_CONNECTION_SETTINGS: AirbyteSettings = {
  jdbc_url_params: onlyAt(
    [""],
    "it is empty",
    "parameters of JDBC are not taken; use ssl_mode for encryption, and leave it out",
  ),
  ssl: (value, { ssl_mode: mode }) => {
    if (typeof value !== "boolean") return { refused: "expected a boolean" };
    if (mode !== undefined && mode !== null) return { leftAside: "ssl_mode says it" };
    return { means: { ssl_mode: { mode: value ? "require" : "disable" } } };
  },
  ssl_mode: (value) => {
    const given = isObject(value) ? value["mode"] : undefined;
    const mode = typeof given === "string" ? UNDERSCORED[given] : undefined;
    if (mode === undefined) return "ours";
    return { means: { ssl_mode: { ...(value as JsonObject), mode } }, says: `mode ${mode}` };
  },
  entra_service_principal_auth: onlyAt([false], "it is off", "this login is not available"),
  entra_tenant_id: onlyAt([""], "it is empty", "this login is not available"),
  entra_client_id: onlyAt([""], "it is empty", "this login is not available"),
};

/**
 * A config made for Airbyte's connector as one for ours: what would do nothing is left out and what has
 * a meaning here is put in our words, with a warning each; what we would do otherwise is a problem.
 */
export function adaptSettings(settings: AirbyteSettings, given: JsonObject): AdaptedConfig {
  let config = given;
  const warnings: string[] = [];
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(settings, name)) continue;
    const { [name]: _, ...others } = config;
    const meaning = value === null ? { leftAside: "it is null" } : settings[name]!(value, given);
    if (meaning === "ours") continue;
    config = others;
    if ("refused" in meaning) problems.push({ path: [name], message: meaning.refused });
    else if ("leftAside" in meaning)
      warnings.push(`the setting ${name} is left aside: ${meaning.leftAside}`);
    else {
      config = { ...others, ...meaning.means };
      const says = meaning.says ?? JSON.stringify(meaning.means);
      warnings.push(`the setting ${name} is another tool's; it is taken for ${says}`);
    }
  }
  return { config, warnings, problems };
}
