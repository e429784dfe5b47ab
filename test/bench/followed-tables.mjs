import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";

const PUBLICATION = "bench";
const SUBSCRIPTION = "bench_subscription";

/** How many tables share the changes. */
const TABLES = ["followed_a", "followed_b", "followed_c"];

/** Changes of one transaction, in all tables together. */
const PER_TRANSACTION = 90;

/** Sessions that write in turn at a steady pace. */
const WRITERS = 4;

/** Of ten changes: six updates and three inserts; the rest are deletes. */
const UPDATES = 6;
const INSERTS = 3;

/**
 * Makes tables whose changes are followed, with so many rows together.
 *
 * @param {import("./stage.mjs").Stage} stage
 */
export async function followed(stage, rows) {
  const tables = new FollowedTables(stage, Math.ceil(rows / TABLES.length));
  await tables.make();
  return tables;
}

class FollowedTables {
  /** @type {import("./stage.mjs").Stage} */
  #stage;
  /** Rows with ids from `#first` up to, but not, `#next`. */
  #first = 1;
  #next;
  /** Where the log ended behind the last changes. */
  #end;

  constructor(stage, rows) {
    this.#stage = stage;
    this.#next = rows + 1;
  }

  /** The id of the next row. */
  get next() {
    return this.#next;
  }

  async make() {
    const definition = (name) =>
      `create table ${name} (id bigint primary key, name text not null, note text, amount numeric(12, 2), updated_at timestamptz not null);`;
    for (const name of TABLES)
      await this.#stage.query(
        "source",
        `drop table if exists ${name}; ${definition(name)}
         insert into ${name} select n, 'customer ' || n, md5(n::text), n / 7.0, now()
           from generate_series(1, ${this.#next - 1}) n`,
      );
    for (const name of TABLES) {
      await this.#stage.query("source", `vacuum analyze ${name}`);
      await this.#stage.query("destination", definition(name));
    }
    await this.#stage.query(
      "source",
      `create publication ${PUBLICATION} for table ${TABLES.join()}`,
    );
  }

  /** What a connection has of them. */
  streams(mode) {
    return TABLES.map((name) => ({
      name,
      namespace: "public",
      sync_mode: "incremental",
      destination_sync_mode: mode,
    }));
  }

  /** The settings of a source that follows them by a slot of its own. */
  source(slot) {
    return {
      replication_method: {
        method: "CDC",
        replication_slot: slot,
        publication: PUBLICATION,
        initial_waiting_seconds: 60,
      },
    };
  }

  /** Does so many changes, in transactions of an ordinary size. */
  async change(count) {
    const transactions = Math.ceil(count / PER_TRANSACTION);
    const each = PER_TRANSACTION / TABLES.length / 10;
    const [updates, inserts, deletes] = [UPDATES * each, INSERTS * each, each];
    const statements = TABLES.map(
      (name) => `
        update ${name} set amount = amount + 1, note = md5(note), updated_at = clock_timestamp()
         where id between lowest + deleted + (t * 7919) % span and lowest + deleted + (t * 7919) % span + ${updates - 1};
        insert into ${name} select n, 'customer ' || n, md5(n::text), n / 7.0, clock_timestamp()
          from generate_series(highest, highest + ${inserts - 1}) n;
        delete from ${name} where id between lowest + t * ${deletes} and lowest + t * ${deletes} + ${deletes - 1};`,
    ).join("");
    await this.#stage.query(
      "source",
      `do $$
       declare
         lowest bigint := ${this.#first};
         highest bigint := ${this.#next};
         deleted bigint := ${transactions * deletes};
         span bigint := ${this.#next - this.#first - transactions * deletes - updates};
       begin
         for t in 0..${transactions - 1} loop
           ${statements}
           highest := highest + ${inserts};
           commit;
         end loop;
       end $$`,
    );
    this.#first += transactions * deletes;
    this.#next += transactions * inserts;
    const [{ lsn }] = await this.#stage.query("source", "select pg_current_wal_flush_lsn() as lsn");
    this.#end = lsn;
  }

  /** Inserts one row in one transaction at a time, so many a second. */
  async insertSteadily(rate, seconds) {
    const writers = Array.from({ length: WRITERS }, () => new Client(this.#stage.url("source")));
    for (const writer of writers) await writer.connect();
    const started = performance.now();
    const first = this.#next;
    const write = async (client, at) => {
      for (let n = at; n < rate * seconds; n += WRITERS) {
        const early = started + (n * 1000) / rate - performance.now();
        if (early > 1) await pause(early);
        await client.query({
          name: "insert",
          text: `insert into ${TABLES[0]} values ($1, 'customer', 'a note', 1, clock_timestamp())`,
          values: [first + n],
        });
      }
    };
    await Promise.all(writers.map(write));
    await Promise.all(writers.map((client) => client.end()));
    this.#next += rate * seconds;
  }

  /** Until the last row is at the destination. */
  async untilArrived(prefix) {
    const last = `select count(*) = 1 as done from ${prefix}${TABLES[0]} where id = ${this.#next - 1}`;
    await this.#until(last);
  }

  /** Seconds from the commit of rows at the source to their commit at the destination. */
  async delays(prefix, from) {
    const [delays] = await this.#stage.query(
      "destination",
      `select min(seconds) as least, max(seconds) as most,
              percentile_cont(0.5) within group (order by seconds) as median,
              percentile_cont(0.99) within group (order by seconds) as late
         from (select extract(epoch from pg_xact_commit_timestamp(xmin) - _ab_cdc_updated_at::timestamptz)::float as seconds
                 from ${prefix}${TABLES[0]} where id >= ${from}) as row`,
    );
    return delays;
  }

  /** A subscription that has what is there, and waits. */
  async subscribe() {
    const { host, port, username, password, database } = this.#stage.config("source");
    const source = `host=${host} port=${port} user=${username} password=${password} dbname=${database}`;
    await this.#stage.query(
      "destination",
      `create subscription ${SUBSCRIPTION} connection '${source}' publication ${PUBLICATION}`,
    );
    await this.#until(
      `select count(*) = ${TABLES.length} and bool_and(srsubstate = 'r') as done from pg_subscription_rel`,
    );
    await this.haltSubscription();
  }

  async haltSubscription() {
    await this.#stage.query("destination", `alter subscription ${SUBSCRIPTION} disable`);
    await this.#until(
      "select count(*) = 0 as done from pg_stat_subscription where pid is not null",
    );
    if (this.#end !== undefined) await this.expectEqual("");
  }

  /** The command that ends when the subscription has all changes. */
  letSubscriptionCatchUp() {
    return this.#stage.sql(
      "destination",
      `alter subscription ${SUBSCRIPTION} enable`,
      `do $$ begin
         loop
           exit when (select latest_end_lsn >= '${this.#end}' from pg_stat_subscription where subname = '${SUBSCRIPTION}');
           perform pg_sleep(0.02);
         end loop;
       end $$`,
    );
  }

  async makeSlot(slot) {
    await this.#stage.query(
      "source",
      `select pg_create_logical_replication_slot('${slot}', 'pgoutput')`,
    );
  }

  /** The command that takes all changes from a slot and throws them away. */
  receive(slot) {
    const options = ["proto_version=1", `publication_names=${PUBLICATION}`];
    return {
      file: "pg_recvlogical",
      args: [
        `--dbname=${this.#stage.url("source")}`,
        `--slot=${slot}`,
        "--start",
        `--endpos=${this.#end}`,
        "--no-loop",
        "--file=/dev/null",
        ...options.map((option) => `--option=${option}`),
      ],
    };
  }

  /** Throws when tables of the destination do not hold what the source's do. */
  async expectEqual(prefix) {
    const digest = (name) =>
      `select count(*)::int as rows, sum(hashtextextended(concat_ws('|', id, name, note, amount::numeric(12, 2), updated_at), 0))::text as digest from ${name}`;
    for (const name of TABLES) {
      const [wanted] = await this.#stage.query("source", digest(name));
      const [found] = await this.#stage.query("destination", digest(prefix + name));
      if (found.rows !== wanted.rows || found.digest !== wanted.digest)
        throw new Error(
          `${prefix}${name} has ${found.rows} rows that are not the ${wanted.rows} of the source`,
        );
    }
  }

  /** Takes away what would hold up the next scenario: slots, the subscription, the publication. */
  async close(slots) {
    await this.#stage.query("destination", `drop subscription if exists ${SUBSCRIPTION}`);
    const names = slots.map((slot) => `'${slot}'`).join();
    await this.#stage.query(
      "source",
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name in (${names})`,
    );
    await this.#stage.query("source", `drop publication ${PUBLICATION}`);
  }

  async #until(question) {
    for (;;) {
      const [{ done }] = await this.#stage.query("destination", question);
      if (done) return;
      await pause(20);
    }
  }
}
