-- psql postgres://postgres:password@localhost:2000/postgres --file source.sql
drop table if exists full_refresh_demo;

create table full_refresh_demo (
  id integer primary key,
  name varchar(200)
);

insert into full_refresh_demo (id, name) values (1, 'Mary X');
insert into full_refresh_demo (id, name) values (2, 'John D');
