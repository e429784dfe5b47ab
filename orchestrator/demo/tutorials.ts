/** What the source of the tutorials has: statements, in their order. */
export const FULL_REFRESH_SOURCE = [
  "create table full_refresh_demo (id integer primary key, name varchar(200))",
  "insert into full_refresh_demo values (1, 'Mary X'), (2, 'John D')",
];

const COLUMNS =
  "id integer primary key, name varchar(200), updated_at timestamp not null default now()";

export const INCREMENTAL_TABLES = [
  `create table table_one (${COLUMNS})`,
  `create table table_two (${COLUMNS})`,
];

/** The cursor moves with every change. */
export const CURSOR_TRIGGERS = [
  `create function trigger_set_timestamp() returns trigger language plpgsql as
              'begin new.updated_at = now(); return new; end'`,
  ...["table_one", "table_two"].map(
    (table) => `create trigger set_timestamp_on_${table} before update on ${table}
              for each row execute procedure trigger_set_timestamp()`,
  ),
];

export const INCREMENTAL_ROWS = [
  "insert into table_one values (1, 'Eg1 IncApp'), (2, 'Eg2a IncAp')",
  "insert into table_two values (1, 'Eg1 DD+Hst'), (2, 'Eg2a DD+Hs')",
];
