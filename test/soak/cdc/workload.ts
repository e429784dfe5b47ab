import type { SeededRandom } from "../random.ts";
import { type Writer, Writers } from "../writers.ts";
import { FOLLOWED } from "./tables.ts";

/** Sessions that write at the same time. The first one takes its time: its transactions see syncs go by. */
const WRITERS = 3;

/** What it writes to; from the others, all rows can be taken at once. */
const SLOWLY_WRITTEN = FOLLOWED.filter(({ name }) => ["plain", "indexed", "later"].includes(name));

/** Of how many chances to end a transaction the first session takes one. */
const SLOWNESS = 30;

/** Rows that every table has from the start. */
const FIRST_ROWS = 60;

/** Of a transaction that the server's decoder has no room for in memory. */
const LARGE_ROWS = 400;

const BULK_ROWS = 20;

/** Most transactions that are prepared and not ended. */
const MOST_PREPARED = 2;

/**
 * A writer that another one holds up gives its transaction up: nobody else is there to let it go on. So
 * does one whose column or table is gone.
 */
const SESSION = "set lock_timeout = '60ms'";
const GIVEN_UP = new Set(["55P03", "40P01", "23505", "25P02", "42703", "42P01"]);

/** A body too large for its row, and one that is not; others every time. */
const LONG = "(select string_agg(md5(random()::text), '') from generate_series(1, 90))";
const SHORT = "md5(random()::text)";

type Write = (writer: Writer, table: string) => Promise<void>;

/**
 * Sessions whose transactions interleave as the seed says, and do to rows what can be done to rows; they
 * sign in again after a crash of the server. Not for concurrent use.
 */
export class Workload {
  readonly #writers: Writers;
  readonly #random: SeededRandom;
  readonly #writes: readonly Write[];
  /** A column that may be gone meanwhile; undefined: there is none. */
  readonly #spareOf: (table: string) => string | undefined;
  #nextId = 1;

  private constructor(
    writers: Writers,
    random: SeededRandom,
    spareOf: (table: string) => string | undefined,
  ) {
    this.#writers = writers;
    this.#random = random;
    this.#spareOf = spareOf;
    const note: Write = (writer, table) => this.#update(writer, table, `note = ${SHORT}`);
    this.#writes = [
      (writer, table) => this.#insert(writer, table, 1),
      (writer, table) => this.#insert(writer, table, 3),
      (writer, table) => this.#insert(writer, table, BULK_ROWS),
      note,
      note,
      note,
      (writer, table) =>
        this.#update(writer, table, "amount = amount + 0.10, at = clock_timestamp()"),
      (writer, table) => this.#update(writer, table, `body = ${LONG}`),
      (writer, table) => this.#update(writer, table, "body = null, note = null"),
      (writer, table) => this.#update(writer, table, `id = ${this.#newId()}`),
      (writer, table) => this.#update(writer, table, `code = 'code ' || ${this.#newId()}`),
      (writer, table) => this.#update(writer, table, `id = ${this.#newId()}, body = ${SHORT}`),
      (writer, table) => this.#often(writer, table),
      (writer, table) => this.#spare(writer, table),
      (writer, table) => this.#spare(writer, table),
      (writer, table) => this.#deleteRow(writer, table),
      (writer, table) => this.#deleteRow(writer, table),
      (writer, table) => this.#revive(writer, table),
      (writer, table) => this.#swap(writer, table),
      (writer, table) => this.#many(writer, table),
      (writer, table) => this.#insideSavepoint(writer, table),
      (writer, table) => this.#insideSavepoint(writer, table),
      (writer, table) => this.#insideBlock(writer, table),
    ];
  }

  static async open(
    url: string,
    random: SeededRandom,
    spareOf: (table: string) => string | undefined = () => "spare",
  ): Promise<Workload> {
    const options = { count: WRITERS, mostPrepared: MOST_PREPARED, setting: SESSION };
    return new Workload(await Writers.open(url, options), random, spareOf);
  }

  /** The rows that are there before anybody writes. */
  async begin(): Promise<void> {
    const [writer] = this.#writers.all;
    for (const { name } of FOLLOWED) await this.#insert(writer!, name, FIRST_ROWS);
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
      if (this.#random.below(8) === 0) return this.#endPrepared(writer);
      return this.#writers.begin(writer);
    }
    const isSlow = writer === this.#writers.all[0] && this.#random.below(SLOWNESS) > 0;
    const choice = isSlow ? 20 : this.#random.below(20);
    if (choice < 5) return this.#writers.end(writer, "commit");
    if (choice < 6) return this.#writers.end(writer, "rollback");
    if (choice < 7) return this.#writers.prepare(writer);
    return this.#unlessHeldUp(writer, async () => this.#write(writer));
  }

  async #write(writer: Writer): Promise<void> {
    const isSlow = writer === this.#writers.all[0];
    const { name } = this.#random.pick(isSlow ? SLOWLY_WRITTEN : FOLLOWED);
    const rare = this.#random.below(40);
    if (rare === 0) return this.#insert(writer, name, LARGE_ROWS);
    // The lock on the whole table would hold up everybody for as long as the slow one takes.
    if (rare < 4 && !isSlow) return this.#truncate(writer, name);
    return this.#random.pick(this.#writes)(writer, name);
  }

  /** Gives a transaction up that waits for another one. */
  async #unlessHeldUp(writer: Writer, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!GIVEN_UP.has((error as { code?: string }).code ?? "")) throw error;
      await this.#writers.end(writer, "rollback");
    }
  }

  async #endPrepared({ client }: Writer): Promise<void> {
    const [gid] = await this.#writers.prepared();
    const how = this.#random.pick(["commit", "commit", "rollback"]);
    if (gid !== undefined) await client.query(`${how} prepared '${gid}'`);
  }

  #newId(count = 1): number {
    const id = this.#nextId;
    this.#nextId += count;
    return id;
  }

  async #insert({ client }: Writer, table: string, rows: number): Promise<void> {
    const first = this.#newId(rows);
    await client.query(
      `insert into ${table} (id, code, note, body, amount, at, attributes)
       select n, 'code ' || n, nullif('it''s ' || n % 3, 'it''s 0'), case when n % 3 > 0 then ${LONG} end, n / 7.0,
              now(), jsonb_build_object('n', n)
         from generate_series(${first}, ${first + rows - 1}) n`,
    );
  }

  /** Some rows that no other session holds. */
  async #some({ client }: Writer, table: string, count: number): Promise<string[]> {
    const from = 1 + this.#random.below(this.#nextId);
    const { rows } = await client.query<{ id: string }>(
      `select id from ${table} where id >= $1 order by id limit ${count} for update skip locked`,
      [from],
    );
    return rows.map(({ id }) => id);
  }

  async #update(writer: Writer, table: string, what: string): Promise<void> {
    for (const id of await this.#some(writer, table, 1)) await this.#set(writer, table, id, what);
  }

  async #set({ client }: Writer, table: string, id: string | number, what: string): Promise<void> {
    await client.query(
      `update ${table} set version = nextval('versions'), ${what} where id = ${id}`,
    );
  }

  /** Several versions of one row in one transaction. */
  async #often(writer: Writer, table: string): Promise<void> {
    for (const id of await this.#some(writer, table, 1))
      for (const what of [`note = ${SHORT}`, `body = ${LONG}`, "amount = 0", "note = null"])
        await this.#set(writer, table, id, what);
  }

  async #spare(writer: Writer, table: string): Promise<void> {
    const column = this.#spareOf(table);
    if (column !== undefined)
      await this.#update(writer, table, `${column} = '${this.#random.below(1_000)}'`);
  }

  async #many(writer: Writer, table: string): Promise<void> {
    const ids = await this.#some(writer, table, BULK_ROWS);
    if (ids.length > 0)
      await writer.client.query(
        `update ${table} set version = nextval('versions'), note = 'many' where id in (${ids.join()})`,
      );
  }

  async #deleteRow(writer: Writer, table: string): Promise<void> {
    for (const id of await this.#some(writer, table, 1))
      await writer.client.query(`delete from ${table} where id = ${id}`);
  }

  /** Deletes a row, and puts another one under its key. */
  async #revive(writer: Writer, table: string): Promise<void> {
    for (const id of await this.#some(writer, table, 1)) {
      const { rows } = await writer.client.query<{ code: string }>(
        `delete from ${table} where id = ${id} returning code`,
      );
      for (const { code } of rows)
        await writer.client.query(`insert into ${table} (id, code) values ($1, $2)`, [id, code]);
    }
  }

  /** Two rows take each other's key. */
  async #swap(writer: Writer, table: string): Promise<void> {
    const [a, b] = await this.#some(writer, table, 2);
    if (a === undefined || b === undefined) return;
    const between = this.#newId();
    await this.#set(writer, table, a, `id = ${between}`);
    await this.#set(writer, table, b, `id = ${a}`);
    await this.#set(writer, table, between, `id = ${b}`);
  }

  async #truncate({ client }: Writer, table: string): Promise<void> {
    await client.query(`truncate ${table}`);
  }

  async #insideSavepoint(writer: Writer, table: string): Promise<void> {
    await writer.client.query("savepoint s");
    await this.#insert(writer, table, 2);
    await this.#update(writer, table, `note = ${SHORT}`);
    await this.#deleteRow(writer, table);
    const end = this.#random.pick(["release savepoint s", "rollback to savepoint s", "select"]);
    await writer.client.query(end);
  }

  /** A subtransaction that nobody can see in a list of locks any more. */
  async #insideBlock({ client }: Writer, table: string): Promise<void> {
    const id = this.#newId();
    await client.query(
      `do $$ begin begin insert into ${table} (id, code) values (${id}, 'code ${id}');
       exception when division_by_zero then null; end; end $$`,
    );
  }
}
