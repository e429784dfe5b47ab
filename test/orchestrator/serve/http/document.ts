import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { openApiDocument } from "../../../../orchestrator/serve/http/openapi.ts";
import { isObject } from "../../../../protocol/json.ts";

/** As a server of version 1.2.3 serves it. */
export const DOCUMENT = openApiDocument("1.2.3");

/** Of the document, with objects that have what they name and nothing else: what is not told of is found. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  return isObject(schema["properties"]) && schema["additionalProperties"] === undefined
    ? { ...inner, additionalProperties: false }
    : inner;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: "https://syncline.invalid/", ...(closed(DOCUMENT) as object) });

/** What is wrong with an answer of this name; empty: nothing. */
export function problemsOf(answer: string, value: unknown): unknown {
  const validate = ajv.getSchema(`https://syncline.invalid/#/components/schemas/${answer}`)!;
  return validate(value) ? [] : validate.errors;
}
