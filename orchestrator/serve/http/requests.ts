import { compileValidator } from "../../../protocol/config/compile.ts";
import { withDefaults } from "../../../protocol/config/defaults.ts";
import { explain, type Validator } from "../../../protocol/config/explain.ts";
import { problemText } from "../../../protocol/config/problems.ts";
import type { JsonSchema } from "../../../protocol/config/schema.ts";
import { asFailure } from "../../../protocol/errors.ts";
import { isObject } from "../../../protocol/json.ts";
import { parseJson } from "../../../protocol/json-text.ts";
import { OPERATIONS, type Operation, type OperationId } from "./operations.ts";
import { Refusal } from "./refusal.ts";

/** What a request says, as its operation describes it, with defaults filled in. */
export type Said = Readonly<Record<string, unknown>>;

interface Checked {
  readonly schema: JsonSchema;
  readonly validator: Validator;
}

/** Reads what requests for one operation say. */
class RequestReader {
  readonly #query: Checked;
  readonly #body: Checked | undefined;

  private constructor(query: Checked, body: Checked | undefined) {
    this.#query = query;
    this.#body = body;
  }

  static async of({ query = {}, needsQuery = [], body }: Operation): Promise<RequestReader> {
    const checked = async (schema: JsonSchema) => ({
      schema,
      validator: await compileValidator(schema),
    });
    const schema = {
      type: "object",
      additionalProperties: false,
      required: needsQuery,
      properties: query,
    };
    return new RequestReader(await checked(schema), body && (await checked(body)));
  }

  /** Throws a `Refusal` that names each parameter that is wrong. */
  query(given: URLSearchParams): Said {
    const properties = this.#query.schema["properties"] as Readonly<Record<string, JsonSchema>>;
    const names = [...new Set(given.keys())];
    const values = names.map((name) => [
      name,
      typed(given.getAll(name), Object.hasOwn(properties, name) ? properties[name] : undefined),
    ]);
    return accepted(this.#query, Object.fromEntries(values) as Said, "the query");
  }

  /** Of a request without a body, nothing. Throws a `Refusal` that names each field that is wrong. */
  body(bytes: Uint8Array): Said {
    if (this.#body === undefined) return {};
    if (bytes.length === 0) return accepted(this.#body, {}, "the body");
    let value: unknown;
    try {
      value = parseJson(bytes, "usage.invalid", "the body");
    } catch (error) {
      throw new Refusal("request.malformed", asFailure(error).message);
    }
    return accepted(this.#body, value, "the body");
  }
}

let readers: Promise<ReadonlyMap<OperationId, RequestReader>> | undefined;

/** One for each operation; they are compiled once. */
export function requestReaders(): Promise<ReadonlyMap<OperationId, RequestReader>> {
  return (readers ??= Promise.all(
    Object.entries(OPERATIONS).map(
      async ([id, operation]) => [id as OperationId, await RequestReader.of(operation)] as const,
    ),
  ).then((all) => new Map(all)));
}

/** Numbers and lists where those are wanted; texts that are none stay, and are refused as such. */
function typed(values: readonly string[], schema: JsonSchema | undefined): unknown {
  if (schema?.["type"] === "array") return values;
  if (values.length > 1) return values;
  const [value] = values;
  return schema?.["type"] === "integer" && /^\d{1,16}$/.test(value!) ? Number(value) : value;
}

function accepted({ schema, validator }: Checked, value: unknown, what: string): Said {
  const problems = explain(validator, schema, value);
  if (problems.length > 0)
    throw new Refusal(
      "request.invalid",
      `${what} is not valid: ${problems.map(problemText).join("; ")}`,
    );
  return withDefaults(schema, isObject(value) ? value : {});
}
