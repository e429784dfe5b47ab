import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "../../support/fixtures.ts";
import type { SeededRandom } from "../random.ts";
import { isLoss } from "../writers.ts";
import { ANEW } from "./test-decoding.ts";
import { FOLLOWED, type Followed } from "./tables.ts";

const PUBLICATION = "syncline";

/** Of the statement that makes a publication as ours, which the source then adds tables to. */
const OURS = `comment on publication ${PUBLICATION} is 'Made by syncline'`;

/** Somebody holds the table; or it, or the publication, is not there, or there already. */
const REFUSED = new Set(["55P03", "40P01", "42P01", "42704", "42710", "42P07"]);

/** What was done, by kind, over all seeds of this process. */
const done = new Map<string, number>();

/** How often each was done. */
export function describeUpheavals(): string {
  const counts = [...done].map(([kind, count]) => `${count} × ${kind}`).toSorted();
  return `upheavals: ${counts.join(", ")}\n`;
}

/**
 * Takes tables and the publication away and brings them back, beside those who write: dropped and made anew,
 * renamed for a while, taken out of the publication and put back, the publication dropped or made again.
 */
export class Upheaval {
  /** Tables that may have been loaded anew because of it. */
  readonly disturbed = new Set<string>();
  readonly #source: Database;
  readonly #random: SeededRandom;
  readonly #away = new Set<string>();
  readonly #outside = new Set<string>();

  constructor(source: Database, random: SeededRandom) {
    this.#source = source;
    this.#random = random;
  }

  /** Does one thing to some table; resolves with its name where it was made anew. */
  async step(): Promise<string | undefined> {
    const table = this.#random.pick(FOLLOWED);
    const { name } = table;
    const kind = this.#random.pick([
      "anew",
      "anew",
      "rename",
      "rename",
      "unpublish",
      "unpublish",
      "drop",
      "remake",
    ]);
    if (this.#away.has(name)) return this.#bringBack(name);
    if (this.#outside.has(name)) return this.#putBack(name);
    if (kind === "anew") return this.#makeAnew(table);
    if (kind === "rename") return this.#rename(name);
    if (kind === "unpublish") return this.#takeOut(name);
    return this.#losePublication(kind === "remake");
  }

  /** Until everything is in its place again; what was dropped from the publication is added by nobody else. */
  async settle(): Promise<void> {
    for (const name of this.#away) while (this.#away.has(name)) await this.#bringBack(name);
    for (const name of this.#outside) while (this.#outside.has(name)) await this.#putBack(name);
  }

  async #makeAnew({ name, definition }: Followed): Promise<string | undefined> {
    const isDone = await this.#exec(
      "a table made anew",
      // `test_decoding` leaves out who writes nothing but a message.
      `insert into unfollowed select coalesce(max(id), 0) + 1 from unfollowed;
       drop table ${name}; ${definition}; select pg_logical_emit_message(true, '${ANEW}', '${name}')`,
    );
    this.disturbed.add(name);
    return isDone ? name : undefined;
  }

  async #rename(name: string): Promise<undefined> {
    await this.#exec("a table renamed", `alter table ${name} rename to ${name}_away`);
    this.disturbed.add(name);
    this.#away.add(name);
  }

  async #bringBack(name: string): Promise<undefined> {
    await this.#exec("a table named as before", `alter table ${name}_away rename to ${name}`);
    const [row] = await this.#look("select to_regclass($1) is not null", name);
    if (row![0] === "t") this.#away.delete(name);
  }

  async #takeOut(name: string): Promise<undefined> {
    await this.#exec(
      "a table taken out of the publication",
      `alter publication ${PUBLICATION} drop table ${name}`,
    );
    this.disturbed.add(name);
    this.#outside.add(name);
  }

  async #putBack(name: string): Promise<undefined> {
    await this.#exec("a table put back", `alter publication ${PUBLICATION} add table ${name}`);
    // Without the publication, it is for the source to make one of all tables.
    const [row] = await this.#look(
      `select exists (select from pg_publication_rel where prrelid = to_regclass($1))
          or not exists (select from pg_publication where pubname = '${PUBLICATION}')`,
      name,
    );
    if (row![0] === "t") this.#outside.delete(name);
  }

  async #losePublication(isRemade: boolean): Promise<undefined> {
    const tables = FOLLOWED.map(({ name }) => name).filter((name) => !this.#away.has(name));
    const remake = `; create publication ${PUBLICATION} for table ${tables.join()}
      with (publish_via_partition_root = true); ${OURS}`;
    await this.#exec(
      isRemade ? "the publication made again" : "the publication dropped",
      `drop publication ${PUBLICATION}${isRemade ? remake : ""}`,
    );
    for (const { name } of FOLLOWED) this.disturbed.add(name);
  }

  /** Whether it was done for sure. */
  async #exec(what: string, script: string): Promise<boolean> {
    try {
      await this.#source.exec(`set local lock_timeout = '60ms'; ${script}`);
      done.set(what, (done.get(what) ?? 0) + 1);
      return true;
    } catch (error) {
      if (!isLoss(error) && !REFUSED.has((error as { code?: string }).code ?? "")) throw error;
      return false;
    }
  }

  async #look(sql: string, name: string): Promise<(string | null)[][]> {
    for (;;)
      try {
        return await this.#source.rows(sql, [name]);
      } catch (error) {
        if (!isLoss(error)) throw error;
        await pause(50);
      }
  }
}
