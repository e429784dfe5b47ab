import {
  type ConfiguredCatalog,
  type ConfiguredStream,
  type StreamDescriptor,
  streamLabel,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/messages.ts";
import { columnType } from "../../postgres/types/column-type.ts";
import type { CatalogDescription, Column, Relation } from "../catalog/catalog.ts";
import { isRelationReadable, readableColumns } from "../catalog/discover.ts";
import type { Table } from "../../postgres/sql.ts";

/** One configured stream and the table it is read from. */
export interface StreamPlan {
  readonly configured: ConfiguredStream;
  readonly descriptor: StreamDescriptor;
  readonly relation: Relation;
  /** The columns to read, in the order of the configured schema. */
  readonly columns: readonly Column[];
}

/** A configured stream that cannot be read, and why. */
export interface FailedStream {
  readonly descriptor: StreamDescriptor;
  readonly failure: Failure;
}

/** The schema of a stream configured without a namespace: where PostgreSQL itself would look. */
const DEFAULT_SCHEMA = "public";

/** The table a configured stream names. */
export function tableOf(stream: StreamDescriptor): Table {
  return { schema: stream.namespace || DEFAULT_SCHEMA, name: stream.name };
}

/** The names by which messages refer to a configured stream: exactly the configured ones. */
export function descriptorOf({ stream }: ConfiguredStream): StreamDescriptor {
  return stream.namespace
    ? { name: stream.name, namespace: stream.namespace }
    : { name: stream.name };
}

/**
 * Matches the configured streams with the tables of the snapshot, in the configured order.
 *
 * A stream whose table or columns are missing, or not readable, is returned as unreadable, with a
 * `config_error` that names them.
 */
export function planStreams(
  catalog: ConfiguredCatalog,
  description: CatalogDescription,
): { readonly plans: StreamPlan[]; readonly unreadable: FailedStream[] } {
  const plans: StreamPlan[] = [];
  const unreadable: FailedStream[] = [];
  for (const configured of catalog.streams) {
    const plan = planStream(configured, description);
    if ("failure" in plan) unreadable.push(plan);
    else plans.push(plan);
  }
  return { plans, unreadable };
}

function planStream(
  configured: ConfiguredStream,
  description: CatalogDescription,
): StreamPlan | FailedStream {
  const descriptor = descriptorOf(configured);
  const table = tableOf(descriptor);
  const relation = description.relations.find(
    (candidate) => candidate.schema === table.schema && candidate.name === table.name,
  );
  const label = streamLabel({ name: table.name, namespace: table.schema });
  const refuse = (code: "postgres.object_missing" | "postgres.permission_denied", why: string) => ({
    descriptor,
    failure: new Failure(code, why, {
      stream: { name: descriptor.name, namespace: descriptor.namespace ?? undefined },
      hint:
        code === "postgres.object_missing"
          ? "run discover again and update the configured catalog"
          : "grant the privilege to the configured user, or configure another one",
    }),
  });
  if (relation === undefined)
    return refuse("postgres.object_missing", `the table ${label} does not exist`);
  if (!isRelationReadable(relation))
    return refuse("postgres.permission_denied", `the user may not select from ${label}`);
  const readable = readableColumns(relation);
  const wanted = wantedColumns(configured) ?? readable.map((column) => column.name);
  const byName = new Map(relation.columns.map((column) => [column.name, column]));
  const missing = wanted.filter((name) => !byName.has(name));
  if (missing.length > 0)
    return refuse(
      "postgres.object_missing",
      `the table ${label} has no ${columnsNamed(missing)}, which the configured catalog names`,
    );
  const columns = wanted.map((name) => byName.get(name)!);
  const forbidden = columns.filter((column) => !column.isReadable).map((column) => column.name);
  if (forbidden.length > 0)
    return refuse(
      "postgres.permission_denied",
      `the user may not select ${columnsNamed(forbidden)} of ${label}`,
    );
  return { configured, descriptor, relation, columns };
}

/**
 * Columns whose type is not the one they had when the catalog was made, as `name is text and was
 * integer`. They are read as they are: whoever configured the catalog may want to keep the old type
 * for what fits it.
 */
export function changedTypes({ configured, columns }: StreamPlan): string[] {
  const properties = propertiesOf(configured) ?? {};
  return columns.flatMap(({ name, type }) => {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const before = isObject(schema) ? schema["x-postgres-type"] : undefined;
    const now = columnType(type).schema["x-postgres-type"];
    return typeof before === "string" && before !== now
      ? [`${name} is ${now} and was ${before}`]
      : [];
  });
}

/** The properties of the configured schema; undefined when it has none and says nothing. */
function wantedColumns(configured: ConfiguredStream): string[] | undefined {
  const properties = propertiesOf(configured);
  return properties && Object.keys(properties);
}

function propertiesOf({ stream }: ConfiguredStream): JsonObject | undefined {
  const properties = stream.json_schema["properties"];
  return isObject(properties) ? properties : undefined;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function columnsNamed(names: readonly string[]): string {
  return `${names.length === 1 ? "column" : "columns"} ${names.join(", ")}`;
}
