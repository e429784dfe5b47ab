import { withDefaults } from "../../protocol/config-defaults.ts";
import {
  compileConfigValidator,
  precompiledConfigValidator,
} from "../../protocol/config-validator.ts";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/messages.ts";
import { problemsFailure } from "../../protocol/problems.ts";
import type { ConnectorDefinition } from "./contract.ts";
import { parseInputFile, readInputFile } from "./input-file.ts";
import { redactorOf, type Redactor } from "./redact.ts";

/** A config is a page of text; more is a wrong file. */
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;

/**
 * Reads the config at `path`, with the defaults of the spec filled in, and checks it against the
 * spec. `onSecrets` learns what to mask before anything can go wrong with the rest.
 *
 * Throws `config.unreadable` or, with all problems at once, `config.invalid`.
 */
export async function readConfig(
  definition: ConnectorDefinition<unknown>,
  path: string,
  onSecrets: (redactor: Redactor) => void,
): Promise<JsonObject> {
  const file = { option: "--config", path, maxBytes: MAX_CONFIG_BYTES };
  const parsed = parseInputFile(file, await readInputFile(file));
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new Failure("config.invalid", "the config is not a JSON object");
  const schema = definition.spec.connectionSpecification;
  const config = withDefaults(schema, parsed as JsonObject);
  onSecrets(redactorOf(schema, config));
  const problemsOf = definition.validateConfig
    ? precompiledConfigValidator(schema, definition.validateConfig)
    : await compileConfigValidator(schema);
  const problems = problemsOf(config);
  if (problems.length > 0) throw problemsFailure("config.invalid", "the config", problems);
  return config;
}
