import type { Client } from "pg";
import { streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { postgresFailure } from "../postgres/errors.ts";
import { columnType } from "../postgres/types.ts";
import { copyOut } from "./copy-out.ts";
import { RowEncoder } from "./encode-row.ts";
import type { StreamPlan } from "./plan.ts";
import { RecordBlocks } from "./record-blocks.ts";
import { copyRows, type RowsQuery } from "./queries.ts";
import type { StreamReport } from "./stream-report.ts";

/** What a COPY of a stream's rows needs besides the plan. */
export interface CopyRequest extends Omit<RowsQuery, "table" | "columns"> {
  /** Whether to deliver all rows even when the read is to end: set it where that takes a moment. */
  readonly isWhole?: boolean;
  /**
   * Sees every row after it was printed: where its hidden columns lie, still escaped. Must not keep
   * `bytes`.
   */
  readonly onRow?: (bytes: Buffer, hidden: Int32Array) => void;
}

/** What the copies of one stream share. */
export interface CopySettings {
  readonly maxRowBytes: number;
  readonly now: () => number;
  /** Asks the server to stop the running statement. */
  readonly cancel: () => void;
  /** Aborts when the read is to end at the next safe place. */
  readonly signal: AbortSignal;
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
  settings: CopySettings,
): Promise<number> {
  const encoder = new RowEncoder(
    plan.columns.map((column) => ({ name: column.name, token: columnType(column.type).token })),
    request.hidden?.length ?? 0,
  );
  const blocks = new RecordBlocks(plan.descriptor, encoder, settings.now);
  const { onRow } = request;
  let reported = 0;
  const print = (full: Buffer[]) => {
    const records = blocks.records - reported;
    reported = blocks.records;
    return report.records(full, records);
  };
  const text = copyRows({ ...request, table: plan.relation, columns: plan.columns });
  let sent: number;
  try {
    sent = await copyOut(
      client,
      text,
      {
        row: (bytes, start, end) => {
          blocks.append(bytes, start, end);
          onRow?.(bytes, encoder.hidden);
        },
        chunkDone: () => {
          if (settings.signal.aborted && request.isWhole !== true) throw interrupted();
          const full = blocks.takeFull();
          return full === undefined ? undefined : print(full);
        },
      },
      { maxRowBytes: settings.maxRowBytes, cancel: settings.cancel },
    );
  } catch (error) {
    const label = streamLabel(plan.descriptor);
    if (error instanceof Failure && error.code === "postgres.too_large")
      throw new Failure(error.code, `could not read ${label}: ${error.message}`, {
        facts: error.facts,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    throw postgresFailure(`read ${label}`, error);
  }
  await print(blocks.takeAll());
  if (sent !== blocks.records)
    throw new Failure(
      "postgres.failed",
      `the server says it sent ${sent} rows, and ${blocks.records} arrived`,
    );
  return sent;
}

/** What stops a copy in its middle; the kit says which signal it was. */
export function interrupted(): Failure {
  return new Failure("sync.interrupted", "the read was asked to stop");
}
