import type { ConfiguredCatalog, PropertySchema } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { Json, JsonObject } from "../../protocol/messages.ts";
import type { Context } from "../kit/contract.ts";
import { quoteLiteral, quoteName, quoteTable } from "../postgres/sql.ts";
import type { Session } from "./session.ts";
import { VALUE_KIND, type ValueKind } from "./value-writer.ts";

/** How tokens of our source become the text of a type; every other type reads text as it is. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  smallint: VALUE_KIND.int2,
  integer: VALUE_KIND.int4,
  bigint: VALUE_KIND.int8,
  oid: VALUE_KIND.int8,
  real: VALUE_KIND.number,
  "double precision": VALUE_KIND.number,
  numeric: VALUE_KIND.number,
  money: VALUE_KIND.number,
  xid8: VALUE_KIND.number,
  boolean: VALUE_KIND.boolean,
  date: VALUE_KIND.date,
  "time without time zone": VALUE_KIND.time,
  "time with time zone": VALUE_KIND.time,
  "timestamp without time zone": VALUE_KIND.timestamp,
  "timestamp with time zone": VALUE_KIND.timestamp,
  json: VALUE_KIND.jsonOrNull,
  jsonb: VALUE_KIND.jsonbOrNull,
};

/** The source's own type of a column, when this database has it; undefined otherwise. */
export function nativeType(
  schema: PropertySchema,
  known: ReadonlySet<string>,
): { type: string; kind: ValueKind } | undefined {
  const type = schema["x-postgres-type"];
  if (typeof type !== "string" || !known.has(type)) return undefined;
  const base = schema["x-postgres-base-type"];
  const under = (typeof base === "string" ? base : type).replace(/\(\d+(,-?\d+)?\)/, "");
  if (under.endsWith("[]")) return { type, kind: VALUE_KIND.array };
  return { type, kind: KINDS[under] ?? VALUE_KIND.text };
}

/**
 * The types that the catalog's columns have at their source and that this database has too. Enums,
 * domains, composites and ranges that are missing are created, in the schema they have at the
 * source; what an extension brings must be there. Says which types it has to do without.
 *
 * Domains are created without their NOT NULL and CHECK: a copy does not judge values that its source
 * accepted, and a text from a catalog is not run as SQL.
 */
export async function prepareNativeTypes(
  session: Session,
  catalog: ConfiguredCatalog,
  context: Context,
): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  const missing = new Set<string>();
  for (const schema of propertiesOf(catalog)) {
    const type = schema["x-postgres-type"];
    if (typeof type !== "string" || known.has(type) || missing.has(type)) continue;
    if (!(await exists(session, type)))
      for (const definition of definitionsOf(schema)) await create(session, definition, context);
    if (await exists(session, type)) known.add(type);
    else missing.add(type);
  }
  for (const type of missing)
    context.log("WARN", `this database has no type ${type}: its columns get protocol types`);
  return known;
}

function propertiesOf(catalog: ConfiguredCatalog): PropertySchema[] {
  return catalog.streams.flatMap(({ stream }) =>
    Object.values((stream.json_schema["properties"] ?? {}) as Record<string, PropertySchema>),
  );
}

function definitionsOf(schema: PropertySchema): JsonObject[] {
  const definitions: Json | undefined = schema["x-postgres-definitions"];
  return Array.isArray(definitions) ? (definitions as JsonObject[]) : [];
}

/** Whether `type` is the name of a type here, and nothing but that. */
async function exists(session: Session, type: string): Promise<boolean> {
  try {
    const [row] = await session.query("look a type up", {
      text: "select pg_catalog.to_regtype($1) is not null as found",
      values: [type],
    });
    return row!["found"] === "t";
  } catch (error) {
    // Before version 16 a text that is no type name at all is an error instead of null.
    if (error instanceof Failure && error.code !== "postgres.connection_lost") return false;
    throw error;
  }
}

async function create(session: Session, definition: JsonObject, context: Context): Promise<void> {
  const { schema, name } = definition;
  if (typeof schema !== "string" || typeof name !== "string") return;
  const quoted = quoteTable({ schema, name });
  if (await exists(session, quoted)) return;
  const body = await bodyOf(session, definition);
  if (body === undefined) return;
  try {
    await session.run(
      `create the type ${schema}.${name}`,
      `create schema if not exists ${quoteName(schema)}`,
      `create ${definition["kind"] === "domain" ? "domain" : "type"} ${quoted} as ${body}`,
    );
    context.log("INFO", `created the type ${schema}.${name}`);
  } catch (error) {
    if (!(error instanceof Failure) || error.code === "postgres.connection_lost") throw error;
    context.log("WARN", `could not create the type ${schema}.${name}: ${error.message}`);
  }
}

/** What follows `as`; undefined for what cannot be created from a description. */
async function bodyOf(session: Session, definition: JsonObject): Promise<string | undefined> {
  const typeName = async (type: Json | undefined) =>
    typeof type === "string" && (await exists(session, type)) ? type : undefined;
  switch (definition["kind"]) {
    case "enum": {
      const labels = definition["labels"];
      if (!Array.isArray(labels)) return undefined;
      return `enum (${(labels as string[]).map(quoteLiteral).join(", ")})`;
    }
    case "domain":
      return typeName(definition["base"]);
    case "range": {
      const subtype = await typeName(definition["subtype"]);
      return subtype && `range (subtype = ${subtype})`;
    }
    case "composite": {
      const attributes = (definition["attributes"] ?? []) as { name: string; type: string }[];
      const parts: string[] = [];
      for (const attribute of attributes) {
        const type = await typeName(attribute.type);
        if (type === undefined) return undefined;
        parts.push(`${quoteName(attribute.name)} ${type}`);
      }
      return `(${parts.join(", ")})`;
    }
    default:
      return undefined;
  }
}
