import { Client } from "pg";
import type { SeededRandom } from "./random.ts";

/**
 * The same writes go to all tables, and each is copied in its own way: `appended` and `deduped` by
 * the time, `counted` by a number out of a sequence, `tracked` by the transactions that wrote its
 * rows, and `replaced` as a whole.
 */
export const TABLES = ["appended", "counted", "deduped", "replaced", "tracked"] as const;
export type Table = (typeof TABLES)[number];

/** Whether a table's copy keeps every version that a sync saw. */
export const isAppended = (table: Table): boolean => table !== "deduped" && table !== "replaced";

/** Sessions that write at the same time. */
const WRITERS = 4;

const BULK_ROWS = 50;

/**
 * Every committed version of a row has a number of its own. `committed` learns it in the writing
 * transaction, so it holds exactly what was committed.
 */
export const SCHEMA = `
  create sequence versions;
  create table committed (relation text, version bigint);
  create function stamp() returns trigger language plpgsql as $$
  begin
    new.version = nextval('versions');
    -- A transaction that began before the row's last one must not turn the row's cursor back:
    -- deduplication rightly keeps the version with the greater cursor.
    if tg_op = 'UPDATE' then new.updated_at = greatest(now(), old.updated_at); end if;
    insert into committed values (tg_table_name, new.version);
    return new;
  end $$;
  ${TABLES.map(
    (table) => `
      create table ${table} (id bigint primary key, version bigint not null, updated_at timestamptz not null);
      create index on ${table} (${table === "counted" ? "version" : "updated_at"});
      create trigger stamp before insert or update on ${table} for each row execute function stamp();`,
  ).join("\n")}
`;

interface Writer {
  readonly client: Client;
  isInTransaction: boolean;
}

type Write = (writer: Writer) => Promise<void>;

/** Sessions whose transactions interleave as the seed says. Not for concurrent use. */
export class Workload {
  readonly #random: SeededRandom;
  readonly #writers: Writer[] = [];
  #nextId = 1;
  readonly #writes: readonly Write[];

  private constructor(random: SeededRandom) {
    this.#random = random;
    this.#writes = [
      (writer) => this.#insert(writer, 1, "now()"),
      (writer) => this.#insert(writer, 1, "now()"),
      // Transactions that tie with each other, and lie below what was read already.
      (writer) => this.#insert(writer, 3, "date_trunc('second', now())"),
      (writer) => this.#insert(writer, BULK_ROWS, "date_trunc('second', now())"),
      (writer) =>
        this.#change(writer, (table, id) => `update ${table} set id = id where id = ${id}`),
      (writer) =>
        this.#change(writer, (table, id) => `update ${table} set id = id where id = ${id}`),
      (writer) => this.#change(writer, (table, id) => `delete from ${table} where id = ${id}`),
      (writer) => this.#insideSavepoint(writer),
    ];
  }

  static async open(url: string, random: SeededRandom): Promise<Workload> {
    const workload = new Workload(random);
    for (let n = 0; n < WRITERS; n++) {
      const client = new Client(url);
      await client.connect();
      workload.#writers.push({ client, isInTransaction: false });
    }
    return workload;
  }

  /** One statement of one of the sessions. */
  async step(): Promise<void> {
    const writer = this.#random.pick(this.#writers);
    if (!writer.isInTransaction) {
      await writer.client.query("begin");
      writer.isInTransaction = true;
      return;
    }
    // Some transactions end soon, some see several syncs go by.
    const choice = this.#random.below(10);
    if (choice < 2) await this.#end(writer, "commit");
    else if (choice < 3) await this.#end(writer, "rollback");
    else await this.#random.pick(this.#writes)(writer);
  }

  /** Commits whatever is open. */
  async settle(): Promise<void> {
    for (const writer of this.#writers) await this.#end(writer, "commit");
  }

  async close(): Promise<void> {
    await Promise.all(this.#writers.map(async ({ client }) => client.end()));
  }

  async #end(writer: Writer, how: "commit" | "rollback"): Promise<void> {
    await writer.client.query(how);
    writer.isInTransaction = false;
  }

  async #insert({ client }: Writer, rows: number, moment: string): Promise<void> {
    const first = this.#nextId;
    this.#nextId += rows;
    await client.query(
      everywhere(
        (table) =>
          `insert into ${table} (id, updated_at) select n, ${moment} from generate_series(${first}, ${first + rows - 1}) n`,
      ),
    );
  }

  async #change({ client }: Writer, sql: (table: Table, id: string) => string): Promise<void> {
    // A row that another session holds would block us, and there is nobody else to let it go.
    const { rows } = await client.query<{ id: string }>(
      `select id from appended where id >= $1 order by id limit 1 for update skip locked`,
      [this.#random.below(this.#nextId)],
    );
    for (const { id } of rows) await client.query(everywhere((table) => sql(table, id)));
  }

  async #insideSavepoint(writer: Writer): Promise<void> {
    await writer.client.query("savepoint s");
    await this.#insert(writer, 2, "now()");
    const end = this.#random.below(2) === 0 ? "release savepoint s" : "rollback to savepoint s";
    await writer.client.query(end);
  }
}

/** One statement per table, for one trip to the server. */
const everywhere = (statement: (table: Table) => string) => TABLES.map(statement).join(";\n");
