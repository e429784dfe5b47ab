import type { DemoStage } from "./demo-stage.ts";

const columns =
  "id integer primary key, name varchar(200), updated_at timestamp not null default now()";
const VERSIONS = "select id, name, updated_at, _airbyte_emitted_at from table_one";
const NEWEST = "select id, name, updated_at from table_two";
const HISTORY =
  "select id, name, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from table_two_scd order by id, _airbyte_start_at";

/** The second tutorial: only what changed since the last sync, as versions or as history. */
export async function tellIncremental(stage: DemoStage): Promise<void> {
  stage.heading("Incremental: only what changed since the last sync");
  await stage.change(`create table table_one (${columns})`);
  await stage.change(`create table table_two (${columns})`);
  await stage.change("insert into table_one values (1, 'Eg1 IncApp'), (2, 'Eg2a IncAp')");
  await stage.change("insert into table_two values (1, 'Eg1 DD+Hst'), (2, 'Eg2a DD+Hs')");
  await stage.sync("incremental-append");
  await stage.sync("incremental-deduped");

  stage.say("One row changes and one is new, in each table:");
  for (const [table, changed, added] of [
    ["table_one", "Eg2b IncAp", "Eg3 IncApp"],
    ["table_two", "Eg2b DD+Hs", "Eg3 DD+Hst"],
  ] as const) {
    await stage.change(`update ${table} set name = '${changed}', updated_at = now() where id = 2`);
    await stage.change(`insert into ${table} values (3, '${added}')`);
  }
  await stage.sync("incremental-append");
  await stage.sync("incremental-deduped");
  stage.say("Two records each time. Append keeps every version of a row:");
  await stage.show("destination", VERSIONS);
  stage.say("Deduped keeps the newest, and the history of all beside it:");
  await stage.show("destination", NEWEST);
  await stage.show("destination", HISTORY);
}
