import { measure } from "../measure.mjs";
import { inRounds, makeTable, ratio, sync, writeProject } from "./scenario.mjs";

const BY_HAND = "psql: COPY into temp, INSERT … ON CONFLICT";
const WITHOUT_HISTORY = "append_dedup, no history";
const WITH_HISTORY = "append_dedup, history";

const COLUMNS = "id, name, note, amount, active, updated_at";
const DEFINITION = `(id bigint primary key, name text, note text, amount numeric, active boolean, updated_at timestamptz)`;

/** A tenth of a table's rows changed: deduplicated into the destination, beside the same by hand. */
export const dedupedUpsert = {
  name: "deduped upsert",

  async run(stage, { rows, runs }) {
    const changed = Math.max(1, Math.round(rows / 10));
    await makeTable(
      stage,
      "items",
      `create table items ${DEFINITION};
       insert into items select n, 'customer ' || n, md5(n::text), n / 7.0, n % 3 = 0,
           timestamptz '2022-09-01' + n * interval '1 millisecond'
         from generate_series(1, ${rows}) n;
       create index on items (updated_at)`,
    );
    const stream = {
      name: "items",
      namespace: "public",
      sync_mode: "incremental",
      destination_sync_mode: "append_dedup",
      cursor_field: "updated_at",
      primary_key: ["id"],
    };
    await writeProject(stage, {
      plain: { streams: [stream], prefix: "plain_", destination: { history: false } },
      history: { streams: [stream], prefix: "history_", destination: { history: true } },
    });
    const first = await sync(stage, "plain");
    const firstWithHistory = await sync(stage, "history");
    await stage.query("destination", `create table by_hand ${DEFINITION}`);
    await measure([
      stage.sql("source", "copy items to stdout"),
      stage.sql("destination", "copy by_hand from stdin"),
    ]);
    let last;
    const change = async () => {
      [{ last }] = await stage.query("source", "select max(updated_at)::text as last from items");
      await stage.query(
        "source",
        `update items set note = md5(note), updated_at = timestamptz '${last}' + id * interval '1 microsecond'
          where id % 10 = (select count(*) from changes) % 10`,
      );
      await stage.query("source", "insert into changes default values");
    };
    await stage.query("source", "create table changes (at timestamptz default now())");
    const results = await inRounds(
      {
        [BY_HAND]: { prepare: change, run: () => upsertByHand(stage, last) },
        [WITHOUT_HISTORY]: { run: () => sync(stage, "plain") },
        [WITH_HISTORY]: { run: () => sync(stage, "history") },
      },
      runs,
    );
    await expectEqual(stage);
    results.set("first sync, no history", first);
    results.set("first sync, history", firstWithHistory);
    return {
      results,
      rows: changed,
      aims: [WITHOUT_HISTORY, WITH_HISTORY].map((name) => ({
        aim: `${name}: ${changed.toLocaleString("en")} changed of ${rows.toLocaleString("en")}, against by hand`,
        measured: ratio(results, name, BY_HAND),
        unit: "×",
      })),
    };
  },
};

function upsertByHand(stage, last) {
  const sets = COLUMNS.split(", ")
    .slice(1)
    .map((name) => `${name} = excluded.${name}`);
  return measure([
    stage.sql(
      "source",
      `copy (select ${COLUMNS} from items where updated_at > '${last}') to stdout`,
    ),
    stage.sql(
      "destination",
      "create temp table changed (like by_hand)",
      "copy changed from stdin",
      `insert into by_hand select * from changed on conflict (id) do update set ${sets.join(", ")}`,
    ),
  ]);
}

/** All three hold what the source holds. */
async function expectEqual(stage) {
  const digest = `select md5(string_agg(id || note || updated_at::text, ',' order by id)) as digest from`;
  const [{ digest: wanted }] = await stage.query("source", `${digest} items`);
  for (const table of ["by_hand", "plain_items", "history_items"]) {
    const [{ digest: found }] = await stage.query("destination", `${digest} ${table}`);
    if (found !== wanted) throw new Error(`${table} does not equal the source`);
  }
}
