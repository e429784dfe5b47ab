import { Failure } from "../../../protocol/errors.ts";
import type { Context } from "../../kit/contract.ts";
import type { RecordChange } from "../../../protocol/messages.ts";
import { label, quoteTable, type Table } from "../../postgres/sql.ts";
import { Batch } from "./batch.ts";
import { binaryKindOf } from "../../postgres/types/type-table.ts";
import { BINARY_KIND } from "../../postgres/types/kinds.ts";
import { BinaryWriter } from "../encode/binary/binary-writer.ts";
import { TEXT_FORMAT } from "../encode/text/text-format.ts";
import { BINARY_FORMAT } from "../encode/binary/binary-format.ts";
import { hasTypes, type BinaryTables } from "./load-formats.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { findRelations } from "../schema/relations.ts";
import { loadRepairing } from "./repair.ts";
import { RowEncoder, type RowTimes } from "../encode/row-encoder.ts";
import type { Session } from "../../postgres/session.ts";
import { loadedColumns, RAW_COLUMNS, type ColumnDefinition } from "../plan/tables.ts";
import { TextWriter } from "../encode/text/text-writer.ts";

/** The schema of tables that no other session sees. */
const TEMPORARY = "pg_temp";

/** Where the rows of a stream are loaded; undefined for a table the config leaves out. */
export interface LoadTargets {
  readonly final: Table | undefined;
  readonly raw: Table | undefined;
}

/**
 * The rows of one stream between stdin and the server: encodes records into the batch at hand, and
 * sends batches. Knows nothing of transactions and STATEs except how far the last STATE covers the
 * batch.
 */
export class Loader {
  readonly plan: StreamPlan;
  readonly targets: LoadTargets;
  encoder: RowEncoder;
  batch: Batch;
  /** Whether the source said COMPLETE. */
  isComplete = false;
  /** Records since the last STATE of this stream. */
  recordsSinceState = 0;
  /** Records taken in. */
  records = 0;
  /** Whether the open transaction holds rows of this stream that no STATE covers yet. */
  hasUncovered = false;
  /** Whether rows were sent since somebody last moved them on. */
  hasRowsToMerge = false;
  /** Whether rows were sent after the savepoint `covered`. */
  sentSinceSavepoint = false;
  /** How many values became NULL, by column and reason. */
  readonly changes = new Map<string, number>();

  readonly #session: Session;
  readonly #finalColumns: readonly ColumnDefinition[];
  #binary: BinaryTables = { final: false, raw: false };
  #canJudge = false;
  /** Whether the tables that take binary rows are locked, and have the types the rows are made for. */
  #areTypesSure = false;
  #spare: Batch;

  constructor(plan: StreamPlan, targets: LoadTargets, session: Session) {
    this.plan = plan;
    this.targets = targets;
    this.#session = session;
    this.encoder = encoderOf(plan, this.#binary);
    const parts = { final: targets.final !== undefined, raw: targets.raw !== undefined };
    this.batch = new Batch(parts);
    this.#spare = new Batch(parts);
    this.#finalColumns = loadedColumns(plan);
  }

  /**
   * Sets the format of the rows; text until then. Only before the first record.
   *
   * @param canJudge whether the server says of a text whether it is a value of a planned type, and
   *   the final table has those types.
   */
  useFormats(tables: BinaryTables, canJudge: boolean): void {
    this.#binary = tables;
    this.#canJudge = canJudge;
    this.encoder = encoderOf(this.plan, tables);
  }

  /** Completes the row the encoder read, with the changes its source announced. */
  endRow(source: Buffer, times: RowTimes, sourceChanges: readonly RecordChange[]): void {
    this.encoder.endRow(source, times, sourceChanges, this.batch.final, this.batch.raw);
    this.batch.rows++;
    this.records++;
    this.recordsSinceState++;
    for (const change of this.encoder.changes) this.#countChange(change);
    for (const { field, reason } of this.encoder.rawChanges)
      this.#count(`${field}, in the raw table alone: ${reason}`);
  }

  /** A STATE, or COMPLETE, covers everything so far. */
  cover(): void {
    this.batch.coverAll();
    this.hasUncovered = false;
  }

  onCommit(): void {
    this.hasUncovered = this.sentSinceSavepoint = this.#areTypesSure = false;
  }

  onRollbackToSavepoint(): void {
    this.hasUncovered = this.sentSinceSavepoint = this.#areTypesSure = false;
  }

  /** Says what had to be changed and what had no column. */
  report(context: Context): void {
    for (const [what, count] of this.changes)
      context.log("WARN", `${this.plan.label}: ${count} × NULL in place of a value: ${what}`);
    const unknown = [...this.encoder.unknownKeys];
    if (unknown.length > 0)
      context.log(
        "WARN",
        `${this.plan.label}: not in the catalog and so in the raw table only: ${unknown.join(", ")}`,
      );
  }

  /**
   * Sends the covered part of the batch, or all of it, and keeps the rest. Resolves when the server
   * has accepted the rows; encoding may go on meanwhile, into another buffer.
   */
  async send(what: "covered" | "all"): Promise<void> {
    const sending = this.batch;
    const rest = this.#spare;
    if (what === "covered") sending.splitUncovered(rest);
    else if (sending.rows > sending.covered.rows) this.hasUncovered = true;
    if (sending.rows > 0) this.sentSinceSavepoint = this.hasRowsToMerge = true;
    this.batch = rest;
    this.#spare = undefined as unknown as Batch;
    if (sending.rows > 0) await this.#load(sending);
    sending.clear();
    this.#spare = sending;
  }

  async #load(batch: Batch): Promise<void> {
    const { final, raw } = this.targets;
    const columns = this.plan.columns;
    const onRepair = (field: string, reason: string) =>
      this.#countChange({ field, change: "NULLED", reason });
    const loads = [
      raw && {
        rows: batch.raw!,
        table: raw,
        columns: namesOf(RAW_COLUMNS),
        format: this.#binary.raw ? BINARY_FORMAT : TEXT_FORMAT,
        metaColumn: -1,
        dataColumns: { from: 1, to: 2 },
        fieldOf: () => "_airbyte_data",
        isDocument: true,
        onRepair,
      },
      final && {
        rows: batch.final!,
        table: final,
        columns: namesOf(this.#finalColumns),
        format: this.#binary.final ? BINARY_FORMAT : TEXT_FORMAT,
        metaColumn: this.#finalColumns.length - 1,
        dataColumns: { from: 0, to: columns.length },
        fieldOf: (column: number) => columns[column]!.key,
        ...(this.#canJudge ? { typeOf: (column: number) => this.#judgedType(column) } : {}),
        onRepair,
      },
    ];
    if (!this.#areTypesSure) await this.#makeTypesSure();
    for (const load of loads) {
      if (load === undefined) continue;
      const count = await loadRepairing(this.#session, load, load.rows);
      if (count !== batch.rows)
        throw new Failure(
          "internal.bug",
          `the server took ${count} of ${batch.rows} rows of ${this.plan.label}`,
        );
    }
  }

  /**
   * Keeps others from altering the tables that take binary rows until the transaction ends, and
   * throws `postgres.conflict` if somebody did already: the bytes of one type can be a value of another.
   */
  async #makeTypesSure(): Promise<void> {
    const { final, raw } = this.targets;
    const sure: [Table, readonly ColumnDefinition[]][] = [];
    if (raw && this.#binary.raw) sure.push([raw, RAW_COLUMNS]);
    if (final && this.#binary.final && final.schema !== TEMPORARY)
      sure.push([final, this.#finalColumns]);
    this.#areTypesSure = true;
    if (sure.length === 0) return;
    const tables = sure.map(([table]) => table);
    await this.#session.run(
      `lock the tables of ${this.plan.label}`,
      `lock table ${tables.map(quoteTable).join(", ")} in row exclusive mode`,
    );
    const relations = await findRelations(this.#session, tables);
    for (const [table, columns] of sure) {
      if (hasTypes(relations.of(table), columns)) continue;
      throw new Failure("postgres.conflict", `${label(table)} was altered while it was loaded`, {
        hint: "run again: it is looked at anew",
      });
    }
  }

  /** Of binary rows, only values of text types are there as the text to ask about. */
  #judgedType(column: number): string | undefined {
    const { type, kind } = this.plan.columns[column]!;
    const isText = !this.#binary.final || binaryKindOf(type, kind) === BINARY_KIND.text;
    return isText ? type : undefined;
  }

  #countChange(change: RecordChange): void {
    this.#count(`${change.field}: ${change.reason}`);
  }

  #count(what: string): void {
    this.changes.set(what, (this.changes.get(what) ?? 0) + 1);
  }
}

function encoderOf({ columns }: StreamPlan, binary: BinaryTables): RowEncoder {
  const kinds = columns.map((column) => column.kind);
  return new RowEncoder(columns, {
    final: binary.final
      ? new BinaryWriter(columns.map(({ type, kind }) => binaryKindOf(type, kind)!))
      : new TextWriter(kinds),
    raw: binary.raw ? new BinaryWriter([]) : new TextWriter([]),
  });
}

function namesOf(columns: readonly ColumnDefinition[]): string[] {
  return columns.map((column) => column.name);
}
