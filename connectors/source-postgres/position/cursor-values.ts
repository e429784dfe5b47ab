import type { Cursor } from "./cursor.ts";
import type { DeliveredIds } from "./delivered-ids.ts";
import type { OpenTable } from "./open-table.ts";

/**
 * What a table says of its cursor column, in the rows that this read takes: those left to the next
 * read do not count. An index on the column serves every question.
 */
export class CursorValues {
  readonly #table: OpenTable;
  readonly #ids: DeliveredIds;
  readonly #cursor: Cursor;

  constructor(table: OpenTable, ids: DeliveredIds, cursor: Cursor) {
    this.#table = table;
    this.#ids = ids;
    this.#cursor = cursor;
  }

  /**
   * The column for ORDER BY. A bare name there would mean the column of the result, which is text: 9
   * would come after 40.
   */
  get inOrder(): string {
    return `${this.#table.quotedName}.${this.#cursor.name}`;
  }

  /** The greatest finite value, and of those beyond `value` where one is given; undefined for none. */
  async last(value: string | undefined): Promise<string | undefined> {
    const { name, isFinite, literal } = this.#cursor;
    const beyond = value === undefined ? isFinite : `${name} > ${literal(value)} and ${isFinite}`;
    const [row] = await this.#table.ask(
      `select ${name}::text as value from ${this.#table.quotedName} where ${this.#ids.within(beyond)} order by ${this.inOrder} desc limit 1`,
    );
    return row?.["value"] ?? undefined;
  }

  /** How many rows have the value. */
  async count(value: string): Promise<number> {
    const { name, literal } = this.#cursor;
    const row = await this.#table.askRow(
      `select count(*) as count from ${this.#table.quotedName} where ${this.#ids.within(`${name} = ${literal(value)}`)}`,
    );
    return Number(row["count"]);
  }

  /** Whether there is a row that has an infinite value or NaN, among those that `where` selects. */
  async hasInfinite(where: string | undefined): Promise<boolean> {
    const { name, infinity } = this.#cursor;
    if (infinity === undefined) return false;
    const found = await this.#table.ask(
      `select 1 from ${this.#table.quotedName} where ${name} >= ${infinity} and (${where ?? "true"}) limit 1`,
    );
    return found.length > 0;
  }

  /** Says so when a table has lost its newest rows: restored, or connected to the wrong place. */
  async warnIfBehind(value: string): Promise<void> {
    const { name, literal } = this.#cursor;
    const found = await this.#table.ask(
      `select 1 from ${this.#table.quotedName} where ${name} >= ${literal(value)} limit 1`,
    );
    if (found.length === 0)
      this.#table.log(
        "WARN",
        "the source is behind the state: it has no row at or beyond the saved cursor, so rows were deleted or the database was restored",
      );
  }
}
