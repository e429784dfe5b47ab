import { INTEGER, record, stream, TEXT, TIMESTAMPTZ, type StreamSpec } from "./drive.ts";

/** A bigint as our source announces it. */
const BIGINT = { type: "integer", airbyte_type: "integer" };

/** A stream `t` of the changes of a table of a key and three texts. */
export const changes = (spec: Partial<StreamSpec> = {}): StreamSpec =>
  stream({
    name: "t",
    properties: {
      id: INTEGER,
      name: TEXT,
      body: TEXT,
      note: TEXT,
      _ab_cdc_lsn: BIGINT,
      _ab_cdc_updated_at: TIMESTAMPTZ,
      _ab_cdc_deleted_at: TIMESTAMPTZ,
    },
    mode: "append_dedup",
    incremental: true,
    key: ["id"],
    cursor: "_ab_cdc_lsn",
    ...spec,
  });

/** When what is at a place in the log was committed. */
export const timeOf = (lsn: number): string => `2024-01-01T00:${at(lsn / 60)}:${at(lsn % 60)}Z`;
const at = (value: number) => String(Math.floor(value)).padStart(2, "0");

/** A RECORD of a change; what `data` does not say of the row is left out. */
export function change(
  lsn: number,
  data: object,
  {
    deleted = false,
    ...meta
  }: { deleted?: boolean; unchanged?: string[]; operation?: string } = {},
): string {
  const marks = {
    _ab_cdc_lsn: lsn,
    _ab_cdc_updated_at: timeOf(lsn),
    _ab_cdc_deleted_at: deleted ? timeOf(lsn) : null,
  };
  const line = record("t", { ...data, ...marks }, 1_663_940_000_000 + lsn);
  const said = Object.keys(meta).length > 0 ? `,"meta":${JSON.stringify(meta)}` : "";
  return line.replace(/\}\}$/, `${said}}}`);
}

export const remove = (lsn: number, id: number): string =>
  change(lsn, { id, name: null, body: null, note: null }, { deleted: true });

export const truncate = (lsn: number): string =>
  change(lsn, {}, { deleted: true, operation: "truncate" });

export interface Row {
  readonly id: number;
  readonly name: string;
  readonly body: string | null;
  readonly note: string | null;
}

interface Version {
  readonly row: Row;
  readonly from: number;
  to: number | null;
}

/**
 * A table that is changed at random, what its log says of it, and what should be known of it then. The
 * values come from the table, never from the log.
 */
export class ChangedTable {
  /** RECORD lines, in transactions. */
  readonly transactions: string[][] = [];
  readonly #random: () => number;
  readonly #rows = new Map<number, Version>();
  readonly #versions: Version[] = [];
  /** The last row of each key that is gone, and since when. */
  readonly #gone = new Map<number, { readonly row: Row; readonly since: number }>();
  readonly #snapshot: number;
  #lsn = 0;
  #lines: string[] = [];

  /** @param snapshot the place in the log before which all changes are said to be at it. */
  constructor(seed: number, snapshot: number) {
    this.#random = randomOf(seed);
    this.#snapshot = snapshot;
  }

  /** Runs a transaction of some changes. */
  change(): void {
    this.#lines = [];
    for (let i = 0; i < 1 + this.#below(6); i++) this.#changeOnce();
    this.transactions.push(this.#lines);
  }

  get rows(): string[] {
    return [...this.#rows.values()].map(({ row, from }) => shown(row, from, null)).sort();
  }

  /** The same, with the rows that are gone. */
  get markedRows(): string[] {
    const gone = [...this.#gone.values()].map(({ row, since }) => shown(row, since, since));
    return [...this.rows, ...gone].sort();
  }

  get history(): string[] {
    return this.#versions
      .map(({ row, from, to }) => JSON.stringify([...valuesOf(row), from, to, to === null ? 1 : 0]))
      .sort();
  }

  #changeOnce(): void {
    this.#lsn += 1 + this.#below(3);
    const [kind, id] = [this.#below(100), this.#below(8)];
    const old = this.#rows.get(id)?.row;
    if (kind < 4) return this.#truncate();
    if (old === undefined) return this.#insert({ id, ...this.#values() }, []);
    if (kind < 25) return this.#delete(old, true);
    if (kind < 40) return this.#move(old);
    const { row, unchanged } = this.#updated(old);
    this.#insert(row, unchanged);
  }

  #truncate(): void {
    this.#lines.push(truncate(this.#place));
    for (const { row } of this.#rows.values()) this.#delete(row, false);
  }

  #delete(row: Row, isLogged: boolean): void {
    this.#rows.get(row.id)!.to = this.#place;
    this.#rows.delete(row.id);
    this.#gone.set(row.id, { row, since: this.#place });
    if (isLogged) this.#lines.push(remove(this.#place, row.id));
  }

  /** Gives a row another key. */
  #move(old: Row): void {
    const id = this.#below(8);
    if (this.#rows.has(id)) return;
    const { row, unchanged } = this.#updated({ ...old, id });
    this.#delete(old, true);
    this.#insert(row, unchanged);
  }

  #insert(row: Row, unchanged: readonly (keyof Row)[]): void {
    const old = this.#rows.get(row.id);
    if (old) old.to = this.#place;
    const version = { row, from: this.#place, to: null };
    this.#rows.set(row.id, version);
    this.#versions.push(version);
    this.#gone.delete(row.id);
    const data: Partial<Row> = { ...row };
    for (const field of unchanged) delete data[field];
    const meta = unchanged.length > 0 ? { unchanged: [...unchanged] } : {};
    this.#lines.push(change(this.#place, data, meta));
  }

  /** A row with other values, but for some large ones, which the log does not repeat. */
  #updated(old: Row): { row: Row; unchanged: (keyof Row)[] } {
    const unchanged = (["body", "note"] as const).filter(() => this.#below(2) === 0);
    const row: Row = { ...old, ...this.#values() };
    return {
      row: unchanged.reduce((kept, field) => ({ ...kept, [field]: old[field] }), row),
      unchanged,
    };
  }

  #values(): Omit<Row, "id"> {
    const text = () => (this.#below(5) === 0 ? null : `${this.#lsn}-${this.#below(1_000_000)}`);
    return { name: `n${this.#lsn}`, body: text(), note: text() };
  }

  get #place(): number {
    return Math.max(this.#lsn, this.#snapshot);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function valuesOf({ id, name, body, note }: Row) {
  return [id, name, body, note];
}

function shown(row: Row, lsn: number, deleted: number | null): string {
  return JSON.stringify([...valuesOf(row), lsn, timeOf(lsn), deleted && timeOf(deleted), null]);
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
