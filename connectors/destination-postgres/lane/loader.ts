import { Failure } from "../../../protocol/errors.ts";
import type { Context } from "../../kit/contract.ts";
import { copyStatement, type CopyOutcome } from "../../postgres/loads.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { BINARY_KIND } from "../../postgres/types/kinds.ts";
import { binaryKindOf } from "../../postgres/types/type-table.ts";
import { BINARY_FORMAT } from "../encode/binary/binary-format.ts";
import { TEXT_FORMAT } from "../encode/text/text-format.ts";
import { addedBytes } from "../plan/row-width.ts";
import { loadedColumns, rawColumns, type ColumnDefinition } from "../plan/tables.ts";
import { findDependents } from "../publish/dependents.ts";
import { keptOut } from "../publish/kept-out.ts";
import { forStream } from "../../postgres/refused-stream.ts";
import { findRelations } from "../schema/relations.ts";
import type { CopyBatch } from "./copy-batches.ts";
import type { CopyRows } from "./copy-rows.ts";
import { loadThroughDetour } from "./detour.ts";
import { holdTables } from "./hold-tables.ts";
import { lostKey, rolesOf } from "./keys.ts";
import { hasTypes } from "./load-formats.ts";
import { loadRepairing } from "./repair.ts";
import type { RepairableLoad } from "./repairable-load.ts";
import { logStatements } from "./statement-log.ts";
import type { StreamTables } from "./stream-tables.ts";

/** The schema of tables that no other session sees. */
const TEMPORARY = "pg_temp";

/** A batch, and where it goes. */
export interface StreamBatch {
  readonly stream: StreamTables;
  readonly batch: CopyBatch;
  /** Whether the server says of a text whether it is a value of a column's type. */
  readonly canJudge: boolean;
}

/** Rows of a batch for one of its tables. */
interface TableLoad {
  readonly load: RepairableLoad;
  readonly rows: CopyRows;
  readonly of: StreamBatch;
}

/** Sends batches for the tables of their streams, inside the open transaction. */
export async function sendBatches(
  session: Session,
  batches: readonly StreamBatch[],
  context: Context,
): Promise<CopyOutcome> {
  const loads = batches.flatMap((one) => loadsOf(session, one));
  logStatements(
    context,
    loads.map(({ load }) => copyStatement(load)),
  );
  return session.loads.copyAll(loads.map(({ load, rows }) => ({ ...load, rows: rows.pieces() })));
}

/** Whether the server took all rows. */
export function isComplete(batches: readonly StreamBatch[], { taken }: CopyOutcome): boolean {
  const rows = batches.flatMap(({ stream: { loaded }, batch }) =>
    [loaded.raw, loaded.final].filter((table) => table !== undefined).map(() => batch.rows),
  );
  return rows.every((count, at) => taken[at] === count);
}

/**
 * Brings what the server did not take of batches to their tables, once the transaction is usable: a value
 * that it refuses becomes NULL and is counted in the stream's batches.
 *
 * The server says for each table that it took all rows. Throws `postgres.constraint` when a trigger keeps
 * rows out, and what cannot be mended, as its stream's failure.
 */
export async function completeBatches(
  session: Session,
  batches: readonly StreamBatch[],
  { taken, refused }: CopyOutcome,
): Promise<void> {
  const loads = batches.flatMap((one) => loadsOf(session, one));
  for (const [at, { load, rows, of }] of loads.entries()) {
    const { stream, batch } = of;
    const first = at === taken.length ? refused : taken[at];
    await forStream(stream.stream, async () => {
      if (first === batch.rows) return;
      const count = await loadRepairing(session, load, Buffer.concat(rows.pieces()), first);
      if (count === batch.rows) return;
      const dependents = (await findDependents(session, [load.table])).of(load.table);
      const what = `it took ${count} of ${batch.rows} rows of ${stream.plan.label}`;
      throw keptOut(load.table, { ...dependents, rules: [] }, { what }); // COPY runs no rules
    });
  }
}

/** The rows for the raw table, and for the final one. */
function loadsOf(session: Session, of: StreamBatch): TableLoad[] {
  const { batch } = of;
  const { plan, loaded, batches } = of.stream;
  const { binary } = batches;
  const onRepair = (field: string, reason: string) => batches.countChange(field, reason);
  const loads: TableLoad[] = [];
  if (loaded.raw)
    loads.push({
      of,
      rows: batch.raw!,
      load: {
        table: loaded.raw,
        columns: namesOf(rawColumns(plan)),
        types: typesOf(rawColumns(plan)),
        addedBytes: 0,
        format: binary.raw ? BINARY_FORMAT : TEXT_FORMAT,
        metaColumn: -1,
        dataColumns: { from: 1, to: 2 },
        fieldOf: () => "_airbyte_data",
        isDocument: true,
        onRepair,
      },
    });
  if (loaded.final) {
    const final = loaded.final;
    const load = finalLoad(of, final, onRepair);
    // Tables of ours alone have no index that could refuse a row.
    const detour = (rows: Buffer) =>
      loadThroughDetour(
        session,
        plan,
        final,
        (table) => loadRepairing(session, { ...load, table }, rows),
        (field, reason, count) => batches.countChange(field, reason, count),
      );
    loads.push({
      of,
      rows: batch.final!,
      load: final === plan.final ? { ...load, detour } : load,
    });
  }
  return loads;
}

function finalLoad(
  { stream: { plan, batches }, canJudge }: StreamBatch,
  table: Table,
  onRepair: RepairableLoad["onRepair"],
): RepairableLoad {
  const { binary } = batches;
  const columns = loadedColumns(plan);
  const roles = rolesOf(plan);
  /** Of binary rows, only values of text types are there as the text to ask about. */
  const judgedType = (column: number): string | undefined => {
    const { type, kind } = plan.columns[column]!;
    const isText = !binary.final || binaryKindOf(type, kind) === BINARY_KIND.text;
    return isText ? type : undefined;
  };
  return {
    table,
    columns: namesOf(columns),
    types: typesOf(columns),
    addedBytes: addedBytes(plan),
    format: binary.final ? BINARY_FORMAT : TEXT_FORMAT,
    metaColumn: columns.length - 1,
    dataColumns: { from: 0, to: plan.columns.length },
    fieldOf: (column: number) => plan.columns[column]!.key,
    kept: roles,
    lossOf: (column: number) =>
      roles.has(column) && roles.get(column) !== "cursor"
        ? lostKey(plan, column, "postgres.bad_value")
        : undefined,
    ...(canJudge ? { typeOf: judgedType } : {}),
    onRepair,
  };
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
  const sure: [Table, readonly ColumnDefinition[]][] = [];
  if (raw && batches.binary.raw) sure.push([raw, rawColumns(plan)]);
  if (final && batches.binary.final && final.schema !== TEMPORARY)
    sure.push([final, loadedColumns(plan)]);
  const [, relations] = await together([
    filled.length > 0 ? holdTables(session, filled) : Promise.resolve(),
    findRelations(
      session,
      sure.map(([table]) => table),
    ),
  ]);
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
