import { isUtf8 } from "node:buffer";
import { streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { ReadContext } from "../../kit/contract.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import type { ChangePrinter } from "./change-printer.ts";
import { ChangeRecord } from "./change-record.ts";
import type { CurrentRows, KeyValue } from "./current-rows.ts";
import type { ChangeRows, FollowedStream } from "./followed-stream.ts";
import { changeTime } from "./pgoutput/log-row-encoder.ts";
import type { LogRelations } from "./log-relations.ts";
import {
  type LogHandler,
  type LogRelation,
  type LogTuple,
  TEXT_VALUE,
  UNCHANGED_VALUE,
} from "./pgoutput/pgoutput.ts";

/** How changes are read. */
export interface ChangesOptions {
  /** Everything committed before it was delivered. */
  readonly from: Lsn;
  /** Whether the destination understands changes that leave something unsaid. */
  readonly supportsChangeRecords: boolean;
  /** Whether the database says what the bytes of its texts mean. */
  readonly saysEncoding: boolean;
}

/** Prints the changes of followed streams as records, in the order of the log. */
export class Changes implements LogHandler {
  /** Where the change at hand lies. */
  lsn: Lsn = 0n;
  inTransaction = false;
  /** The transaction at hand. */
  xid = 0;
  readonly #options: ChangesOptions;
  readonly #relations: LogRelations;
  readonly #printer: ChangePrinter;
  readonly #current: CurrentRows;
  readonly #context: ReadContext;
  readonly #onCommit: (endLsn: Lsn) => void;
  readonly #record = new ChangeRecord();
  readonly #warned = new Set<FollowedStream>();
  #commitLsn: Lsn = 0n;

  /** @param onCommit called at the end of each transaction. */
  constructor(
    options: ChangesOptions,
    relations: LogRelations,
    printer: ChangePrinter,
    current: CurrentRows,
    context: ReadContext,
    onCommit: (endLsn: Lsn) => void,
  ) {
    this.#options = options;
    this.#relations = relations;
    this.#printer = printer;
    this.#current = current;
    this.#context = context;
    this.#onCommit = onCommit;
  }

  begin(commitLsn: Lsn, commitTime: bigint, xid: number): void {
    this.inTransaction = true;
    this.xid = xid;
    this.#commitLsn = commitLsn;
    this.#record.time = changeTime(commitTime);
  }

  commit(_commitLsn: Lsn, endLsn: Lsn): void {
    this.inTransaction = false;
    const committedAt = this.#record.time.toString("latin1").slice(1, -1);
    const reshaped = this.#relations.takeReshaped();
    if (endLsn > this.#options.from) this.#printer.between({ lsn: endLsn, committedAt, reshaped });
    this.#onCommit(endLsn);
  }

  relation(relation: LogRelation): void {
    this.#relations.described(relation);
  }

  insert(relation: LogRelation, row: LogTuple): void {
    const rows = this.#rowsOf(relation);
    if (rows === undefined) return;
    if (rows.computed.length > 0) this.#printLate(rows, row, rows.computed, []);
    else this.#print(rows, row, NONE);
  }

  update(
    relation: LogRelation,
    old: LogTuple | undefined,
    _oldIsKeyOnly: boolean,
    row: LogTuple,
  ): void {
    const rows = this.#rowsOf(relation);
    if (rows === undefined) return;
    const isMoved = old !== undefined && hasOtherKey(rows, old, row);
    if (isMoved) this.#print(rows, old, NONE, true);
    const unchanged = unchangedIn(rows, row);
    // Under a new key, too: the deletion right before it says which row has the values.
    const isKept = this.#options.supportsChangeRecords && !this.#isNew(rows);
    const toRead = isKept ? rows.computed : [...rows.computed, ...unchanged];
    if (toRead.length > 0) this.#printLate(rows, row, toRead, isKept ? unchanged : NONE);
    else this.#print(rows, row, unchanged);
  }

  delete(relation: LogRelation, old: LogTuple): void {
    const rows = this.#rowsOf(relation);
    if (rows !== undefined) this.#print(rows, old, NONE, true);
  }

  truncate(relations: readonly LogRelation[]): void {
    for (const relation of relations) {
      const rows = this.#rowsOf(relation);
      if (rows !== undefined) this.#truncate(rows.stream);
    }
  }

  message(): void {
    // The heartbeat's: that its transaction comes is all there is to it.
  }

  #truncate(stream: FollowedStream): void {
    if (this.#options.supportsChangeRecords) {
      this.#record.ofTruncate(this.#stampLsn(stream));
      this.#printer.record(stream, this.#record);
      return;
    }
    if (this.#warned.has(stream)) return;
    this.#warned.add(stream);
    this.#context.log(
      "WARN",
      `${streamLabel(stream.descriptor)}: the table was emptied by TRUNCATE, which cannot be told to the destination: the rows stay there`,
    );
  }

  /** How to read rows of a relation; undefined where nobody wants them, or they came already. */
  #rowsOf({ oid }: LogRelation): ChangeRows | undefined {
    if (this.#commitLsn < this.#options.from) return undefined;
    const rows = this.#relations.rowsOf(oid);
    return rows === undefined || this.#commitLsn < rows.stream.from ? undefined : rows;
  }

  /** Whether the destination may never have got the row before. */
  #isNew({ stream }: ChangeRows): boolean {
    const { resumedUpTo } = stream.position;
    return resumedUpTo !== undefined && this.#commitLsn < resumedUpTo;
  }

  /** Of one key none is lower than that of its first load, whatever ran at that moment. */
  #stampLsn({ from }: FollowedStream): Lsn {
    return this.lsn < from ? from : this.lsn;
  }

  #checkTexts({ stream }: ChangeRows, { bytes, count, kinds, starts, ends }: LogTuple): void {
    if (this.#options.saysEncoding) return;
    for (let at = 0; at < count; at++) {
      if (kinds[at] !== TEXT_VALUE || isUtf8(bytes.subarray(starts[at], ends[at]))) continue;
      throw new Failure(
        "postgres.bad_value",
        `a change of ${streamLabel(stream.descriptor)} has a text that is not UTF-8, and the encoding of the database, SQL_ASCII, does not say what its bytes mean`,
        { hint: "leave the table out, or read it as a full refresh with `encoding`" },
      );
    }
  }

  #print(rows: ChangeRows, row: LogTuple, unchanged: readonly string[], isDelete = false): void {
    this.#checkTexts(rows, row);
    this.#record.of(rows, row, this.#stampLsn(rows.stream), unchanged, isDelete);
    this.#printer.record(rows.stream, this.#record);
  }

  #printLate(
    rows: ChangeRows,
    row: LogTuple,
    names: readonly string[],
    unchanged: readonly string[],
  ): void {
    const { stream } = rows;
    this.#checkTexts(rows, row);
    this.#record.of(rows, row, this.#stampLsn(stream), NONE, false);
    const record = this.#record.copy();
    const key = keyIn(rows, row);
    const { xid } = this;
    const json = () => this.#current.complete(record, stream, key, { names, unchanged, xid });
    this.#printer.lateRecord({ stream, json });
  }
}

const NONE: readonly string[] = [];

function hasOtherKey({ key }: ChangeRows, old: LogTuple, row: LogTuple): boolean {
  return key.some(({ index }) => {
    if (row.kinds[index] === UNCHANGED_VALUE) return false;
    if (row.kinds[index] !== old.kinds[index]) return true;
    if (row.kinds[index] !== TEXT_VALUE) return false;
    const [start, end] = [row.starts[index]!, row.ends[index]!];
    return row.bytes.compare(old.bytes, old.starts[index], old.ends[index], start, end) !== 0;
  });
}

/** The properties whose values an update does not carry. */
function unchangedIn({ columns, lacking }: ChangeRows, { kinds }: LogTuple): readonly string[] {
  let names: string[] | undefined;
  for (const { name, index } of columns)
    if (index >= 0 && kinds[index] === UNCHANGED_VALUE) (names ??= [...lacking]).push(name);
  return names ?? lacking;
}

function keyIn({ key }: ChangeRows, row: LogTuple): KeyValue[] | undefined {
  const values = key.flatMap(({ name, index }): KeyValue[] => {
    if (name === undefined || row.kinds[index] !== TEXT_VALUE) return [];
    return [{ name, text: row.bytes.toString("utf8", row.starts[index], row.ends[index]) }];
  });
  return values.length === 0 || values.length < key.length ? undefined : values;
}
