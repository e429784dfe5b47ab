import { endsTooEarly, MessageReader, notUnderstood } from "./message-reader.ts";

/** A column of a table as the log describes it. */
export interface LogColumn {
  readonly name: string;
  readonly typeOid: number;
  /** `pg_attribute.atttypmod`. */
  readonly typeModifier: number;
  /** Whether it is of the replica identity. */
  readonly isKey: boolean;
}

/** A table as the log describes it before its first change, and after every change of its shape. */
export interface LogRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly identity: "default" | "nothing" | "full" | "index";
  readonly columns: readonly LogColumn[];
}

/** The value is SQL NULL. */
export const NULL_VALUE = 0x6e; // n
/** A TOASTed value that was not written again; the log does not carry it. */
export const UNCHANGED_VALUE = 0x75; // u
/** The value is the text `bytes[starts[i]..ends[i])`, as the type's output function printed it. */
export const TEXT_VALUE = 0x74; // t

/** Where the values of one row lie. One object for all rows: what is needed later must be copied. */
export interface LogTuple {
  readonly bytes: Buffer;
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Takes what the log says, in the order of the log. */
export interface LogHandler {
  /** @param commitTime microseconds since 2000-01-01 UTC. */
  begin(commitLsn: bigint, commitTime: bigint, xid: number): void;
  commit(commitLsn: bigint, endLsn: bigint, commitTime: bigint): void;
  relation(relation: LogRelation): void;
  insert(relation: LogRelation, row: LogTuple): void;
  /**
   * A value that was not written again is taken from the old row where the log has it.
   *
   * @param old what the log has of the old row; absent where neither its key changed nor the replica
   * identity is the full row.
   * @param oldIsKeyOnly whether `old` has NULL for every column that is not of the replica identity.
   */
  update(
    relation: LogRelation,
    old: LogTuple | undefined,
    oldIsKeyOnly: boolean,
    row: LogTuple,
  ): void;
  delete(relation: LogRelation, old: LogTuple, oldIsKeyOnly: boolean): void;
  truncate(relations: readonly LogRelation[]): void;
  /** Somebody's `pg_logical_emit_message`; what it says is not looked at. */
  message(prefix: string): void;
}

const BEGIN = 0x42; // B
const COMMIT = 0x43; // C
const RELATION = 0x52; // R
const INSERT = 0x49; // I
const UPDATE = 0x55; // U
const DELETE = 0x44; // D
const TRUNCATE = 0x54; // T
const MESSAGE = 0x4d; // M
const ORIGIN = 0x4f; // O
const TYPE = 0x59; // Y

const NEW_ROW = 0x4e; // N
const OLD_KEY = 0x4b; // K
const OLD_ROW = 0x4f; // O

/** `pg_class.relreplident`. */
const IDENTITIES: ReadonlyMap<number, LogRelation["identity"]> = new Map([
  [0x64, "default"],
  [0x6e, "nothing"],
  [0x66, "full"],
  [0x69, "index"],
]);

const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * Reads the messages of the server's `pgoutput` plugin, protocol version 1 with values as text. A change
 * makes no object: the handler is given where the values lie. Origins are passed over, and so are
 * types, which the catalog describes better.
 */
export class PgoutputDecoder {
  readonly #handler: LogHandler;
  readonly #relations = new Map<number, LogRelation>();
  readonly #row = new Tuple();
  readonly #old = new Tuple();
  readonly #in = new MessageReader();

  constructor(handler: LogHandler) {
    this.#handler = handler;
  }

  /**
   * Hands the message `bytes[start..end)` to the handler, once it is known to be whole. Throws
   * `postgres.failed` for one that is not understood, and what the handler throws.
   */
  decode(bytes: Buffer, start: number, end: number): void {
    this.#in.begin(bytes, start, end);
    this.#read();
    // A row of a gigabyte must not be held while the next one arrives.
    this.#row.bytes = this.#old.bytes = NO_BYTES;
    this.#in.begin(NO_BYTES, 0, 0);
  }

  #read(): void {
    switch (this.#in.byte()) {
      case INSERT:
        return this.#insert();
      case UPDATE:
        return this.#update();
      case DELETE:
        return this.#delete();
      case BEGIN:
        return this.#begin();
      case COMMIT:
        return this.#commit();
      case RELATION:
        return this.#relation();
      case TRUNCATE:
        return this.#truncate();
      case MESSAGE:
        return this.#message();
      case ORIGIN:
      case TYPE:
        return;
      default:
        throw notUnderstood("is of an unknown kind");
    }
  }

  #insert(): void {
    const relation = this.#knownRelation();
    if (this.#in.byte() !== NEW_ROW) throw notUnderstood("lacks its row");
    this.#tuple(relation, this.#row);
    this.#in.finish();
    this.#handler.insert(relation, this.#row);
  }

  #update(): void {
    const relation = this.#knownRelation();
    let kind = this.#in.byte();
    const isKeyOnly = kind === OLD_KEY;
    const hasOld = isKeyOnly || kind === OLD_ROW;
    if (hasOld) {
      this.#tuple(relation, this.#old);
      kind = this.#in.byte();
    }
    if (kind !== NEW_ROW) throw notUnderstood("lacks its row");
    this.#tuple(relation, this.#row);
    this.#in.finish();
    if (hasOld) this.#row.fillFrom(this.#old);
    this.#handler.update(relation, hasOld ? this.#old : undefined, isKeyOnly, this.#row);
  }

  #delete(): void {
    const relation = this.#knownRelation();
    const kind = this.#in.byte();
    if (kind !== OLD_KEY && kind !== OLD_ROW) throw notUnderstood("lacks its old row");
    this.#tuple(relation, this.#old);
    this.#in.finish();
    this.#handler.delete(relation, this.#old, kind === OLD_KEY);
  }

  #begin(): void {
    const commitLsn = this.#in.int64();
    const commitTime = BigInt.asIntN(64, this.#in.int64());
    const xid = this.#in.int32() >>> 0;
    this.#in.finish();
    this.#handler.begin(commitLsn, commitTime, xid);
  }

  #commit(): void {
    this.#in.byte(); // flags, of which there are none
    const commitLsn = this.#in.int64();
    const endLsn = this.#in.int64();
    const commitTime = BigInt.asIntN(64, this.#in.int64());
    this.#in.finish();
    this.#handler.commit(commitLsn, endLsn, commitTime);
  }

  #relation(): void {
    const oid = this.#in.int32() >>> 0;
    const schema = this.#in.text() || "pg_catalog";
    const name = this.#in.text();
    const identity = IDENTITIES.get(this.#in.byte());
    if (identity === undefined) throw notUnderstood("has an unknown replica identity");
    const columns = Array.from({ length: this.#in.int16() }, (): LogColumn => {
      const isKey = (this.#in.byte() & 1) === 1;
      const column = this.#in.text();
      return {
        isKey,
        name: column,
        typeOid: this.#in.int32() >>> 0,
        typeModifier: this.#in.int32(),
      };
    });
    this.#in.finish();
    const relation = { oid, schema, name, identity, columns };
    this.#relations.set(oid, relation);
    this.#handler.relation(relation);
  }

  #truncate(): void {
    const count = this.#in.int32() >>> 0;
    this.#in.byte(); // CASCADE, RESTART IDENTITY
    if (count > this.#in.left / 4) throw endsTooEarly();
    const relations = Array.from({ length: count }, () => this.#knownRelation());
    this.#in.finish();
    this.#handler.truncate(relations);
  }

  #message(): void {
    this.#in.byte(); // whether it is of the transaction
    this.#in.int64(); // its LSN
    const prefix = this.#in.text();
    this.#in.skip(this.#in.int32() >>> 0);
    this.#in.finish();
    this.#handler.message(prefix);
  }

  #knownRelation(): LogRelation {
    const relation = this.#relations.get(this.#in.int32() >>> 0);
    if (relation === undefined) throw notUnderstood("is about a table that was not described");
    return relation;
  }

  #tuple(relation: LogRelation, tuple: Tuple): void {
    const count = this.#in.int16();
    if (count !== relation.columns.length) throw notUnderstood("has other columns than its table");
    tuple.reset(this.#in.bytes, count);
    const { kinds, starts, ends } = tuple;
    for (let column = 0; column < count; column++) {
      const kind = this.#in.byte();
      kinds[column] = kind;
      if (kind === TEXT_VALUE) {
        const length = this.#in.int32() >>> 0;
        starts[column] = this.#in.at;
        this.#in.skip(length);
        ends[column] = this.#in.at;
      } else if (kind !== NULL_VALUE && kind !== UNCHANGED_VALUE)
        throw notUnderstood("has a value that is not text");
    }
  }
}

class Tuple implements LogTuple {
  bytes: Buffer = NO_BYTES;
  count = 0;
  kinds: Uint8Array = new Uint8Array(0);
  starts: Int32Array = new Int32Array(0);
  ends: Int32Array = new Int32Array(0);

  reset(bytes: Buffer, count: number): void {
    this.bytes = bytes;
    this.count = count;
    if (count <= this.kinds.length) return;
    this.kinds = new Uint8Array(count);
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
  }

  /** Takes the values that were not written again from the old row of the same message. */
  fillFrom(old: Tuple): void {
    for (let column = 0; column < this.count; column++) {
      if (this.kinds[column] !== UNCHANGED_VALUE || old.kinds[column] !== TEXT_VALUE) continue;
      this.kinds[column] = TEXT_VALUE;
      this.starts[column] = old.starts[column]!;
      this.ends[column] = old.ends[column]!;
    }
  }
}
