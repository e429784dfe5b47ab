import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import standaloneCode from "ajv/dist/standalone/index.js";
import { format } from "prettier";
import type { JsonSchema } from "../../protocol/schemas/json-schema.ts";

/**
 * The source text of a TypeScript module that exports one validator per entry of `schemas`: ajv's
 * own code, compiled ahead, because compiling costs 60 ms at every start.
 *
 * Strings and formats need a few functions of ajv at run time; ajv writes `require` for them, which
 * no ES module has, so those lines become imports.
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
  const code = standaloneCode.default(ajv, names).replace('"use strict";', "");
  const module = `${HEADER}\n${withImports(code)}`;
  return format(module, { parser: "typescript", printWidth: 100 });
}

const HEADER = `// @ts-nocheck
/* oxlint-disable */
/* Written by a program from the schemas. Change those, then run the test of this file with -u. */
`;

function withImports(code: string): string {
  const modules = new Map<string, string>();
  const body = code.replaceAll(/require\("([^"]+)"\)/g, (_, path: string) => {
    if (!modules.has(path)) modules.set(path, `module${modules.size}`);
    return modules.get(path)!;
  });
  const imports = [...modules].map(([path, name]) => `import ${name} from "${path}.js";\n`);
  return imports.join("") + body;
}
