import type { Database } from "../../support/fixtures.ts";
import { type Followed, TYPES } from "./tables.ts";
import type { Row } from "./test-decoding.ts";

/** A record as it arrived, wherever it was put. */
export interface Arrived {
  readonly lsn: bigint;
  readonly updatedAt: string;
  readonly deletedAt: string | null;
  readonly row: Row;
  /** Fields that it says to be unchanged and unknown. */
  readonly unknown: readonly string[];
  /** Fields that it says to be others than at the time of the change. */
  readonly noted: readonly string[];
}

/** A version in a history. */
export interface Version extends Arrived {
  readonly start: bigint;
  readonly end: bigint | null;
  readonly isActive: boolean;
}

interface Meta {
  readonly changes?: readonly { readonly field: string }[];
  readonly unchanged?: readonly string[];
}

const names = Object.keys(TYPES);
const CDC = "_ab_cdc_lsn, _ab_cdc_updated_at::timestamptz, _ab_cdc_deleted_at::timestamptz";
const columns = (of: (name: string) => string) =>
  names.map((name) => `(${of(name)})::${TYPES[name]}::text`).join(", ");

/** The rows of a typed table. */
export async function rowsOf(database: Database, { name }: Followed): Promise<Arrived[]> {
  const rows = await database.rows(
    `select ${CDC}, _airbyte_meta, ${columns((column) => column)} from ${name}`,
  );
  return rows.map(arrived);
}

/** The records that a raw table keeps. */
export async function rawOf(database: Database, { name }: Followed): Promise<Arrived[]> {
  const rows = await database.rows(
    `select (_airbyte_data ->> '_ab_cdc_lsn')::bigint, (_airbyte_data ->> '_ab_cdc_updated_at')::timestamptz,
            (_airbyte_data ->> '_ab_cdc_deleted_at')::timestamptz, _airbyte_meta,
            ${columns((column) => `_airbyte_data ->> '${column}'`)}
       from _airbyte_raw_${name}`,
  );
  return rows.map(arrived);
}

/** The versions of a history. */
export async function versionsOf(database: Database, { name }: Followed): Promise<Version[]> {
  const rows = await database.rows(
    `select ${CDC}, null, ${columns((column) => column)},
            _airbyte_start_at, _airbyte_end_at, _airbyte_active_row
       from ${name}_scd`,
  );
  return rows.map((row) => {
    const [start, end, isActive] = row.slice(-3);
    return {
      ...arrived(row),
      start: BigInt(start!),
      end: end === null ? null : BigInt(end!),
      isActive: isActive === "1",
    };
  });
}

/** The rows of a table at the source. */
export async function currentOf(database: Database, { name }: Followed): Promise<Row[]> {
  const rows = await database.rows(`select ${columns((column) => column)} from ${name}`);
  return rows.map(rowFrom);
}

function arrived([lsn, updatedAt, deletedAt, meta, ...values]: (string | null)[]): Arrived {
  const { changes = [], unchanged = [] } = JSON.parse(meta ?? "{}") as Meta;
  return {
    lsn: BigInt(lsn!),
    updatedAt: updatedAt!,
    deletedAt: deletedAt!,
    row: rowFrom(values),
    unknown: unchanged,
    noted: changes.map(({ field }) => field),
  };
}

const rowFrom = (values: readonly (string | null)[]): Row =>
  Object.fromEntries(names.map((name, at) => [name, values[at]!]));
