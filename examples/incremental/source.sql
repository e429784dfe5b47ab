-- psql postgres://postgres:password@localhost:2000/postgres --file source.sql
drop table if exists table_one, table_two;

create table table_one (
  id integer primary key,
  name varchar(200),
  updated_at timestamp not null default now()
);

create table table_two (
  id integer primary key,
  name varchar(200),
  updated_at timestamp not null default now()
);

-- The cursor says what is new, so every write must move it.
create or replace function trigger_set_timestamp() returns trigger as $$
begin
  new.updated_at = now();
  return new;
end;
$$ language plpgsql;

create trigger set_timestamp_on_table_one before update on table_one
  for each row execute procedure trigger_set_timestamp();

create trigger set_timestamp_on_table_two before update on table_two
  for each row execute procedure trigger_set_timestamp();

insert into table_one (id, name) values (1, 'Eg1 IncApp');
insert into table_one (id, name) values (2, 'Eg2 IncApp');
update table_one set name = 'Eg2a IncAp' where id = 2;

insert into table_two (id, name) values (1, 'Eg1 DD+Hst');
insert into table_two (id, name) values (2, 'Eg2 DD+Hst');
update table_two set name = 'Eg2a DD+Hs' where id = 2;
