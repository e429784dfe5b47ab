import type { Client } from "pg";
import { streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/messages.ts";
import { postgresFailure } from "../../postgres/errors.ts";
import { columnType } from "../../postgres/types/column-type.ts";
import { copyOut } from "../../postgres/copy-out.ts";
import { RowEncoder } from "./encode-row.ts";
import type { StreamPlan } from "../read/plan.ts";
import { RecordBlocks } from "./record-blocks.ts";
import type { ReadSettings } from "../read/read-settings.ts";
import { copyRows, type RowsQuery } from "../read/queries.ts";
import type { StreamReport } from "../read/stream-report.ts";

/** What a COPY of a stream's rows needs besides the plan. */
export interface CopyRequest extends Omit<RowsQuery, "table" | "columns"> {
  /**
   * Sees every row after it was printed: where its hidden columns lie, still escaped. Must not keep
   * `bytes`.
   */
  readonly onRow?: (bytes: Buffer, hidden: Int32Array) => void;
  /** Where a STATE may come between the rows; absent: nowhere. */
  readonly checkpoints?: Checkpoints;
}

/** Finds the places in a copy after which a later read can resume. */
export interface Checkpoints {
  /** Sees every row, as `onRow`. Whether a read can resume before this row. */
  isSafeBefore(bytes: Buffer, hidden: Int32Array): boolean;
  /** Called after the rows of one chunk, with the last one's bytes. Whether a read can resume here. */
  isSafeAfter(bytes: Buffer, hidden: Int32Array): boolean;
  /** The state to resume from at the last safe place, up to which this copy printed `records`. */
  state(records: number): JsonObject;
}

/**
 * Prints the rows of one query as RECORD lines, at the reader's pace. Returns how many.
 *
 * Throws `postgres.too_large` for a row beyond the limit, and `postgres.*` for what the server says;
 * records printed before that stay printed.
 */
export async function copyRecords(
  client: Client,
  plan: StreamPlan,
  request: CopyRequest,
  report: StreamReport,
  settings: ReadSettings,
): Promise<number> {
  const encoder = new RowEncoder(
    plan.columns.map((column) => ({ name: column.name, token: columnType(column.type).token })),
    request.hidden?.length ?? 0,
  );
  const blocks = new RecordBlocks(plan.descriptor, encoder, settings.now);
  const { onRow, checkpoints } = request;
  const printer = new RecordPrinter(blocks, report);
  const text = copyRows({ ...request, table: plan.relation, columns: plan.columns });
  let lastRow: Buffer | undefined;
  let lastState = settings.now();
  let sent: number;
  try {
    sent = await copyOut(
      client,
      text,
      {
        row: (bytes, start, end) => {
          blocks.append(bytes, start, end);
          onRow?.(bytes, encoder.hidden);
          if (checkpoints === undefined) return;
          if (checkpoints.isSafeBefore(bytes, encoder.hidden)) blocks.markBeforeLast();
          lastRow = bytes;
        },
        chunkDone: () => {
          if (lastRow !== undefined && checkpoints?.isSafeAfter(lastRow, encoder.hidden) === true)
            blocks.markAfterLast();
          lastRow = undefined;
          if (settings.signal.aborted) throw interrupted();
          if (checkpoints !== undefined) {
            const now = settings.now();
            if (now - lastState >= settings.checkpointMilliseconds) {
              const printed = printer.checkpoint(checkpoints);
              if (printed !== undefined) {
                lastState = now;
                return printed;
              }
            }
          }
          return printer.full();
        },
      },
      { maxRowBytes: settings.maxRowBytes, cancel: () => settings.canceller.request() },
    );
  } catch (error) {
    await printer.settled;
    if (settings.signal.aborted && checkpoints !== undefined) await printer.checkpoint(checkpoints);
    const label = streamLabel(plan.descriptor);
    if (error instanceof Failure && error.code === "postgres.too_large")
      throw new Failure(error.code, `could not read ${label}: ${error.message}`, {
        facts: error.facts,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    throw postgresFailure(`read ${label}`, error);
  }
  await printer.all();
  if (sent !== blocks.records)
    throw new Failure(
      "postgres.failed",
      `the server says it sent ${sent} rows, and ${blocks.records} arrived`,
    );
  return sent;
}

/** Hands blocks of records and the STATEs between them to the report, in order. */
class RecordPrinter {
  /** Resolves when everything so far is printed. */
  settled: Promise<void> = Promise.resolve();
  readonly #blocks: RecordBlocks;
  readonly #report: StreamReport;
  #reported = 0;
  #stated = 0;

  constructor(blocks: RecordBlocks, report: StreamReport) {
    this.#blocks = blocks;
    this.#report = report;
  }

  full(): Promise<void> | undefined {
    const full = this.#blocks.takeFull();
    return full === undefined ? undefined : this.#print(full);
  }

  all(): Promise<void> {
    return this.#print(this.#blocks.takeAll());
  }

  /** Prints what lies before the last safe place, and its STATE; undefined when there is none. */
  checkpoint(checkpoints: Checkpoints): Promise<void> | undefined {
    const marked = this.#blocks.takeMarked();
    if (marked === undefined || this.#blocks.taken === this.#stated) return undefined;
    this.#stated = this.#blocks.taken;
    return this.#print(marked, checkpoints.state(this.#blocks.taken));
  }

  #print(blocks: Buffer[], state?: JsonObject): Promise<void> {
    const records = this.#blocks.taken - this.#reported;
    this.#reported = this.#blocks.taken;
    const before = this.settled;
    const printed = (async () => {
      await before;
      await this.#report.records(blocks, records);
      if (state !== undefined) await this.#report.state(state);
    })();
    // Who waits for the copy hears of a failure too.
    this.settled = printed.catch(() => {});
    return printed;
  }
}

/** What stops a copy in its middle; the kit says which signal it was. */
export function interrupted(): Failure {
  return new Failure("sync.interrupted", "the read was asked to stop");
}
