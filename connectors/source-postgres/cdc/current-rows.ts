import { streamLabel } from "../../../protocol/catalog.ts";
import type { Session } from "../../postgres/session.ts";
import { quoteLiteral, quoteName } from "../../postgres/sql.ts";
import { columnType } from "../../postgres/types/column-type.ts";
import { CopyTextEncoder } from "../rows/copy-text-encoder.ts";
import { copyText } from "../rows/row-printer.ts";
import type { FollowedStream } from "./followed-stream.ts";
import type { VisibleTransactions } from "./visible-transactions.ts";

/** A value of the key of a row, as the log has it. */
export interface KeyValue {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads values that the log does not carry from the rows as they are now, which may be newer than the
 * change. Each is named in the `meta` of its record; where the row is gone it is NULL, and that is said.
 */
export class CurrentRows {
  readonly #session: Session;
  readonly #maxRowBytes: number;
  readonly #transactions: VisibleTransactions;

  constructor(session: Session, transactions: VisibleTransactions, maxRowBytes: number) {
    this.#session = session;
    this.#transactions = transactions;
    this.#maxRowBytes = maxRowBytes;
  }

  /**
   * The record `{…}` with the values of `names` added, and the `meta` that says so, and which ones are
   * `unchanged`. Throws `postgres.*`.
   *
   * @param xid the transaction of the change.
   * @param key undefined where it is not known: then the row is not found.
   */
  async complete(
    record: Buffer,
    stream: FollowedStream,
    key: readonly KeyValue[] | undefined,
    {
      names,
      unchanged,
      xid,
    }: {
      readonly names: readonly string[];
      readonly unchanged: readonly string[];
      readonly xid: number;
    },
  ): Promise<Buffer> {
    await this.#transactions.sees(xid);
    const values = key === undefined ? undefined : await this.#read(stream, key, names);
    const change = values === undefined ? "NULLED" : "TRUNCATED";
    const reason = "SOURCE_RETRIEVAL_ERROR";
    const changes = names.map((field) => ({ field, change, reason }));
    const meta = Buffer.from(
      `,"meta":${JSON.stringify({
        changes,
        ...(unchanged.length > 0 && { unchanged }),
      })}`,
    );
    const found = values ?? Buffer.from(JSON.stringify(nulls(names)));
    // Of a row whose only value is NULL in a JSON column, nothing was printed.
    const isEmpty = found.length === 2;
    return isEmpty
      ? Buffer.concat([record, meta])
      : Buffer.concat([found.subarray(0, -1), COMMA, record.subarray(1), meta]);
  }

  async #read(
    { plan }: FollowedStream,
    key: readonly KeyValue[],
    names: readonly string[],
  ): Promise<Buffer | undefined> {
    const columns = plan.columns.filter(({ name }) => names.includes(name));
    const where = key.map(({ name, text }) => `${quoteName(name)} = ${quoteLiteral(text)}`);
    const encoder = new CopyTextEncoder(
      columns.map(({ name, type }) => ({ name, token: columnType(type).token })),
    );
    let found: Buffer | undefined;
    const sink = {
      row: (bytes: Buffer, start: number, end: number) => {
        const out = Buffer.allocUnsafe(encoder.room(bytes, start, end));
        found = out.subarray(0, encoder.encode(bytes, start, end, out, 0));
      },
      chunkDone: () => undefined,
    };
    const copy = copyText({ ...plan, columns }, { where: where.join(" and ") });
    const action = `read ${streamLabel(plan.descriptor)}`;
    await this.#session.whileReading(() =>
      this.#session.copyOut(action, copy, sink, this.#maxRowBytes),
    );
    return found;
  }
}

const COMMA = Buffer.from(",");

const nulls = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));
