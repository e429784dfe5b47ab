import { Failure, ofStream } from "../../../protocol/errors.ts";
import type { CopyBuffer } from "../encode/copy-buffer.ts";
import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { BINARY_KIND } from "../../postgres/types/kinds.ts";
import { binaryKindOf } from "../../postgres/types/type-table.ts";
import { BINARY_FORMAT } from "../encode/binary/binary-format.ts";
import { TEXT_FORMAT } from "../encode/text/text-format.ts";
import { addedBytes } from "../plan/row-width.ts";
import { loadedColumns, RAW_COLUMNS, type ColumnDefinition } from "../plan/tables.ts";
import { findDependents } from "../publish/dependents.ts";
import { keptOut } from "../publish/kept-out.ts";
import { findRelations } from "../schema/relations.ts";
import type { CopyBatch } from "./copy-batches.ts";
import { loadThroughDetour } from "./detour.ts";
import { holdTables } from "./hold-tables.ts";
import { lostKey, rolesOf } from "./keys.ts";
import { hasTypes } from "./load-formats.ts";
import { loadRepairing, type RepairableLoad } from "./repair.ts";
import type { StreamTables } from "./stream-tables.ts";

/** The schema of tables that no other session sees. */
const TEMPORARY = "pg_temp";

/**
 * Loads a batch into the tables of its stream, inside the open transaction. A value that the server
 * refuses becomes NULL and is counted in the stream's batches.
 *
 * @param canJudge whether the server says of a text whether it is a value of a column's type.
 * @returns the number of rows that the server says it took, for each table: those of the batch. Throws
 *   `postgres.constraint` when a trigger keeps rows out, and what cannot be mended.
 */
export async function loadBatch(
  session: Session,
  { plan, loaded, batches }: StreamTables,
  batch: CopyBatch,
  canJudge: boolean,
): Promise<number> {
  const { binary } = batches;
  const finalColumns = loadedColumns(plan);
  const onRepair = (field: string, reason: string) => batches.countChange(field, reason);
  /** Of binary rows, only values of text types are there as the text to ask about. */
  const judgedType = (column: number): string | undefined => {
    const { type, kind } = plan.columns[column]!;
    const isText = !binary.final || binaryKindOf(type, kind) === BINARY_KIND.text;
    return isText ? type : undefined;
  };
  const roles = rolesOf(plan);
  const load = async (table: RepairableLoad, rows: CopyBuffer): Promise<void> => {
    const taken = await loadRepairing(session, table, rows.bytes.subarray(0, rows.length));
    if (taken === batch.rows) return;
    const dependents = (await findDependents(session, [table.table])).of(table.table);
    const what = `it took ${taken} of ${batch.rows} rows of ${plan.label}`;
    const found = { ...dependents, rules: [] }; // COPY runs none
    throw ofStream(keptOut(table.table, found, { what }), plan.stream);
  };
  if (loaded.raw)
    await load(
      {
        table: loaded.raw,
        columns: namesOf(RAW_COLUMNS),
        types: typesOf(RAW_COLUMNS),
        addedBytes: 0,
        format: binary.raw ? BINARY_FORMAT : TEXT_FORMAT,
        metaColumn: -1,
        dataColumns: { from: 1, to: 2 },
        fieldOf: () => "_airbyte_data",
        isDocument: true,
        onRepair,
      },
      batch.raw!,
    );
  if (loaded.final) {
    const final = loaded.final;
    const direct: RepairableLoad = {
      table: final,
      columns: namesOf(finalColumns),
      types: typesOf(finalColumns),
      addedBytes: addedBytes(plan),
      format: binary.final ? BINARY_FORMAT : TEXT_FORMAT,
      metaColumn: finalColumns.length - 1,
      dataColumns: { from: 0, to: plan.columns.length },
      fieldOf: (column: number) => plan.columns[column]!.key,
      kept: roles,
      lossOf: (column: number) =>
        roles.get(column) === "key" ? lostKey(plan, column, "postgres.bad_value") : undefined,
      ...(canJudge ? { typeOf: judgedType } : {}),
      onRepair,
    };
    // Tables of ours alone have no index that could refuse a row.
    const detour = (rows: Buffer) =>
      loadThroughDetour(
        session,
        plan,
        final,
        (table) => loadRepairing(session, { ...direct, table }, rows),
        (field, reason, count) => batches.countChange(field, reason, count),
      );
    await load(final === plan.final ? { ...direct, detour } : direct, batch.final!);
  }
  return batch.rows;
}

/**
 * Keeps others from altering or emptying the tables that take rows until the transaction ends, and
 * throws `postgres.conflict` if somebody did already: the bytes of one type can be a value of another,
 * and rows that are gone are not sent again.
 */
export async function lockTables(
  session: Session,
  { plan, loaded, batches }: StreamTables,
): Promise<void> {
  const { raw, final } = loaded;
  const filled = [raw, final].filter((table) => table && table.schema !== TEMPORARY) as Table[];
  if (filled.length > 0) await holdTables(session, filled);
  const sure: [Table, readonly ColumnDefinition[]][] = [];
  if (raw && batches.binary.raw) sure.push([raw, RAW_COLUMNS]);
  if (final && batches.binary.final && final.schema !== TEMPORARY)
    sure.push([final, loadedColumns(plan)]);
  if (sure.length === 0) return;
  const relations = await findRelations(
    session,
    sure.map(([table]) => table),
  );
  for (const [table, columns] of sure) {
    if (hasTypes(relations.of(table), columns)) continue;
    throw new Failure("postgres.conflict", `${label(table)} was altered while it was loaded`, {
      hint: "run again: its columns are looked at again",
    });
  }
}

function namesOf(columns: readonly ColumnDefinition[]): string[] {
  return columns.map((column) => column.name);
}

function typesOf(columns: readonly ColumnDefinition[]): string[] {
  return columns.map((column) => column.type);
}
