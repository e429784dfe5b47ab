import fc from "fast-check";
import { expect } from "vitest";
import { quoteLiteral, quoteName, quoteTable } from "../../connectors/postgres/sql.ts";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

/** Set SYNCLINE_SEED to try other names than everybody's. */
const SEED = Number(process.env["SYNCLINE_SEED"] ?? 20_220_901);

const SCHEMAS = 3;
const TABLES = 4;
const COLUMNS = 6;

/** Any identifier that PostgreSQL keeps whole: 1 to 63 bytes. */
const anyName = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '"',
            '""',
            "'",
            "\\",
            "\n",
            "\t",
            "\r",
            ".",
            ";--",
            "%s",
            "$1",
            "$$",
            "{",
            "}",
          ),
          fc.constantFrom(
            " ",
            "é",
            "e\u0301",
            "😀",
            "\u2028",
            "Id",
            "id",
            "select",
            "_",
            "1",
            "__proto__",
          ),
        ),
        { minLength: 1, maxLength: 12 },
      )
      .map((parts) => parts.join("")),
  )
  .filter((name) => !name.includes("\0") && !/\p{Surrogate}/u.test(name))
  .filter((name) => Buffer.byteLength(name) <= 63 && !/^(pg_|_syncline$|_airbyte_)/.test(name));

/** Different names, the same for a seed. */
function names(): (count: number) => string[] {
  const pool = [...new Set(fc.sample(anyName, { seed: SEED, numRuns: 200 }))];
  return (count) => pool.splice(0, count);
}

interface Place {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

it("copies tables, columns, keys and types of any name", async ({
  source,
  destination,
  folder,
}) => {
  const take = names();
  const [key = "k"] = take(1);
  const places: Place[] = [];
  for (const schema of take(SCHEMAS)) {
    await source.exec(`create schema ${quoteName(schema)}`);
    for (const name of take(TABLES)) {
      const place = { schema, name, columns: [key, ...take(COLUMNS)] };
      await createTable(source, place, take(3));
      places.push(place);
    }
  }
  const streams = [
    {
      name: "*",
      sync_mode: "incremental",
      destination_sync_mode: "append_dedup",
      cursor_field: key,
      primary_key: [key],
    },
  ];
  const project = await Project.create(folder, {
    source,
    destination,
    destinationConfig: { column_types: "native" },
    connections: { all: { namespace: "source", streams } },
  });

  await project.sync("all");
  for (const place of places) await addRow(source, place, 4);
  await project.sync("all");

  for (const { schema, name, columns } of places) {
    const list = columns.map(quoteName).join(", ");
    const rows = `select ${list} from ${quoteTable({ schema, name })} order by 1`;
    expect(await destination.rows(rows), JSON.stringify(name)).toEqual(await source.rows(rows));
  }
});

/** A table of which the second column has an enum, the third a composite, and the rest text. */
async function createTable(source: Database, place: Place, typeNames: string[]): Promise<void> {
  const { schema, columns } = place;
  const [mood = "", pair = "", attribute = ""] = typeNames;
  const [key, ...others] = columns.map(quoteName);
  const of = (name: string) => quoteTable({ schema, name });
  const types = [of(mood), of(pair), ...others.slice(2).map(() => "text")];
  await source.exec(`
    create type ${of(mood)} as enum (${[mood, pair].map(quoteLiteral).join(", ")});
    create type ${of(pair)} as (${quoteName(attribute)} text, m ${of(mood)});
    create table ${quoteTable(place)} (${key} int primary key,
      ${others.map((column, index) => `${column} ${types[index]}`).join(", ")});
    insert into ${quoteTable(place)} values
      (1, ${quoteLiteral(mood)}, row(${quoteLiteral(attribute)}, ${quoteLiteral(pair)})),
      (2, null, null);
  `);
  await addRow(source, place, 3);
}

async function addRow(source: Database, place: Place, id: number): Promise<void> {
  const last = quoteName(place.columns.at(-1)!);
  await source.exec(
    `insert into ${quoteTable(place)} (${quoteName(place.columns[0]!)}, ${last}) values (${id}, ${quoteLiteral(place.name)})`,
  );
}
