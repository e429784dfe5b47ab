import { isReservedSchema } from "../plan/own-schema.ts";
import type { ConfiguredCatalog, PropertySchema } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { Json, JsonObject } from "../../../protocol/json.ts";
import type { Context } from "../../kit/contract.ts";
import { isLost } from "../../postgres/errors.ts";
import { whyNotPortable } from "../../postgres/types/type-table.ts";
import {
  addAttribute,
  addLabel,
  createType,
  describeType,
  findCollations,
  findExtensionType,
  lookUpTypes,
} from "./native-queries.ts";
import { createSchema, findSchema, SERVER_VERSION } from "./queries.ts";
import type { LocalType, NativeTypes } from "../plan/native-types.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { Row, Session } from "../../postgres/session.ts";
import { attributeBody, definitionBody, type Ingredients } from "../plan/type-bodies.ts";
import {
  attributesOf,
  definitionsOf,
  isTypeName,
  keyOf,
  labelsOf,
  missingLabels,
  type Attribute,
} from "../plan/type-descriptions.ts";
import { parseTypeName, printTypeName, type TypeName } from "../plan/type-name.ts";

/** First version with multiranges. */
const MULTIRANGES = 140_000;

/**
 * Finds out which of the source's types this database can have, and says for the others why their
 * columns get protocol types.
 *
 * Enums, domains, composites and ranges that are missing are created, in the schema they have at the
 * source; an enum that has grown there grows here, its labels in the same order. What an extension
 * brings must be there, in whatever schema. A type of the same name that is something else is left
 * alone and not used: the values go into protocol columns, complete.
 *
 * Domains are created without their NOT NULL, CHECK and DEFAULT: a copy does not judge values that
 * its source accepted, and a removed column must be able to be NULL.
 *
 * No text of a catalog becomes SQL: types are parsed and printed again, names and labels quoted, and
 * collations and operators used only where the server has them.
 */
export async function prepareNativeTypes(
  session: Session,
  catalog: ConfiguredCatalog,
  context: Context,
): Promise<NativeTypes> {
  const properties = propertiesOf(catalog);
  const preparation = new TypePreparation(session, context);
  await preparation.lookUpBuiltIn(properties);
  const types = new Map<string, LocalType>();
  const refused = new Map<string, string>();
  for (const schema of properties) {
    const type = schema["x-postgres-type"];
    if (typeof type !== "string" || types.has(type) || refused.has(type)) continue;
    const found = await preparation.prepare(type, schema);
    if (typeof found === "string") refused.set(type, found);
    else types.set(type, found);
  }
  for (const [type, why] of refused)
    context.log("WARN", `columns of the type ${type} get protocol types: ${why}`);
  return { types, collations: await preparation.collations(properties) };
}

function propertiesOf(catalog: ConfiguredCatalog): PropertySchema[] {
  return catalog.streams.flatMap(({ stream }) =>
    Object.values((stream.json_schema["properties"] ?? {}) as Record<string, PropertySchema>),
  );
}

/** Looks types up, creates and extends them; remembers what it has seen to. */
class TypePreparation {
  readonly #session: Session;
  readonly #context: Context;
  /** What became of each definition, by key: why the type cannot be used, or undefined. */
  readonly #done = new Map<string, string | undefined>();
  /** What types are called here that have another name, by key. */
  readonly #renamed = new Map<string, string>();
  readonly #builtIn = new Map<string, Row>();
  readonly #knownCollations = new Map<string, boolean>();
  /** Types of a rehearsal that would be there now, by key. */
  readonly #imagined = new Set<string>();
  #version: number | undefined;
  readonly #ingredients: Ingredients = {
    type: (name) => this.#typeName(name),
    hasCollation: (name) => this.#hasCollation(name),
    hasMultiranges: async () => (await this.#serverVersion()) >= MULTIRANGES,
  };

  constructor(session: Session, context: Context) {
    this.#session = session;
    this.#context = context;
  }

  /** Looks up at once what no definition can change: a wide catalog has hundreds of such types. */
  async lookUpBuiltIn(properties: readonly PropertySchema[]): Promise<void> {
    const names = properties.flatMap((schema) => [
      schema["x-postgres-type"],
      schema["x-postgres-base-type"],
    ]);
    const isBuiltIn = (name: Json | undefined) =>
      typeof name === "string" && !name.includes(".") && parseTypeName(name) !== undefined;
    const wanted = new Set(names.filter(isBuiltIn) as string[]);
    for (const row of await this.#lookUpAll([...wanted])) this.#builtIn.set(row["type"]!, row);
  }

  /** The type here, everything it is made of created; or why it cannot be used. */
  async prepare(type: string, schema: PropertySchema): Promise<LocalType | string> {
    for (const definition of definitionsOf(schema)) await this.#define(definition);
    const base = schema["x-postgres-base-type"];
    if (typeof base === "string") {
      const under = await this.#resolve(base);
      if (typeof under === "string") return under;
      const domain = await this.#resolve(type);
      return typeof domain === "string" ? domain : { ...domain, delimiter: under.delimiter };
    }
    return this.#resolve(type);
  }

  /** Which of the collations of columns exist here. Says which do not. */
  async collations(properties: readonly PropertySchema[]): Promise<ReadonlySet<string>> {
    const wanted = new Set(
      properties
        .map((schema) => schema["x-postgres-collation"])
        .filter((name) => typeof name === "string"),
    );
    const found = new Set<string>();
    for (const name of wanted) if (await this.#hasCollation(name)) found.add(name);
    return found;
  }

  /** A type by the name it has at the source, typmod and brackets included. */
  async #resolve(type: string): Promise<LocalType | string> {
    const parsed = parseTypeName(type);
    if (parsed === undefined) return "it is not spelled like a type";
    const { schema = "pg_catalog", name } = parsed;
    const why = schema === "pg_catalog" ? whyNotPortable(name) : undefined;
    if (why !== undefined) return why;
    const refused = this.#done.get(nameKey(parsed));
    if (refused !== undefined) return refused;
    const local = this.#localName(parsed);
    const row = await this.#lookUp(local);
    if (row === undefined && this.#imagined.has(nameKey(parsed)))
      return { type: local, delimiter: parsed.suffix === "[]" ? "," : undefined };
    if (row === undefined) return "this database does not have it, or the user may not use it";
    const delimiter = row["delimiter"] ?? undefined;
    if (delimiter !== undefined && delimiter !== "," && delimiter !== ";")
      return `its arrays are separated by ${delimiter}`;
    return { type: local, delimiter };
  }

  async #lookUp(type: string): Promise<Row | undefined> {
    const known = this.#builtIn.get(type);
    if (known !== undefined) return known;
    const [row] = await this.#lookUpAll([type]);
    return row;
  }

  async #lookUpAll(types: readonly string[]): Promise<readonly Row[]> {
    try {
      const question = ["look types up", lookUpTypes(types)] as const;
      return this.#session.inTransaction
        ? await this.#session.queryInSavepoint(...question)
        : await this.#session.query(...question);
    } catch (error) {
      // Before version 16 a text that is no type name at all is an error instead of no row.
      if (isAboutType(error)) return [];
      throw error;
    }
  }

  async #define(definition: JsonObject): Promise<void> {
    if (!isTypeName(definition)) return;
    const { schema, name } = definition;
    const key = keyOf(schema, name);
    if (!this.#done.has(key)) this.#done.set(key, await this.#make({ schema, name }, definition));
  }

  /** Sees to it that the type exists as described; returns why not. */
  async #make(type: Table, definition: JsonObject): Promise<string | undefined> {
    if (definition["kind"] === "row") return "it is the row type of a table of the source";
    if (definition["kind"] === "extension") return this.#findInExtension(type, definition);
    if (!isReadable(definition)) return "its description cannot be read";
    const [existing] = await this.#session.query("look a type up", describeType(type));
    if (definition["kind"] === "base")
      return existing?.["kind"] === "b" ? undefined : "it is programmed, not described";
    const body = await definitionBody(definition, this.#ingredients);
    if (body === undefined) return "a type it is made of is missing here";
    if (existing !== undefined) return this.#reuse(type, definition, existing);
    if (isReservedSchema(type.schema)) return `the schema ${type.schema} is reserved`;
    try {
      await this.#create(
        type,
        createType(definition["kind"] === "domain" ? "domain" : "type", type, body),
      );
    } catch (error) {
      if (!isAboutType(error)) throw error;
      // Another connection may have been quicker.
      const [made] = await this.#session.query("look a type up", describeType(type));
      if (made === undefined) return `it could not be created: ${error.message}`;
      return this.#reuse(type, definition, made);
    }
    this.#context.log("INFO", `created the type ${label(type)}`);
    return undefined;
  }

  async #create(type: Table, statement: string): Promise<void> {
    const [schema] = await this.#session.query("look a schema up", findSchema(type.schema));
    // "if not exists" asks for the privilege first, and then whether there is anything to do.
    if (schema === undefined)
      await this.#session.run(`create the schema ${type.schema}`, createSchema(type.schema));
    await this.#session.run(`create the type ${label(type)}`, statement);
    if (this.#session.isRehearsal) this.#imagined.add(keyOf(type.schema, type.name));
  }

  async #findInExtension(type: Table, definition: JsonObject): Promise<string | undefined> {
    const { extension } = definition;
    if (typeof extension !== "string") return "its extension is not named";
    const [row] = await this.#session.query(
      "look a type up",
      findExtensionType(extension, type.name),
    );
    if (row === undefined) return `the extension ${extension} is not installed here`;
    this.#renamed.set(keyOf(type.schema, type.name), row["type"]!);
    return undefined;
  }

  /** Uses a type that is there already, if it is the same; an enum may lack labels. */
  async #reuse(type: Table, definition: JsonObject, existing: Row): Promise<string | undefined> {
    const other = "a type of that name here is something else";
    const isSame = (column: string) => {
      const wanted = definition[column];
      const parsed = typeof wanted === "string" ? parseTypeName(wanted) : undefined;
      return parsed !== undefined && existing[column] === this.#localName(parsed);
    };
    switch (definition["kind"]) {
      case "enum":
        return existing["kind"] === "e"
          ? this.#growEnum(
              type,
              labelsOf(definition)!,
              JSON.parse(existing["labels"] ?? "[]") as string[],
            )
          : other;
      case "domain":
        return isSame("base") ? undefined : other;
      case "range":
        return isSame("subtype") ? undefined : other;
      default: {
        const wanted = attributesOf(definition)!.map(({ name, type: inner }) => {
          const parsed = parseTypeName(inner);
          return [name, parsed ? this.#localName(parsed) : null];
        });
        const found = JSON.parse(existing["attributes"] ?? "[]") as Json[];
        const isStart = JSON.stringify(found) === JSON.stringify(wanted.slice(0, found.length));
        return existing["relation"] === "c" && isStart
          ? this.#growComposite(type, attributesOf(definition)!.slice(found.length))
          : other;
      }
    }
  }

  /** Adds the attributes that are missing at its end; they are NULL in old values. */
  async #growComposite(type: Table, missing: readonly Attribute[]): Promise<string | undefined> {
    for (const attribute of missing) {
      const body = await attributeBody(attribute, this.#ingredients);
      if (body === undefined) return "a type it is made of is missing here";
      try {
        await this.#session.run(
          `add an attribute to the type ${label(type)}`,
          addAttribute(type, body),
        );
      } catch (error) {
        if (isAboutType(error)) return `it lacks attributes: ${error.message}`;
        throw error;
      }
      this.#context.log("INFO", `added an attribute to the type ${label(type)}`);
    }
    return undefined;
  }

  /** Adds the labels that are missing, each at its place. Old ones stay: old rows may have them. */
  async #growEnum(
    type: Table,
    wanted: readonly string[],
    existing: readonly string[],
  ): Promise<string | undefined> {
    for (const { missing, place } of missingLabels(wanted, existing)) {
      try {
        await this.#session.run(
          `add a label to the type ${label(type)}`,
          addLabel(type, missing, place),
        );
      } catch (error) {
        if (isAboutType(error)) return `it lacks labels: ${error.message}`;
        throw error;
      }
      this.#context.log("INFO", `added a label to the type ${label(type)}`);
    }
    return undefined;
  }

  async #typeName(type: string): Promise<string | undefined> {
    const found = await this.#resolve(type);
    return typeof found === "string" ? undefined : found.type;
  }

  /** A type as it is called here, as SQL. */
  #localName(type: TypeName): string {
    return printTypeName(type, this.#renamed.get(nameKey(type)));
  }

  async #hasCollation(name: string): Promise<boolean> {
    const known = this.#knownCollations.get(name);
    if (known !== undefined) return known;
    const rows = await this.#session.query("look collations up", findCollations([name]));
    const isKnown = rows.length > 0;
    this.#knownCollations.set(name, isKnown);
    if (!isKnown)
      this.#context.log(
        "WARN",
        `this database does not have the collation ${name}: what has it gets the default one`,
      );
    return isKnown;
  }

  async #serverVersion(): Promise<number> {
    if (this.#version === undefined) {
      const [row] = await this.#session.query("look the version up", SERVER_VERSION);
      this.#version = Number(row!["version"]);
    }
    return this.#version;
  }
}

/** Whether all parts of a description are what they should be. */
function isReadable(definition: JsonObject): boolean {
  if (definition["kind"] === "enum") return labelsOf(definition) !== undefined;
  return definition["kind"] !== "composite" || attributesOf(definition) !== undefined;
}

function nameKey({ schema, name }: TypeName): string {
  return keyOf(schema ?? "pg_catalog", name);
}

/** Whether the server refused a type, rather than being gone. */
function isAboutType(error: unknown): error is Failure {
  return error instanceof Failure && !isLost(error);
}
