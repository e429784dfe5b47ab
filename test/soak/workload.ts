import type { SeededRandom } from "./random.ts";
import { type Writer, Writers } from "./writers.ts";

/** The same writes go to all tables, and each is copied in its own way. */
export const TABLES = ["appended", "large", "counted", "deduped", "replaced", "refilled"] as const;
export type Table = (typeof TABLES)[number];

/** Rows of every table that nobody ever touches, some stored before all others and some behind them. */
export const FIXED_ROWS = 20;

/** Further rows of the large table, there from the start. */
const LARGE_ROWS = 1_000;

/** Sessions that write at the same time. The first one takes its time: its transactions see syncs go by. */
const WRITERS = 4;

/** Of how many chances to end a transaction the first session takes one. */
const SLOWNESS = 30;

const BULK_ROWS = 50;

/** Rows of the large table that are moved at once. */
const MOVED_ROWS = 20;

/** Most transactions that are prepared and not ended. */
const MOST_PREPARED = 3;

const fixedRows = (from: number, to: number) =>
  everywhere(
    (table) => `insert into ${table} (id) select -n from generate_series(${from}, ${to}) n`,
  );

/**
 * Every committed version of a row has a number of its own, and a body that is made of it. `committed`
 * learns the number in the writing transaction, so it holds exactly what was committed.
 */
export const schema = (): string => `
  create sequence versions;
  create table committed (relation text, version bigint);
  create function stamp() returns trigger language plpgsql as $$
  begin
    new.version = nextval('versions');
    new.body = repeat(md5(new.version::text), 3);
    -- A transaction that began before the row's last one must not turn the row's cursor back:
    -- deduplication rightly keeps the version with the greater cursor.
    if tg_op = 'UPDATE' then new.updated_at = greatest(now(), old.updated_at); end if;
    insert into committed values (tg_table_name, new.version);
    return new;
  end $$;
  ${TABLES.map(
    (table) => `
      create table ${table} (id bigint primary key, version bigint not null, updated_at timestamptz not null default now(), body text not null);
      create index on ${table} (${table === "counted" ? "version" : "updated_at"});
      create trigger stamp before insert or update on ${table} for each row execute function stamp();`,
  ).join("\n")}
  ${fixedRows(1, FIXED_ROWS / 2)};
  insert into large (id) select n from generate_series(1, ${LARGE_ROWS}) n;
  ${fixedRows(FIXED_ROWS / 2 + 1, FIXED_ROWS)};
`;

type Write = (writer: Writer) => Promise<void>;

/**
 * Sessions whose transactions interleave as the seed says; they sign in again after a crash of the
 * server. Not for concurrent use.
 */
export class Workload {
  readonly #writers: Writers;
  readonly #random: SeededRandom;
  #nextId = LARGE_ROWS + 1;
  readonly #writes: readonly Write[];

  private constructor(writers: Writers, random: SeededRandom) {
    this.#writers = writers;
    this.#random = random;
    const change: Write = (writer) =>
      this.#change(writer, (table, id) => `update ${table} set id = id where id = ${id}`);
    this.#writes = [
      (writer) => this.#insert(writer, 1, "now()"),
      (writer) => this.#insert(writer, 1, "clock_timestamp()"),
      // Transactions that tie with each other, and lie below what was read already.
      (writer) => this.#insert(writer, 3, "date_trunc('second', now())"),
      (writer) => this.#insert(writer, BULK_ROWS, "date_trunc('second', now())"),
      // Hosts whose clocks differ.
      (writer) => this.#insert(writer, 1, "now() - interval '10 minutes'"),
      (writer) => this.#insert(writer, 1, "now() + interval '5 minutes'"),
      change,
      change,
      (writer) => this.#move(writer),
      (writer) => this.#change(writer, (table, id) => `delete from ${table} where id = ${id}`),
      (writer) => this.#insideSavepoint(writer),
      (writer) => this.#insideBlock(writer),
    ];
  }

  static async open(url: string, random: SeededRandom): Promise<Workload> {
    const writers = await Writers.open(url, { count: WRITERS, mostPrepared: MOST_PREPARED });
    return new Workload(writers, random);
  }

  /** One statement of one of the sessions; or a new sign-in when the server went away. */
  async step(): Promise<void> {
    await this.#writers.survive(async () => this.#next());
  }

  /** Commits whatever is open or prepared. */
  async settle(): Promise<void> {
    await this.#writers.settle();
  }

  async close(): Promise<void> {
    await this.#writers.close();
  }

  async #next(): Promise<void> {
    const writer = this.#random.pick(this.#writers.all);
    if (!writer.isInTransaction) {
      if (this.#random.below(8) === 0) return this.#betweenTransactions(writer);
      return this.#writers.begin(writer);
    }
    const isSlow = writer === this.#writers.all[0] && this.#random.below(SLOWNESS) > 0;
    const choice = isSlow ? 20 : this.#random.below(20);
    if (choice < 4) return this.#writers.end(writer, "commit");
    if (choice < 6) return this.#writers.end(writer, "rollback");
    if (choice < 7) return this.#writers.prepare(writer);
    return this.#random.pick(this.#writes)(writer);
  }

  async #betweenTransactions({ client }: Writer): Promise<void> {
    const [gid] = await this.#writers.prepared();
    const how = this.#random.pick(["commit", "commit", "rollback"]);
    if (gid === undefined)
      await client.query("vacuum large"); // so that rows move to earlier pages
    else await client.query(`${how} prepared '${gid}'`);
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
    const from = LARGE_ROWS + 1 + this.#random.below(this.#nextId - LARGE_ROWS);
    const { rows } = await client.query<{ id: string }>(
      `select id from appended where id >= $1 order by id limit 1 for update skip locked`,
      [from],
    );
    for (const { id } of rows) await client.query(everywhere((table) => sql(table, id)));
  }

  /** Gives rows of the large table new places. */
  async #move({ client }: Writer): Promise<void> {
    const from = 1 + this.#random.below(LARGE_ROWS - MOVED_ROWS);
    await client.query(
      `update large set id = id where id in (
         select id from large where id between ${from} and ${from + MOVED_ROWS} for update skip locked)`,
    );
  }

  async #insideSavepoint(writer: Writer): Promise<void> {
    await writer.client.query("savepoint s");
    await this.#insert(writer, 2, "now()");
    const end = this.#random.pick(["release savepoint s", "rollback to savepoint s", "select"]);
    await writer.client.query(end);
  }

  /** A subtransaction that nobody can see in a list of locks any more. */
  async #insideBlock({ client }: Writer): Promise<void> {
    const id = this.#nextId++;
    const inserts = everywhere((table) => `insert into ${table} (id) values (${id})`);
    await client.query(
      `do $$ begin begin ${inserts}; exception when division_by_zero then null; end; end $$`,
    );
  }
}

/** One statement per table, for one trip to the server. */
function everywhere(statement: (table: Table) => string): string {
  return TABLES.map(statement).join(";\n");
}
