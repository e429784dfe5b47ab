/** The table that is copied: eight columns of the kinds real tables are made of, ≈ 350 bytes as NDJSON. */
export const TABLE = "bench";

const DEFINITION = `
    id bigint primary key,
    name text not null,
    note text,
    amount numeric(12, 2),
    active boolean not null,
    updated_at timestamptz not null,
    created_at timestamp not null,
    attributes jsonb`;

/** Makes a table like it of so many rows. */
export const createTable = (rows, name = TABLE) => `
  create table ${name} (${DEFINITION});
  insert into ${name}
    select n,
      'customer ' || n,
      case when n % 10 = 0 then null else 'a note "quoted", with a tab' || chr(9) || 'and ' || md5(n::text) end,
      (n % 1000000) / 7.0,
      n % 3 = 0,
      timestamptz '2022-09-01 16:30:13.93903+00' + n * interval '1 millisecond',
      timestamp '2020-01-01' + n * interval '1 second',
      jsonb_build_object('n', n, 'tags', jsonb_build_array('a', 'b', n % 7), 'city', 'Zürich')
    from generate_series(1, ${rows}) n;
`;

/** All columns but the key, in their order. */
export const VALUES = [
  "name",
  "note",
  "amount",
  "active",
  "updated_at",
  "created_at",
  "attributes",
];

/** The same columns as the destination makes them, for the ways that do without us. */
export const createCopy = (name, { key = "" } = {}) =>
  `create table ${name} (id bigint ${key}, name text, note text, amount numeric, active boolean, updated_at timestamptz, created_at timestamp, attributes jsonb)`;

/** So many tables of ten rows each. */
export const createSmallTables = (names) =>
  names
    .map(
      (name) =>
        `create table ${name} (id int primary key, name text);
         insert into ${name} select n, 'row ' || n from generate_series(1, ${ROWS_OF_SMALL}) n;`,
    )
    .join("\n");

/** Rows of each small table. */
export const ROWS_OF_SMALL = 10;

export const RAW_TABLE = `create table raw (_airbyte_ab_id uuid default gen_random_uuid(), _airbyte_data jsonb, _airbyte_emitted_at timestamptz default now())`;

/** What a "raw, then normalize" tool runs at best. */
export const NORMALIZE = `
  create table normalized as
    select (_airbyte_data ->> 'id')::bigint as id,
      _airbyte_data ->> 'name' as name,
      _airbyte_data ->> 'note' as note,
      (_airbyte_data ->> 'amount')::numeric as amount,
      (_airbyte_data ->> 'active')::boolean as active,
      (_airbyte_data ->> 'updated_at')::timestamptz as updated_at,
      (_airbyte_data ->> 'created_at')::timestamp as created_at,
      _airbyte_data -> 'attributes' as attributes,
      _airbyte_ab_id, _airbyte_emitted_at, now() as _airbyte_normalized_at
    from raw
`;
