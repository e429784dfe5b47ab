import { measure } from "../measure.mjs";
import { discovered, expectRows, inRounds, makeTable, reader, writer } from "./scenario.mjs";

const COLUMNS = 400;
const HUGE_BYTES = 100_000_000;
const DOCUMENT_BYTES = 10_000_000;

/** Many columns, rows of 100 MB, documents of 10 MB: time, and what each process needs of memory. */
export const largeShapes = {
  name: "large shapes",
  hasHugeRows: true,

  async run(stage, { rows, runs }) {
    const wide = Math.max(100, Math.round(rows / 100));
    await makeTable(stage, "wide", wideTable(wide));
    await makeTable(
      stage,
      "huge",
      `create table huge (id int primary key, body text);
       insert into huge select n, repeat(md5(n::text), ${HUGE_BYTES / 32}) from generate_series(1, 3) n`,
    );
    await makeTable(
      stage,
      "documents",
      `create table documents (id int primary key, body jsonb);
       insert into documents select n, (select jsonb_agg(jsonb_build_object('k', i, 'v', md5((n * i)::text)))
           from generate_series(1, ${Math.round(DOCUMENT_BYTES / 55)}) i)
         from generate_series(1, 10) n`,
    );
    const results = await inRounds(
      {
        [`COPY | COPY, ${wide} rows of ${COLUMNS} columns`]: copyPipe(stage, "wide", wide),
        [`pipe, ${wide} rows of ${COLUMNS} columns`]: await pipe(stage, "wide", wide),
        "COPY | COPY, 3 rows of 100 MB": copyPipe(stage, "huge", 3),
        "pipe, 3 rows of 100 MB": await pipe(stage, "huge", 3),
        "COPY | COPY, 10 jsonb of 10 MB": copyPipe(stage, "documents", 10),
        "pipe, 10 jsonb of 10 MB": await pipe(stage, "documents", 10),
      },
      Math.min(runs, 1),
    );
    return { results, aims: [] };
  },
};

function wideTable(rows) {
  const kinds = [
    { type: "bigint", value: (i) => `n * ${i}` },
    { type: "text", value: (i) => `'value ' || n * ${i}` },
    { type: "numeric", value: (i) => `n / ${i}.0` },
    { type: "timestamptz", value: (i) => `timestamptz '2022-09-01' + n * interval '${i} seconds'` },
    { type: "boolean", value: (i) => `n % ${i + 1} = 0` },
  ];
  const columns = Array.from({ length: COLUMNS }, (_, i) => {
    const { type, value } = kinds[i % kinds.length];
    return { definition: `c${i + 1} ${type}`, value: value(i + 1) };
  });
  return `create table wide (${columns.map(({ definition }) => definition).join(", ")});
    insert into wide select ${columns.map(({ value }) => value).join(", ")}
      from generate_series(1, ${rows}) n`;
}

async function pipe(stage, table, rows) {
  const stream = await discovered(stage, table);
  const read = await reader(stage, table, stream);
  const write = await writer(stage, table, stream);
  return {
    prepare: () => stage.emptyDestination(),
    run: () => measure([read, write]),
    verify: () => expectRows(stage, table, rows),
  };
}

function copyPipe(stage, table, rows) {
  return {
    prepare: async () => {
      await stage.emptyDestination();
      const columns = await stage.query(
        "source",
        `select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) as list
           from pg_attribute where attrelid = '${table}'::regclass and attnum > 0`,
      );
      await stage.query("destination", `create table ${table} (${columns[0].list})`);
    },
    run: () =>
      measure([
        stage.sql("source", `copy ${table} to stdout`),
        stage.sql("destination", `copy ${table} from stdin`),
      ]),
    verify: () => expectRows(stage, table, rows),
  };
}
