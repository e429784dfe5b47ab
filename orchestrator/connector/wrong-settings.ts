import { withoutNulls } from "../../protocol/config/adapted.ts";
import { compileValidator } from "../../protocol/config/compile.ts";
import { withDefaults } from "../../protocol/config/defaults.ts";
import { explain } from "../../protocol/config/explain.ts";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import type { ConnectorConfig } from "../config/config.ts";

/** How connectors begin what they say of settings that their spec does not allow. */
const SAYS_INVALID = /not valid|invalid|validation/i;

/**
 * What is wrong with a connector's settings, a line each with its place in the user's file, where the
 * connector `said` that something is; undefined where the spec finds nothing.
 */
export async function wrongSettings(
  said: string,
  { locate }: ConnectorConfig,
  current: JsonObject,
  { connectionSpecification: schema }: ConnectorSpecification,
): Promise<string | undefined> {
  if (!SAYS_INVALID.test(said)) return undefined;
  try {
    const config = withDefaults(schema, withoutNulls(schema, current).config);
    const problems = explain(await compileValidator(schema), schema, config);
    if (problems.length > 0)
      return ["its settings are not valid", ...problems.map(locate)].join("\n");
  } catch {
    // What the connector said will do: its spec is none to check against.
  }
  return undefined;
}

/** The failure of a connector with the places of its wrong settings. */
export function withPlaces(failure: Failure, label: string, places: string): Failure {
  const { code, kind, facts, origin, stream } = failure;
  return new Failure(code, `${label}: ${places}`, { kind, facts, origin, stream, cause: failure });
}
