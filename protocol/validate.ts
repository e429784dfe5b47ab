import type { Catalog, ConfiguredCatalog } from "./catalog.ts";
import { configuredCatalogProblems, type CatalogReader } from "./catalog-rules.ts";
import { explain, type Validator } from "./config/explain.ts";
import { problemsFailure, type Problem } from "./config/problems.ts";
import type { JsonSchema } from "./config/schema.ts";
import type { FailureCode } from "./errors.ts";
import { isObject } from "./json.ts";
import { parseJson } from "./json-text.ts";
import { PAYLOAD_KEYS, type MessageType } from "./messages.ts";
import { catalogSchema, configuredCatalogSchema } from "./schemas/catalog.ts";
import { messageSchemas } from "./schemas/messages.ts";
import * as catalogValidators from "./validators/catalogs.generated.ts";
import * as messageValidators from "./validators/messages.generated.ts";

const MESSAGES = new Map(Object.entries(messageValidators as Record<string, Validator>));
const MESSAGE_SCHEMAS = messageSchemas(PAYLOAD_KEYS);

/**
 * What is wrong with a parsed message: an empty list for a good one. A message of an unknown type
 * is good (a later protocol may have it), and so are unknown fields and the words of lists that
 * grow; explicit nulls count as missing fields.
 */
export function validateMessage(value: unknown): readonly Problem[] {
  if (!isObject(value)) return [{ path: [], message: "expected an object" }];
  const type = value["type"];
  if (typeof type !== "string") return [{ path: ["type"], message: "expected a string" }];
  const validator = MESSAGES.get(type);
  if (validator === undefined) return [];
  return explain(validator, MESSAGE_SCHEMAS[type as MessageType], value);
}

/** Whether the protocol, as far as this version knows it, has messages of this type. */
export function isKnownType(type: string): boolean {
  return Object.hasOwn(PAYLOAD_KEYS, type);
}

/**
 * Reads a catalog as `discover` prints it, given as JSON text or as parsed JSON. Unknown fields are
 * kept, explicit nulls dropped. Throws `catalog.invalid` with every problem.
 */
export function parseCatalog(catalog: unknown): Catalog {
  const value = fromText(catalog, "the catalog");
  check(catalogValidators.catalog as Validator, catalogSchema, value, "the catalog");
  const { streams } = value as Catalog;
  return { ...(value as Catalog), streams: streams.map(withoutNulls) };
}

/**
 * Reads a configured catalog, given as JSON text or as parsed JSON. Unknown fields are kept,
 * explicit nulls dropped. Throws `catalog.invalid` with every problem at once: what has the wrong
 * shape, or else what contradicts the rules of `configuredCatalogProblems`.
 *
 * @param reader a source leaves what is the destination's business to the destination.
 */
export function parseConfiguredCatalog(
  catalog: unknown,
  reader: CatalogReader = "destination",
): ConfiguredCatalog {
  const what = "the configured catalog";
  const value = fromText(catalog, what);
  check(catalogValidators.configuredCatalog as Validator, configuredCatalogSchema, value, what);
  const given = value as ConfiguredCatalog;
  const streams = given.streams.map((configured) => {
    const stream = withoutNulls(configured.stream);
    return { ...withoutNulls(configured), stream };
  });
  const parsed = { ...given, streams };
  const problems = configuredCatalogProblems(parsed, reader);
  if (problems.length > 0) throw problemsFailure("catalog.invalid", what, problems);
  return parsed;
}

const CATALOG_FAILURE: FailureCode = "catalog.invalid";

function check(validator: Validator, schema: JsonSchema, value: unknown, what: string): void {
  const problems = explain(validator, schema, value);
  if (problems.length > 0) throw problemsFailure(CATALOG_FAILURE, what, problems);
}

function fromText(catalog: unknown, what: string): unknown {
  const isText = typeof catalog === "string" || catalog instanceof Uint8Array;
  return isText ? parseJson(catalog, CATALOG_FAILURE, what) : catalog;
}

function withoutNulls<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null)) as T;
}
