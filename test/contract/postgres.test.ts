import { afterAll, beforeAll, inject } from "vitest";
import { createDatabase } from "../support/database.ts";
import { describeDestination } from "./destination.ts";
import { describeSource } from "./source.ts";

type Created = Awaited<ReturnType<typeof createDatabase>>;

let small: Created;
let big: Created;
let target: Created;
/** Every test of a destination gets a schema of its own. */
let schemas = 0;

beforeAll(async () => {
  small = await createDatabase(inject("sourceUrl"));
  await small.database.exec(`
    create table orders (id int primary key, total numeric, note text, at timestamptz);
    insert into orders select n, n / 7.0, repeat('x', n), now() from generate_series(1, 40) n;
    create table "odd ""name" (k text primary key, j jsonb);
    insert into "odd ""name" values ('a', '{"b":[1,2.50]}'), ('c', null);
    create table empty (id bigint primary key);
  `);
  big = await createDatabase(inject("sourceUrl"));
  await big.database.exec(
    `create table lines (id bigint primary key, pad text);
     insert into lines select n, repeat(md5(n::text), 8) from generate_series(1, 30000) n`,
  );
  target = await createDatabase(inject("destinationUrl"));
});

afterAll(async () => {
  await Promise.all([small.drop(), big.drop(), target.drop()]);
});

describeSource("source-postgres", () => ({
  executable: "source-postgres",
  config: { ...small.database.config },
  bigConfig: { ...big.database.config },
}));

describeDestination("destination-postgres", () => {
  const schema = `contract_${++schemas}`;
  return {
    executable: "destination-postgres",
    config: { ...target.database.config, schema },
    values: async (stream, field) => {
      const rows = await target.database.rows(`select "${field}" from "${schema}"."${stream}"`);
      return rows.map(([value]) => value!);
    },
  };
});
