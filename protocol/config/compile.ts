import { Failure } from "../errors.ts";
import type { Validator } from "./explain.ts";
import type { JsonSchema } from "./schema.ts";

/**
 * A validator for configs of the connector whose spec has `schema` as its
 * `connectionSpecification`. Costs about 60 ms once: ajv is loaded and compiles. A connector of
 * one's own has one that was compiled ahead instead.
 *
 * Keywords, formats and patterns JavaScript does not know are passed over: the schema is somebody
 * else's, and the connector checks its config again. Throws `protocol.bad_message` for a schema that
 * makes no sense at all.
 */
export async function compileValidator(schema: JsonSchema): Promise<Validator> {
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
    return ajv.compile(rest) as Validator;
  } catch (error) {
    throw new Failure(
      "protocol.bad_message",
      "the spec's connectionSpecification is no JSON Schema that can be checked against",
      { cause: error },
    );
  }
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
