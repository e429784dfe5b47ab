import { measure } from "./measure.mjs";
import { makeTable } from "./scenarios/scenario.mjs";
import { createCopy, createTable, VALUES } from "./table.mjs";

/** A table of the source of which some rows change, and its copies that the changes are merged into. */
export class ChangedTable {
  /** How many rows were changed so far. */
  changed = 0;
  #turn = 0;

  /** @param {import("./stage.mjs").Stage} stage */
  static async make(stage, name, rows) {
    const table = new ChangedTable();
    Object.assign(table, { stage, name, rows, byHand: `by_hand_${name}` });
    await makeTable(
      stage,
      name,
      `${createTable(rows, name)}; create index on ${name} (updated_at)`,
    );
    return table;
  }

  get size() {
    return this.rows.toLocaleString("en");
  }

  /** Makes and fills the copy that changes are merged into by hand. */
  async loadByHand() {
    const { stage, name, byHand } = this;
    await stage.query("destination", createCopy(byHand, { key: "primary key" }));
    await measure([
      stage.sql("source", `copy ${name} to stdout`),
      stage.sql("destination", `copy ${byHand} from stdin`),
    ]);
  }

  /** Changes rows that are spread over the table; each copy has then to catch up. */
  async change(changes) {
    const { stage, name, rows } = this;
    const every = Math.floor(rows / changes);
    this.#turn = (this.#turn + 1) % every;
    const newest = `select max(updated_at)::text as last from ${name}`;
    [{ last: this.last }] = await stage.query("source", newest);
    const [{ count }] = await stage.query(
      "source",
      `with changed as (
         update ${name} set note = md5(id || updated_at::text),
             updated_at = timestamptz '${this.last}' + (id + 1) * interval '1 microsecond'
           where id % ${every} = ${this.#turn} returning 1)
       select count(*)::int from changed`,
    );
    this.changed += count;
    await stage.query("source", `vacuum analyze ${name}`);
    await stage.query("destination", "checkpoint");
  }

  /** What somebody would write: copy the changes into a temporary table, insert or update from there. */
  mergeByHand() {
    const { stage, name, byHand, last } = this;
    const sets = VALUES.map((column) => `${column} = excluded.${column}`).join(", ");
    return measure([
      stage.sql("source", `copy (select * from ${name} where updated_at > '${last}') to stdout`),
      stage.sql(
        "destination",
        `create temp table changed (like ${byHand})`,
        "copy changed from stdin",
        `insert into ${byHand} select * from changed on conflict (id) do update set ${sets}`,
      ),
    ]);
  }

  /** Throws when a copy does not hold what the source does. */
  async expectEqual(copy) {
    const digest = (table) =>
      `select count(*)::int, sum(hashtextextended(id || coalesce(note, '') || updated_at::text, 0))::text as digest from ${table}`;
    const [wanted] = await this.stage.query("source", digest(this.name));
    const [found] = await this.stage.query("destination", digest(copy));
    if (found.count !== wanted.count || found.digest !== wanted.digest)
      throw new Error(`${copy} does not equal ${this.name}`);
  }
}
