import type { Catalog, ConfiguredCatalog } from "./catalog.ts";
import { configuredCatalogProblems } from "./catalog-rules.ts";
import type { FailureCode } from "./errors.ts";
import { parseJson } from "./json-text.ts";
import { PAYLOAD_KEYS } from "./messages.ts";
import { problemOf, problemsFailure, type Problem, type Validator } from "./problems.ts";
import * as catalogValidators from "./validators/catalogs.generated.ts";
import * as messageValidators from "./validators/messages.generated.ts";

const MESSAGES = new Map(Object.entries(messageValidators as Record<string, Validator>));

/**
 * What is wrong with a parsed message: an empty list for a good one. A message of an unknown type
 * is good (a later protocol may have it), and so are unknown fields and the words of lists that
 * grow; explicit nulls count as missing fields.
 */
export function validateMessage(value: unknown): Problem[] {
  if (!isObject(value)) return [{ path: "", message: "expected an object" }];
  const type = value["type"];
  if (typeof type !== "string") return [{ path: "type", message: "expected a string" }];
  const validator = MESSAGES.get(type);
  return validator === undefined ? [] : problemsIn(validator, value);
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
  check(catalogValidators.catalog as Validator, value, "the catalog");
  const { streams } = value as Catalog;
  return { ...(value as Catalog), streams: streams.map(withoutNulls) };
}

/**
 * Reads a configured catalog, given as JSON text or as parsed JSON. Unknown fields are kept,
 * explicit nulls dropped. Throws `catalog.invalid` with every problem at once: what has the wrong
 * shape, or else what contradicts the rules of `configuredCatalogProblems`.
 */
export function parseConfiguredCatalog(catalog: unknown): ConfiguredCatalog {
  const what = "the configured catalog";
  const value = fromText(catalog, what);
  check(catalogValidators.configuredCatalog as Validator, value, what);
  const given = value as ConfiguredCatalog;
  const streams = given.streams.map((configured) => {
    const stream = withoutNulls(configured.stream);
    return { ...withoutNulls(configured), stream };
  });
  const parsed = { ...given, streams };
  const problems = configuredCatalogProblems(parsed);
  if (problems.length > 0) throw problemsFailure("catalog.invalid", what, problems);
  return parsed;
}

const PATH_FIELD = /(cursor_field|primary_key\[\d+\])$/;
const CATALOG_FAILURE: FailureCode = "catalog.invalid";

function check(validator: Validator, value: unknown, what: string): void {
  const problems = problemsIn(validator, value).map(({ path, message }) => ({
    path,
    // The mistake of nearly everybody who writes a catalog by hand.
    message: PATH_FIELD.test(path) ? 'expected a path: an array such as ["id"]' : message,
  }));
  if (problems.length > 0) throw problemsFailure(CATALOG_FAILURE, what, problems);
}

function problemsIn(validator: Validator, value: unknown): Problem[] {
  if (validator(value)) return [];
  return (validator.errors ?? []).flatMap((error) => problemOf(error) ?? []);
}

function fromText(catalog: unknown, what: string): unknown {
  const isText = typeof catalog === "string" || catalog instanceof Uint8Array;
  return isText ? parseJson(catalog, CATALOG_FAILURE, what) : catalog;
}

function withoutNulls<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null)) as T;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
