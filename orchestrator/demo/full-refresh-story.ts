import type { DemoStage } from "./demo-stage.ts";

/** The tables a user sees with `\dt`. */
const TABLES = `select tablename as "table" from pg_tables where schemaname = 'public' order by 1`;

const RAW = "select * from _airbyte_raw_overwrite_full_refresh_demo";
const OVERWRITE =
  "select id, name, _airbyte_ab_id, _airbyte_emitted_at, _airbyte_normalized_at from overwrite_full_refresh_demo";
const APPEND = OVERWRITE.replace("overwrite_", "append_");

/** The first tutorial: one table copied whole, replacing the last copy or beside it. */
export async function tellFullRefresh(stage: DemoStage): Promise<void> {
  stage.heading("Full refresh: the whole table, every time");
  await stage.change("create table full_refresh_demo (id integer primary key, name varchar(200))");
  await stage.change("insert into full_refresh_demo values (1, 'Mary X'), (2, 'John D')");
  await stage.show("source", "select * from full_refresh_demo");

  await stage.sync("full-refresh-overwrite");
  await stage.sync("full-refresh-append");
  stage.say("Each connection made a table of raw records and a table with typed columns:");
  await stage.show("destination", TABLES);
  await stage.show("destination", RAW);
  await stage.show("destination", OVERWRITE);

  stage.say("The source changes, and both connections sync again:");
  await stage.change("insert into full_refresh_demo values (3, 'Jane Y')");
  await stage.change("update full_refresh_demo set name = 'Mary Z' where id = 1");
  await stage.sync("full-refresh-overwrite");
  await stage.sync("full-refresh-append");
  stage.say("Overwrite replaced its table; append kept the old copy beside the new one:");
  await stage.show("destination", OVERWRITE);
  await stage.show("destination", APPEND);
}
