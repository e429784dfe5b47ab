import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import standaloneCode from "ajv/dist/standalone/index.js";
import { format } from "prettier";
import type { JsonSchema } from "../../protocol/config/schema.ts";

/**
 * The source text of a TypeScript module that exports one validator per entry of `schemas`: ajv's
 * own code, compiled ahead, because compiling costs 60 ms at every start.
 *
 * They need nothing at run time: the one function of ajv that lengths of texts ask for is written
 * out, and a schema that asks for another one is refused.
 */
export async function generateValidators(
  schemas: Readonly<Record<string, JsonSchema>>,
): Promise<string> {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    code: { source: true, esm: true, lines: true },
  });
  addFormats.default(ajv);
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);
  const names = Object.fromEntries(Object.keys(schemas).map((name) => [name, name]));
  const code = standaloneCode
    .default(ajv, names)
    .replace('"use strict";', "")
    .replaceAll('require("ajv/dist/runtime/ucs2length").default', "(text) => [...text].length");
  const [, missing] = /require\("([^"]+)"\)/.exec(code) ?? [];
  if (missing !== undefined) throw new Error(`the compiled schemas need ${missing} at run time`);
  const module = `${HEADER}\n${code}`;
  return format(module, { parser: "typescript", printWidth: 100 });
}

const HEADER = `// @ts-nocheck
/* oxlint-disable */
/* Written by a program from the schemas. Change those, then run the test of this file with -u. */
`;
