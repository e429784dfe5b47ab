import { isObject } from "./json.ts";

/** What a property's schema says its values are: the types of Airbyte's protocol, and what else is met. */
export type LogicalType =
  | "string"
  | "boolean"
  | "date"
  | "timestamp_with_timezone"
  | "timestamp_without_timezone"
  | "time_with_timezone"
  | "time_without_timezone"
  | "integer"
  /** A whole number of any size. */
  | "big_integer"
  | "number"
  /** Base64 text. */
  | "binary"
  | "array"
  | "object"
  /** Any JSON value, announced as such. */
  | "json"
  /** One of several types. */
  | "union"
  /** Nothing that is known; to be stored as JSON. */
  | "unknown";

type Schema = Readonly<Record<string, unknown>>;

/** The abandoned way to name types, still met in old catalogs: `{"$ref":"WellKnownTypes.json#/definitions/…"}`. */
const WELL_KNOWN_TYPES: ReadonlyMap<string, LogicalType> = new Map([
  ["String", "string"],
  ["BinaryData", "binary"],
  ["Date", "date"],
  ["TimestampWithTimezone", "timestamp_with_timezone"],
  ["TimestampWithoutTimezone", "timestamp_without_timezone"],
  ["TimeWithTimezone", "time_with_timezone"],
  ["TimeWithoutTimezone", "time_without_timezone"],
  ["Number", "number"],
  ["Integer", "integer"],
  ["Boolean", "boolean"],
]);

const DEFINITIONS = "#/definitions/";

/**
 * Classifies the schema of one property as Airbyte's destinations do. Every type is nullable, so
 * `null` among several types says nothing.
 *
 * Two differences, on purpose: integer or number is `number` rather than `union`, since every integer
 * is a number; and what is announced as big is not taken for an integer of 64 bits. Never throws; a schema it cannot read is `unknown`.
 */
export function logicalType(schema: unknown): LogicalType {
  if (!isObject(schema)) return "unknown";
  if (schema["airbyte_type"] === "json") return "json";
  const reference = schema["$ref"];
  if (typeof reference === "string") return wellKnownType(reference);
  const type = schema["type"];
  if (Array.isArray(type)) return oneOf(type.map((one) => ofType(one, schema)));
  if (typeof type === "string") return ofType(type, schema) ?? "unknown";
  for (const keyword of ["oneOf", "anyOf", "allOf"]) {
    const members = schema[keyword];
    if (Array.isArray(members)) return oneOf(members.map(memberType));
  }
  return isObject(schema["properties"]) ? "object" : "unknown";
}

/** The type of one member of a union; undefined for `null`. */
function memberType(schema: unknown): LogicalType | undefined {
  if (isObject(schema) && schema["type"] === "null") return undefined;
  return logicalType(schema);
}

/** The type named by one word of `type`; undefined for `null`. */
function ofType(type: unknown, schema: Schema): LogicalType | undefined {
  switch (type) {
    case "null":
      return undefined;
    case "string":
      return stringType(schema);
    case "boolean":
    case "array":
    case "object":
      return type;
    case "integer":
    case "int":
      return schema["airbyte_type"] === "big_integer" ? "big_integer" : "integer";
    case "number": {
      const marker = schema["airbyte_type"];
      return marker === "integer" || marker === "big_integer" ? marker : "number";
    }
    default:
      return "unknown";
  }
}

function stringType(schema: Schema): LogicalType {
  const marker = schema["airbyte_type"];
  switch (marker) {
    case "big_integer":
      return marker;
    case "big_number":
      return "number";
    case "timestamp_with_timezone":
    case "timestamp_without_timezone":
    case "time_with_timezone":
    case "time_without_timezone":
      return marker;
  }
  switch (schema["format"]) {
    case "date":
      return "date";
    case "date-time":
      return "timestamp_with_timezone";
    case "time":
      return "time_with_timezone";
  }
  return schema["contentEncoding"] === "base64" ? "binary" : "string";
}

function oneOf(members: readonly (LogicalType | undefined)[]): LogicalType {
  const types = new Set(members.filter((member) => member !== undefined));
  if (types.has("number")) types.delete("big_integer");
  if (types.has("number") || types.has("big_integer")) types.delete("integer");
  const [first = "unknown"] = types;
  return types.size > 1 ? "union" : first;
}

function wellKnownType(reference: string): LogicalType {
  const at = reference.indexOf(DEFINITIONS);
  return WELL_KNOWN_TYPES.get(reference.slice(at + DEFINITIONS.length)) ?? "unknown";
}
