import { streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { RecordPrinter } from "../../kit/source/record-printer.ts";
import type { CopySink } from "../../postgres/copy-sink.ts";
import type { Session } from "../../postgres/session.ts";
import { quoteName, quoteTable } from "../../postgres/sql.ts";
import { columnType } from "../../postgres/types/column-type.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import { CopyTextEncoder } from "./copy-text-encoder.ts";
import { type ForeignBytes, ForeignBytesRepair } from "./foreign-bytes.ts";
import type { SafePlaces } from "./safe-places.ts";
import { TailEncoder } from "./tail-encoder.ts";

/** Which rows of a table to print, and what to learn on the way. Whatever is SQL is quoted already. */
export interface RowRequest {
  /** Expressions after the columns, located but not printed. */
  readonly hidden?: readonly string[];
  readonly where?: string | undefined;
  readonly orderBy?: string | undefined;
  /**
   * Sees every row after it was printed: where its hidden columns lie, still escaped. Must not keep
   * `bytes`.
   */
  readonly onRow?: ((bytes: Buffer, hidden: Int32Array) => void) | undefined;
  /** Where a STATE may come between the rows; absent: nowhere. */
  readonly safePlaces?: SafePlaces | undefined;
}

/** What goes for all rows of a read. */
export interface RowOptions {
  readonly maxRowBytes: number;
  /** What to do with bytes that are no UTF-8; undefined where the server sends none. */
  readonly foreignBytes: ForeignBytes | undefined;
  /** Which COPYs are read right behind one, and may be sent before it has ended. */
  readonly copiesBehind: (copy: string) => readonly string[];
  /** Members of a JSON object that stand behind those of every row. */
  readonly tail?: Buffer | undefined;
}

/** Prints rows of one table as records. */
export class RowPrinter {
  readonly #session: Session;
  readonly #plan: ReadPlan;
  readonly #printer: RecordPrinter;
  readonly #options: RowOptions;

  constructor(session: Session, plan: ReadPlan, printer: RecordPrinter, options: RowOptions) {
    this.#session = session;
    this.#plan = plan;
    this.#printer = printer;
    this.#options = options;
  }

  /**
   * Prints the rows at the reader's pace. Returns how many.
   *
   * Throws `postgres.too_large` for a row beyond the limit, and `postgres.*` for what the server
   * says, `postgres.bad_value` for a text that is not UTF-8; records printed before that stay printed.
   */
  async print(request: RowRequest): Promise<number> {
    const printer = this.#printer;
    const { hidden, onRow, safePlaces } = request;
    const columns = new CopyTextEncoder(
      this.#plan.columns.map(({ name, type }) => ({ name, token: columnType(type).token })),
      hidden?.length ?? 0,
    );
    const { foreignBytes, tail } = this.#options;
    const encoder = tail === undefined ? columns : new TailEncoder(columns, tail);
    const names = this.#plan.columns.map(({ name }) => name);
    const repair = foreignBytes && new ForeignBytesRepair(foreignBytes, names, encoder);
    const stateAt = (records: number) => safePlaces!.stateAt(records);
    const before = printer.records;
    let lastRow: Buffer | undefined;
    const sent = await this.#copyOut(copyText(this.#plan, request), {
      row: (sent, start, end) => {
        const repaired = repair?.repaired(sent, start, end);
        const bytes = repaired?.bytes ?? sent;
        if (repaired === undefined) printer.row(encoder, sent, start, end);
        else printer.row(repaired.encoder, bytes, 0, bytes.length);
        onRow?.(bytes, columns.hidden);
        if (safePlaces === undefined) return;
        if (safePlaces.isSafeBefore(bytes, columns.hidden)) printer.markBeforeLast(stateAt);
        lastRow = bytes;
      },
      chunkDone: () => {
        if (lastRow !== undefined && safePlaces?.isSafeAfter(lastRow, columns.hidden) === true)
          printer.markAfterLast(stateAt);
        lastRow = undefined;
        return printer.chunkDone();
      },
    });
    await printer.flush();
    const arrived = printer.records - before;
    if (sent !== arrived)
      throw new Failure(
        "postgres.failed",
        `the server says it sent ${sent} rows, and ${arrived} arrived`,
      );
    return sent;
  }

  async #copyOut(copy: string, sink: CopySink): Promise<number> {
    const label = streamLabel(this.#plan.descriptor);
    const action = `read ${label}`;
    const { maxRowBytes, foreignBytes, copiesBehind } = this.#options;
    const encoding = (name: string) =>
      foreignBytes && this.#session.run(action, `set local client_encoding = ${name}`);
    try {
      // The bytes as they are; as UTF-8 the server would refuse them. A failure takes this back.
      await encoding("sql_ascii");
      const next = foreignBytes === undefined ? copiesBehind(copy) : [];
      const rows = await this.#session.copyOut(action, copy, sink, maxRowBytes, next);
      await encoding("utf8");
      return rows;
    } catch (error) {
      const { code, message, hint, facts } = error as Failure;
      if (!("limit_bytes" in facts || "row" in facts)) throw error;
      throw new Failure(code, `could not read ${label}: ${message}`, { hint, facts });
    }
  }
}

/**
 * A COPY of rows in text format, which takes no parameters. A table without columns gives one empty
 * line per row.
 */
export function copyText(
  { relation, columns }: ReadPlan,
  { hidden = [], where, orderBy }: RowRequest,
): string {
  const list = [
    ...columns.map((column) => columnType(column.type).select(quoteName(column.name))),
    ...hidden,
  ].join(", ");
  const filter = where === undefined ? "" : ` where ${where}`;
  const order = orderBy === undefined ? "" : ` order by ${orderBy}`;
  return `copy (select ${list} from ${quoteTable(relation)}${filter}${order}) to stdout`;
}
