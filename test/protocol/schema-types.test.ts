import { expect, it } from "vitest";
import { logicalType } from "../../protocol/schema-types.ts";

it.each([
  [{ type: "string" }, "string"],
  [{ type: ["null", "string"] }, "string"],
  [{ type: ["string", "null"], format: "date" }, "date"],
  [{ type: "boolean" }, "boolean"],
  [{ type: "string", format: "date" }, "date"],
  [{ type: "string", format: "date-time" }, "timestamp_with_timezone"],
  [
    { type: "string", format: "date-time", airbyte_type: "timestamp_without_timezone" },
    "timestamp_without_timezone",
  ],
  [{ type: "string", airbyte_type: "timestamp_with_timezone" }, "timestamp_with_timezone"],
  [{ type: "string", format: "time" }, "time_with_timezone"],
  [
    { type: "string", format: "time", airbyte_type: "time_without_timezone" },
    "time_without_timezone",
  ],
  [{ type: "integer" }, "integer"],
  [{ type: "int" }, "integer"],
  [{ type: "number", airbyte_type: "integer" }, "integer"],
  [{ type: "number" }, "number"],
  [{ type: ["integer", "number", "null"] }, "number"],
  [{ type: "string", airbyte_type: "big_integer" }, "integer"],
  [{ type: "string", airbyte_type: "big_number" }, "number"],
  [{ type: "string", contentEncoding: "base64" }, "binary"],
  [{ type: "string", format: "uuid" }, "string"],
  [{ type: "array" }, "array"],
  [{ type: "object" }, "object"],
  [{ properties: {} }, "object"],
  [{ type: "object", oneOf: [{ type: "array" }], airbyte_type: "json" }, "json"],
  [{ type: ["string", "integer"] }, "union"],
  [{ oneOf: [{ type: "string" }, { type: "object" }] }, "union"],
  [{ oneOf: [{ type: "null" }, { type: "string", format: "date" }] }, "date"],
  [{ anyOf: [{ type: "string" }, { type: ["null", "string"] }] }, "string"],
  [{ $ref: "WellKnownTypes.json#/definitions/Integer" }, "integer"],
  [
    { $ref: "WellKnownTypes.json#/definitions/TimestampWithoutTimezone" },
    "timestamp_without_timezone",
  ],
  [{ $ref: "#/definitions/constructor" }, "unknown"],
  [{ type: "null" }, "unknown"],
  [{ type: ["null"] }, "unknown"],
  [{ type: "banana" }, "unknown"],
  [{}, "unknown"],
  [true, "unknown"],
  [null, "unknown"],
])("reads %j as %s", (schema, type) => {
  expect(logicalType(schema)).toBe(type);
});
