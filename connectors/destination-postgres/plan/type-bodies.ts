import type { Json, JsonObject } from "../../../protocol/json.ts";
import { quoteLiteral, quoteName, quoteTable } from "../../postgres/sql.ts";
import { attributesOf, isTypeName, labelsOf, type Attribute } from "./type-descriptions.ts";

/** What a database has of the things that a type is made of. */
export interface Ingredients {
  /** The name here of a type of the source; undefined when it cannot be used. */
  type(name: string): Promise<string | undefined>;
  hasCollation(name: string): Promise<boolean>;
  /** Whether a range comes with a multirange: since PostgreSQL 14. */
  hasMultiranges(): Promise<boolean>;
}

/**
 * What follows `as` in the statement that creates a described type; undefined where something it is
 * made of is missing, and for what no description can make. Nothing of a description is taken as SQL
 * but names that were found in the catalog.
 */
export async function definitionBody(
  definition: JsonObject,
  here: Ingredients,
): Promise<string | undefined> {
  switch (definition["kind"]) {
    case "enum":
      return `enum (${labelsOf(definition)!.map(quoteLiteral).join(", ")})`;
    case "domain": {
      const base = await typeName(definition["base"], here);
      return base && base + (await collate(definition["collation"], here));
    }
    case "range":
      return rangeBody(definition, here);
    case "composite": {
      const parts: string[] = [];
      for (const attribute of attributesOf(definition)!) {
        const part = await attributeBody(attribute, here);
        if (part === undefined) return undefined;
        parts.push(part);
      }
      return `(${parts.join(", ")})`;
    }
    default:
      return undefined;
  }
}

/** A part of a composite as SQL; undefined when its type is missing here. */
export async function attributeBody(
  { name, type, collation }: Attribute,
  here: Ingredients,
): Promise<string | undefined> {
  const local = await typeName(type, here);
  return local && `${quoteName(name)} ${local}${await collate(collation, here)}`;
}

/**
 * A range with the order it has at the source: another one would refuse values that are legal there.
 * Its functions are left out, since the source has used them on its values.
 */
async function rangeBody(definition: JsonObject, here: Ingredients): Promise<string | undefined> {
  const subtype = await typeName(definition["subtype"], here);
  if (subtype === undefined) return undefined;
  const { operators, collation, multirange } = definition;
  const parts = [`subtype = ${subtype}`];
  if (typeof operators === "string") {
    const name = qualified(operators);
    if (name === undefined) return undefined;
    parts.push(`subtype_opclass = ${name}`);
  }
  if (typeof collation === "string") {
    if (!(await here.hasCollation(collation))) return undefined;
    parts.push(`collation = ${collation}`);
  }
  if (isTypeName(multirange) && (await here.hasMultiranges()))
    parts.push(`multirange_type_name = ${quoteTable(multirange)}`);
  return `range (${parts.join(", ")})`;
}

async function typeName(type: Json | undefined, here: Ingredients): Promise<string | undefined> {
  return typeof type === "string" ? here.type(type) : undefined;
}

async function collate(collation: Json | undefined, here: Ingredients): Promise<string> {
  return typeof collation === "string" && (await here.hasCollation(collation))
    ? ` collate ${collation}`
    : "";
}

/** The text itself if it is a qualified name and nothing else. */
function qualified(text: string): string | undefined {
  const part = String.raw`(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)`;
  return new RegExp(`^${part}\\.${part}$`).test(text) ? text : undefined;
}
