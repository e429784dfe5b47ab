import { configProblems } from "./config-problems.ts";
import { Failure } from "./errors.ts";
import type { Problem, Validator } from "./problems.ts";
import type { JsonSchema } from "./schemas/json-schema.ts";

/** Tells what is wrong with a config; an empty list for a good one. Changes nothing in it. */
export type ConfigValidator = (config: unknown) => Problem[];

/**
 * A validator for configs of the connector whose spec has `schema` as its
 * `connectionSpecification`. Costs about 60 ms once: ajv is loaded and compiles. A connector of
 * one's own avoids that with `precompiledConfigValidator`.
 *
 * Keywords, formats and patterns JavaScript does not know are passed over: the schema is somebody
 * else's, and the connector checks its config again. Throws `protocol.bad_message` for a schema that
 * makes no sense at all.
 */
export async function compileConfigValidator(schema: JsonSchema): Promise<ConfigValidator> {
  const [{ Ajv }, { default: formats }] = await Promise.all([import("ajv"), import("ajv-formats")]);
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    validateSchema: false,
    logger: false,
    code: { regExp: TOLERANT_REGEXP },
  });
  formats.default(ajv);
  // A later draft's name would make ajv look for its meta schema; the keywords in use are the same.
  const { $schema: _, ...rest } = schema;
  try {
    return precompiledConfigValidator(schema, ajv.compile(rest) as Validator);
  } catch (error) {
    throw new Failure(
      "protocol.bad_message",
      "the spec's connectionSpecification is no JSON Schema that can be checked against",
      { cause: error },
    );
  }
}

/** The same for a validator that was compiled ahead from `schema` with `allErrors`. */
export function precompiledConfigValidator(
  schema: JsonSchema,
  validator: Validator,
): ConfigValidator {
  return (config) =>
    validator(config) ? [] : configProblems(schema, config, validator.errors ?? []);
}

/** A pattern written for another language (`(?i)…`) must not keep anybody from configuring. */
function tolerantRegExp(pattern: string): { test(text: string): boolean } {
  try {
    return new RegExp(pattern);
  } catch {
    return { test: () => true };
  }
}

const TOLERANT_REGEXP = Object.assign(tolerantRegExp, { code: "tolerantRegExp" });
