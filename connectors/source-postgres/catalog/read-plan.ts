import type { ConfiguredStream, StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import { descriptorOf, wantedFields } from "../../kit/source/configured-stream.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { columnType } from "../../postgres/types/column-type.ts";
import type { DatabaseDescription } from "./describe-database.ts";
import {
  isRelationReadable,
  readableColumns,
  type SourceColumn,
  type SourceRelation,
} from "./relation.ts";

/** One configured stream and the table it is read from. */
export interface ReadPlan {
  readonly configured: ConfiguredStream;
  readonly descriptor: StreamDescriptor;
  readonly relation: SourceRelation;
  /** The columns to read, in the order of the configured schema. */
  readonly columns: readonly SourceColumn[];
}

/** The schema of a stream configured without a namespace: where PostgreSQL itself would look. */
const DEFAULT_SCHEMA = "public";

/** The table a configured stream names. */
export function tableOf(stream: StreamDescriptor): Table {
  return { schema: stream.namespace || DEFAULT_SCHEMA, name: stream.name };
}

/**
 * Matches a configured stream with its table as the snapshot shows it. Throws
 * `postgres.object_missing` or `postgres.permission_denied`, naming the table or the columns that are
 * missing or not readable.
 */
export function planRead(configured: ConfiguredStream, description: DatabaseDescription): ReadPlan {
  const descriptor = descriptorOf(configured);
  const table = tableOf(descriptor);
  const name = label(table);
  const relation = description.relations.find(
    (candidate) => candidate.schema === table.schema && candidate.name === table.name,
  );
  if (relation === undefined) throw missing(`the table ${name} does not exist`);
  if (!isRelationReadable(relation))
    throw forbidden(`the user may not select from ${name}`, "configure another one");
  const wanted = wantedFields(configured) ?? readableColumns(relation).map((column) => column.name);
  const byName = new Map(relation.columns.map((column) => [column.name, column]));
  const unknown = wanted.filter((column) => !byName.has(column));
  if (unknown.length > 0)
    throw missing(
      `the table ${name} has no ${columnsNamed(unknown)}, which the configured catalog names`,
    );
  const columns = wanted.map((column) => byName.get(column)!);
  const hidden = columns.filter((column) => !column.isReadable).map((column) => column.name);
  if (hidden.length > 0)
    throw forbidden(
      `the user may not select ${columnsNamed(hidden)} of ${name}`,
      "leave it out of the fields of the stream",
    );
  return { configured, descriptor, relation, columns };
}

const missing = (why: string) =>
  new Failure("postgres.object_missing", why, {
    hint: "run discover again and update the configured catalog",
  });

const forbidden = (why: string, otherwise: string) =>
  new Failure("postgres.permission_denied", why, {
    hint: `grant the privilege to the configured user, or ${otherwise}`,
  });

/**
 * Columns whose type is not the one they had when the catalog was made, as `name is text and was
 * integer`. They are read as they are: whoever configured the catalog may want to keep the old type
 * for what fits it.
 */
export function changedTypes({ configured, columns }: ReadPlan): string[] {
  const properties = (configured.stream.json_schema["properties"] ?? {}) as JsonObject;
  return columns.flatMap(({ name, type }) => {
    const schema = Object.hasOwn(properties, name) ? (properties[name] as JsonObject) : undefined;
    const before = schema?.["x-postgres-type"];
    const now = columnType(type).schema["x-postgres-type"];
    return typeof before === "string" && before !== now
      ? [`${name} is ${now} and was ${before}`]
      : [];
  });
}

function columnsNamed(names: readonly string[]): string {
  return `${names.length === 1 ? "column" : "columns"} ${names.join(", ")}`;
}
