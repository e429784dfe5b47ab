import type pg from "pg";
import { postgresFailure } from "../postgres/errors.ts";
import { quoteName, quoteTable, type Sql } from "../postgres/sql.ts";
import { copyIn } from "./copy-in.ts";
import type { Table } from "./plan.ts";

/** One row of an answer: text or null by column name. */
export type Row = Readonly<Record<string, string | null>>;

/**
 * The one connection of a run. Statements are sent one after the other, in the order of the calls,
 * whether or not the caller waits in between; a failed one rejects its own call only.
 */
export class Session {
  readonly client: pg.Client;
  #last: Promise<unknown> = Promise.resolve();
  #inTransaction = false;

  constructor(client: pg.Client) {
    this.client = client;
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** Runs one statement with parameters. `action` is what it does, for messages: "list the tables". */
  query(action: string, sql: Sql): Promise<Row[]> {
    return this.#next(action, async () => {
      const result = await this.client.query<Row>({ text: sql.text, values: [...sql.values] });
      return result.rows;
    });
  }

  /** Runs statements without parameters, all in one round trip. */
  run(action: string, ...statements: readonly string[]): Promise<void> {
    return this.#next(action, async () => {
      await this.client.query(statements.join(";\n"));
    });
  }

  /** Loads COPY text. The bytes must not change until the promise settles. */
  copy(table: Table, columns: readonly string[], bytes: Buffer, length: number): Promise<number> {
    const list = columns.map(quoteName).join(", ");
    const statement = `copy ${quoteTable(table)} (${list}) from stdin`;
    return this.#next(`load rows into ${label(table)}`, () =>
      copyIn(this.client, statement, bytes, length),
    );
  }

  async begin(): Promise<void> {
    if (this.#inTransaction) return;
    this.#inTransaction = true;
    await this.run("begin a transaction", "begin");
  }

  async commit(): Promise<void> {
    if (!this.#inTransaction) return;
    await this.run("commit", "commit");
    this.#inTransaction = false;
  }

  async rollback(): Promise<void> {
    if (!this.#inTransaction) return;
    this.#inTransaction = false;
    await this.run("roll back", "rollback");
  }

  #next<T>(action: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work).catch((error: unknown) => {
      throw postgresFailure(action, error);
    });
    // The next statement waits for this one's end, good or bad; its own caller hears of a failure.
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** `schema.table` for messages. */
export function label(table: Table): string {
  return `${table.schema}.${table.name}`;
}
