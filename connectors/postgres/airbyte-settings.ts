import type { AdaptedConfig } from "../../protocol/config/adapted.ts";
import type { Problem } from "../../protocol/config/problems.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";

/** What a setting of Airbyte's connector comes to here. */
export type Meaning =
  /** Nothing, for this reason. */
  | { readonly leftAside: string }
  /** What these settings of ours say. */
  | { readonly means: JsonObject }
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
    config = others;
    if ("refused" in meaning) problems.push({ path: [name], message: meaning.refused });
    else if ("leftAside" in meaning)
      warnings.push(`the setting ${name} is left aside: ${meaning.leftAside}`);
    else {
      config = { ...others, ...meaning.means };
      warnings.push(
        `the setting ${name} is another tool's; it is taken for ${JSON.stringify(meaning.means)}`,
      );
    }
  }
  return { config, warnings, problems };
}
