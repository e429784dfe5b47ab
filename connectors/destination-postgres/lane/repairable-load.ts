import type { Failure } from "../../../protocol/errors.ts";
import type { Table } from "../../postgres/sql.ts";
import type { CopyFormat } from "../encode/copy-format.ts";
import type { Misfit } from "../encode/field-writer.ts";

/** A table to load, and what may be done to a row it refuses. */
export interface RepairableLoad {
  readonly table: Table;
  /** Columns of the rows, in order. */
  readonly columns: readonly string[];
  /** Their types, as `format_type` prints them. */
  readonly types: readonly string[];
  /** What a row gets beside them, there or in a table that it goes on to. */
  readonly addedBytes: number;
  readonly format: CopyFormat;
  /** Index of `_airbyte_meta` among them; -1 when there is none. */
  readonly metaColumn: number;
  /** Which columns hold the stream's values and may become NULL: from the first to before the last. */
  readonly dataColumns: { readonly from: number; readonly to: number };
  /** The name of a column in `_airbyte_meta.changes`. */
  readonly fieldOf: (column: number) => string;
  /** What to throw in place of giving up the value of a column; undefined: it may become NULL. */
  readonly lossOf?: (column: number) => Failure | undefined;
  /** Columns that are not given up for the sake of others. */
  readonly kept?: { has(column: number): boolean };
  /** The type of a column whose values the server can be asked about beforehand; undefined: it cannot. */
  readonly typeOf?: (column: number) => string | undefined;
  /** Whether the data column is a whole record, of which one field can be given up. */
  readonly isDocument?: boolean;
  /**
   * Brings rows of which the server says no column to the table, another way, and returns how many it
   * took; undefined where only the width of a row can be to blame.
   */
  readonly detour?: (rows: Buffer) => Promise<number>;
  readonly onRepair: (field: string, reason: Misfit) => void;
}
