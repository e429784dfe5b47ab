import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "../../support/fixtures.ts";
import { list } from "../checker.ts";
import type { SeededRandom } from "../random.ts";
import { isLoss } from "../writers.ts";
import { FOLLOWED, type Followed } from "./tables.ts";
import { Upheaval } from "./upheaval.ts";

/** Values are digits, which all of them hold. */
const TYPES = ["text", "bigint", "numeric", "varchar(40)"] as const;

/** Most columns of a table beside those that stay. */
const MOST_COLUMNS = 4;

/** Somebody holds the table, or it is away. */
const REFUSED = new Set(["55P03", "40P01", "42P01"]);

/** Every so many steps a table, or the publication, is taken away or brought back. */
const STEPS_PER_UPHEAVAL = 3;

/** Changes the shape of tables beside those who write to them. */
export class Reshaping {
  readonly #source: Database;
  readonly #random: SeededRandom;
  readonly #spare = new Map(FOLLOWED.map(({ name }) => [name, ["spare"]]));
  readonly #upheaval: Upheaval;
  #count = 0;
  /** Where the log ended behind the last change of a shape. */
  #since = 0n;

  constructor(source: Database, random: SeededRandom) {
    this.#source = source;
    this.#random = random;
    this.#upheaval = new Upheaval(source, random);
  }

  /** Tables that may have been loaded anew meanwhile. */
  get disturbed(): ReadonlySet<string> {
    return this.#upheaval.disturbed;
  }

  /** Everything is in its place again. */
  async settle(): Promise<void> {
    await this.#upheaval.settle();
  }

  /** Any column of a table that may come and go. */
  spareOf(table: string): string | undefined {
    return this.#random.pick([...this.#spare.get(table)!, undefined]);
  }

  /** Changes some table's shape, where nobody is in the way. */
  async step(): Promise<void> {
    if (this.#random.below(STEPS_PER_UPHEAVAL) === 0) {
      const anew = await this.#upheaval.step();
      if (anew === undefined) return;
      return this.#lookAgain();
    }
    const table = this.#random.pick(FOLLOWED);
    const spare = this.#spare.get(table.name)!;
    const { sql, left } = this.#any(table, spare);
    try {
      await this.#source.exec(`set local lock_timeout = '60ms'; ${sql}`);
      this.#spare.set(table.name, left);
      const [row] = await this.#source.rows("select pg_current_wal_insert_lsn() - '0/0'");
      this.#since = BigInt(row![0]!);
    } catch (error) {
      const { code } = error as { code?: string };
      if (isLoss(error)) await this.#lookAgain();
      else if (!REFUSED.has(code ?? "")) throw error;
    }
  }

  /** That rows which changed since the last change of shapes have all that the source's have. */
  async differences(destination: Database, table: Followed): Promise<string[]> {
    const key = table.key.join();
    const findings: string[] = [];
    for (const column of this.#spare.get(table.name)!) {
      const rows = async (database: Database, where: string) =>
        database.rows(`select ${key}, ${column}::text from ${table.name} ${where}`);
      const there = new Map((await rows(this.#source, "")) as [string, string | null][]);
      const changed = `where _ab_cdc_lsn > ${this.#since} and _ab_cdc_deleted_at is null`;
      const wrong = (await rows(destination, changed)).filter(
        ([id, value]) => there.get(id!) !== value,
      );
      findings.push(
        ...list(
          `${column} of ${table.name} differs`,
          wrong.map(([id]) => id!),
        ),
      );
    }
    return findings;
  }

  #any({ name, key, isFull }: Followed, spare: readonly string[]): { sql: string; left: string[] } {
    const alter = `alter table ${name}`;
    const [column, ...others] = spare;
    const added = `spare_${++this.#count}`;
    const type = this.#random.pick(TYPES);
    const add = { sql: `${alter} add column ${added} ${type}`, left: [...spare, added] };
    if (column === undefined) return add;
    const renamed = {
      sql: `${alter} rename column ${column} to ${added}`,
      left: [...others, added],
    };
    const retyped = {
      sql: `${alter} alter column ${column} type ${type} using ${column}::text::${type}`,
      left: [...spare],
    };
    const dropped = { sql: `${alter} drop column ${column}`, left: others };
    // What the log has of an old row changes in the middle.
    const isPlain = key.join() === "id" && !isFull && name !== "parted";
    const identity = this.#random.pick(["full", "default"]);
    const identified = { sql: `${alter} replica identity ${identity}`, left: [...spare] };
    const all = [renamed, retyped, dropped, ...(isPlain ? [identified] : [])];
    return this.#random.pick(spare.length < MOST_COLUMNS ? [add, ...all] : all);
  }

  /** What became of the last statement, whose answer did not come. */
  async #lookAgain(): Promise<void> {
    for (;;)
      try {
        const rows = await this.#source.rows(
          `select relname, attname from pg_attribute a join pg_class c on c.oid = attrelid
            where attname like 'spare%' and not attisdropped and relnamespace = 'public'::regnamespace`,
        );
        for (const [name] of this.#spare)
          this.#spare.set(
            name,
            rows
              .filter(([table]) => table === name || table === `${name}_away`)
              .map(([, column]) => column!),
          );
        const [row] = await this.#source.rows("select pg_current_wal_insert_lsn() - '0/0'");
        this.#since = BigInt(row![0]!);
        return;
      } catch (error) {
        if (!isLoss(error)) throw error;
        await pause(50);
      }
  }
}
