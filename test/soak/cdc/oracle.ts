import type { Database } from "../../support/fixtures.ts";
import { type Decoded, parseDecoded, type Row } from "./test-decoding.ts";
import { type Followed, followed, TYPES } from "./tables.ts";

/** One record that something in the log calls for. */
export interface Change {
  /** Its transaction, counted in the order of commits. */
  readonly transaction: number;
  readonly lsn: bigint;
  readonly committedAt: string;
  /** An update that gives a row another key is a deletion and an insertion. */
  readonly kind: "put" | "delete" | "truncate";
  /** Of the row; empty where the table has no key. */
  readonly key: string;
  /** What the log has of it; of a deletion of the old row. */
  readonly row: Row;
  /** Columns that the log does not have the values of, because nobody changed them. */
  readonly unchanged: readonly string[];
  /** The whole row behind a `put`. */
  readonly whole: Row;
  /** No record tells of it: the table was made anew, and is loaded anew. */
  readonly isUntold?: boolean;
  /** The row before, where the log has all of it. */
  readonly before: Row | undefined;
}

/** All that was committed, by table, in the order of the log. */
export type History = ReadonlyMap<string, readonly Change[]>;

/**
 * What was written to a database, told by PostgreSQL's own `test_decoding` from a slot of its own: none
 * of the product's code has a part in it.
 */
export class Oracle {
  readonly #database: Database;
  readonly slot: string;

  private constructor(database: Database) {
    this.#database = database;
    this.slot = `oracle_${database.config.database}`;
  }

  /** From now on everything is remembered. Before it, nothing may have been written. */
  static async open(database: Database): Promise<Oracle> {
    const oracle = new Oracle(database);
    await database.rows("select pg_create_logical_replication_slot($1, 'test_decoding')", [
      oracle.slot,
    ]);
    return oracle;
  }

  async close(): Promise<void> {
    await this.#database.rows("select pg_drop_replication_slot($1)", [this.slot]);
  }

  async history(): Promise<History> {
    const lines = await this.#database.rows(
      `select lsn - '0/0', data from pg_logical_slot_peek_changes($1, null, null,
         'include-xids', '0', 'include-timestamp', '1', 'skip-empty-xacts', '1')`,
      [this.slot],
    );
    const replay = new Replay();
    for (const [lsn, data] of lines) replay.line(BigInt(lsn!), data!);
    return replay.history;
  }
}

type RowChange = Extract<Decoded, { readonly old: unknown }>;

/** What most changes leave empty. */
const NOTHING = { key: "", row: {}, unchanged: [], whole: {}, before: undefined };

/** A change before its commit is known. */
type Pending = Omit<Change, "transaction" | "committedAt"> & { readonly table: string };

class Replay {
  readonly history = new Map<string, Change[]>();
  /** Rows with a key, as they are after the changes so far. */
  readonly #rows = new Map<string, Map<string, Row>>();
  #pending: Pending[] = [];
  #transaction = 0;

  line(lsn: bigint, data: string): void {
    const decoded = parseDecoded(data);
    switch (decoded.kind) {
      case "begin":
        this.#pending = [];
        break;
      case "message":
        break;
      case "anew": {
        const table = followed(decoded.table)!;
        this.#truncate(table, lsn, true);
        break;
      }
      case "commit":
        this.#commit(decoded.time);
        break;
      case "truncate": {
        const tables = new Set(decoded.tables.map(followed));
        for (const table of tables) if (table) this.#truncate(table, lsn);
        break;
      }
      default: {
        const table = followed(decoded.table);
        if (table) this.#change(table, lsn, decoded);
      }
    }
  }

  #commit(time: string): void {
    this.#transaction++;
    for (const { table, ...change } of this.#pending) {
      const changes = this.history.get(table) ?? [];
      this.history.set(table, changes);
      changes.push({ ...change, transaction: this.#transaction, committedAt: time });
    }
  }

  #truncate({ name }: Followed, lsn: bigint, isUntold = false): void {
    this.#rows.delete(name);
    this.#pending.push({ ...NOTHING, table: name, lsn, kind: "truncate", isUntold });
  }

  #change(table: Followed, lsn: bigint, change: RowChange): void {
    const [old, row] = [change.old && lasting(change.old), change.row && lasting(change.row)];
    const unchanged = change.unchanged.filter((column) => column in TYPES);
    const rows = this.#rows.get(table.name) ?? new Map<string, Row>();
    this.#rows.set(table.name, rows);
    // Under the identity FULL the log has the old row, not its key alone.
    const of = { table: table.name, lsn, before: old?.["version"] === undefined ? undefined : old };
    const from = old && keyOf(table, old);
    const to = row && keyOf(table, row);
    const was = rows.get((from ?? to)!);
    // Without a key there is no row that another one could be the next version of.
    if (from !== undefined && (to === undefined || from !== to)) {
      this.#pending.push({ ...NOTHING, ...of, kind: "delete", key: from, row: old! });
      rows.delete(from);
    }
    if (row === undefined) return;
    const source = of.before ?? was;
    const kept = Object.fromEntries(unchanged.map((column) => [column, source?.[column] ?? null]));
    const whole = { ...row, ...kept };
    rows.set(to!, whole);
    // The log's old row has what its new one leaves out.
    const known = of.before ? { row: whole, unchanged: [] } : { row, unchanged };
    this.#pending.push({ ...of, kind: "put", key: to!, whole, ...known });
  }
}

/** A row without the columns that come and go. */
const lasting = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([column]) => column in TYPES));

/** What tells a row from others; nothing where there is no key. */
export function keyOf({ key }: Followed, row: Row): string {
  return key.map((column) => row[column]).join("\n");
}
