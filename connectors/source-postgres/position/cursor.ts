import { Failure } from "../../../protocol/errors.ts";
import { refusedStream } from "../../postgres/refused-stream.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { label, quoteLiteral, quoteName, quoteTable } from "../../postgres/sql.ts";
import { baseOf, columnType } from "../../postgres/types/column-type.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import type { SourceColumn } from "../catalog/relation.ts";

/** The column a stream follows, and how to speak of it in SQL. */
export interface Cursor {
  readonly column: SourceColumn;
  /** Quoted name. */
  readonly name: string;
  /** The type its values are compared in: quoted, without length limits. */
  readonly type: string;
  /** A value as a constant of `type`. */
  readonly literal: (text: string) => string;
  /**
   * SQL for a text that equal values share and others do not, which the type reads as an equal
   * value; undefined where there is none, as under collations that ignore differences.
   */
  readonly identity: string | undefined;
  /** The least value that is not finite; undefined for types that have none. */
  readonly infinity: string | undefined;
  /** Condition for values that something can be greater than: no NaN, no infinity. */
  readonly isFinite: string;
  /**
   * Of dates: SQL for a time, of the column's type, that every clock which fills the column has
   * reached. A column without a time zone may hold the local time of any place.
   */
  readonly clock: string | undefined;
}

/** Clocks go slowest west of all land, 12 hours behind UTC, which is the time of our sessions. */
const CLOCKS: Readonly<Record<string, string>> = {
  date: "(now() - interval '12 hours')::date",
  timestamp: "(now() - interval '12 hours')::timestamp",
  timestamptz: "now()",
};
const INFINITE: ReadonlySet<string> = new Set([
  ...Object.keys(CLOCKS),
  "float4",
  "float8",
  "numeric",
]);

/** Types whose values say when or how far, and nothing of anybody: they may be shown. */
const SHOWN: ReadonlySet<string> = new Set([...Object.keys(CLOCKS), "int2", "int4", "int8"]);

/** From where to where a read has moved the cursor, for the log. No value of another type is shown. */
export function cursorMove({ column }: Cursor, before: unknown, after: unknown): string {
  const isShown = SHOWN.has(baseOf(column.type).name);
  const text = (value: unknown) => (typeof value === "string" ? value : "none");
  if (isShown) return `cursor ${column.name}: ${text(before)} → ${text(after)}`;
  return `cursor ${column.name}: ${before === after ? "as before" : "moved"}`;
}

/** The cursor of an incremental stream. Throws `stream.cursor_invalid` naming table and column. */
export function cursorOf({ configured, relation, columns }: ReadPlan): Cursor {
  const [field, ...deeper] =
    configured.cursor_field ?? configured.stream.default_cursor_field ?? [];
  const table = label(relation);
  if (field === undefined || deeper.length > 0)
    throw new Failure("stream.cursor_invalid", `no column is chosen as cursor of ${table}`, {
      hint: "set cursor_field to one column",
    });
  const column =
    columns.find(({ name }) => name === field) ??
    relation.columns.find(({ name, isReadable }) => name === field && isReadable);
  if (column === undefined)
    throw new Failure("stream.cursor_invalid", `${table} has no column ${field}, its cursor`, {
      hint: "run discover again and choose another cursor_field",
    });
  if (!columnType(column.type).isCursor) throw unusable(table, column, "Unsupported cursor type");
  const base = baseOf(column.type);
  const name = quoteName(column.name);
  const type = `${quoteName(base.schema)}.${quoteName(base.name)}`;
  return {
    column,
    name,
    type,
    identity: base.schema === "pg_catalog" ? identityOf(column, base.name, name) : undefined,
    infinity: INFINITE.has(base.name) ? `'Infinity'::${type}` : undefined,
    literal: (text) => `${quoteLiteral(text)}::${type}`,
    isFinite: INFINITE.has(base.name)
      ? `(${name} < 'Infinity'::${type} and ${name} > '-Infinity'::${type})`
      : "true",
    clock: CLOCKS[base.name],
  };
}

const COLLATED: ReadonlySet<string> = new Set(["text", "varchar", "bpchar", "name"]);

function identityOf(column: SourceColumn, type: string, name: string): string | undefined {
  // 1.0 and 1.00 are equal, and so are 0 and -0. ("numeric" always is the one of pg_catalog.)
  if (type === "numeric") return `trim_scale(${name})::text`;
  if (type === "float4" || type === "float8") return `(${name} + 0)::text`;
  // Only the default collation is known to tell all texts apart.
  if (!COLLATED.has(type)) return `${name}::text`;
  const isDefault = column.collation === undefined && column.type.base === undefined;
  return isDefault ? `${name}::text` : undefined;
}

/**
 * Looks at all incremental streams before anything is read: a cursor must exist, have an order, and
 * no NULL in it. Gives a `stream.cursor_invalid` for each stream where that is not so, and what the server
 * refuses of one each time it is asked, such as a view that divides by zero. The open transaction stays
 * usable.
 */
export async function checkCursors(
  session: Session,
  plans: readonly ReadPlan[],
): Promise<Map<ReadPlan, Failure>> {
  if (plans.length === 0) return new Map();
  const failures = new Map<ReadPlan, Failure>();
  const check = async (plan: ReadPlan) => {
    const failure = await checkCursor(session, plan);
    if (failure) failures.set(plan, failure);
  };
  try {
    await together([session.run("set a savepoint", SAVEPOINT), ...plans.map(check)]);
  } catch (error) {
    refusalOf(error, plans[0]!);
    // One that the server refuses takes those with it that were sent behind it.
    for (const plan of plans) {
      await session.run("go back to a savepoint", GO_BACK);
      await check(plan).catch((error: unknown) => failures.set(plan, refusalOf(error, plan)));
    }
    await session.run("go back to a savepoint", GO_BACK);
  }
  return failures;
}

const SAVEPOINT = "savepoint cursors";
const GO_BACK = "rollback to cursors";

/** Why a stream cannot be read; throws what is not of that stream alone. */
function refusalOf(error: unknown, { descriptor }: ReadPlan): Failure {
  const refused = refusedStream(error, descriptor);
  if (refused instanceof Failure && refused.stream) return refused;
  throw error;
}

async function checkCursor(session: Session, plan: ReadPlan): Promise<Failure | undefined> {
  const { column, name } = cursorOf(plan);
  if (column.isNotNull) return undefined;
  const empty = await session.query(`look for empty cursors in ${label(plan.relation)}`, {
    text: `select from ${quoteTable(plan.relation)} where ${name} is null limit 1`,
    values: [],
  });
  return empty.length > 0
    ? unusable(label(plan.relation), column, "Cursor column contains NULL value")
    : undefined;
}

/** Word for word as Airbyte's users know it. */
const INVALID_CURSORS =
  "The following tables have invalid columns selected as cursor, please select a column with a well-defined ordering with no null values as a cursor.";

function unusable(table: string, column: SourceColumn, cause: string): Failure {
  const type = baseOf(column.type).format;
  const place = `{tableName='${table}', cursorColumnName='${column.name}', cursorSqlType=${SQL_TYPES[type] ?? "OTHER"}, cause=${cause}}`;
  return new Failure("stream.cursor_invalid", `${INVALID_CURSORS} ${place}`);
}

const SQL_TYPES: Readonly<Record<string, string>> = {
  bigint: "BIGINT",
  boolean: "BOOLEAN",
  date: "DATE",
  "double precision": "DOUBLE",
  integer: "INTEGER",
  numeric: "NUMERIC",
  real: "REAL",
  smallint: "SMALLINT",
  text: "VARCHAR",
  "character varying": "VARCHAR",
  "timestamp without time zone": "TIMESTAMP",
  "timestamp with time zone": "TIMESTAMP_WITH_TIMEZONE",
};
