import { Client } from "pg";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { readCatalog } from "../../connectors/source-postgres/catalog.ts";
import {
  keptByNative,
  keptByProtocol,
  type Kept,
} from "../../connectors/postgres/types-fidelity.ts";
import { baseOf, type PostgresType } from "../../connectors/postgres/types.ts";
import { configured, discover, jsonFile } from "../support/catalogs.ts";
import { createDatabase, type Database } from "../support/database.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { runExecutable, succeeded } from "../support/run.ts";
import { startTestServerOfVersion, type TestServer } from "../support/servers.ts";
import { asText, binaryForms, columnTypes, printPlainly, readZoo } from "./lossless-compare.ts";
import { buildZoo, EXTENSIONS, type ZooColumn } from "./lossless-zoo.ts";

/** The oldest version values are tested on, and the newest that npm brings. */
const OLD = 15;
const NEW = 18;

/**
 * Settings a database may bring along that change what PostgreSQL prints or reads. Both ends have
 * them: connectors must not be impressed.
 */
const ODD_SETTINGS: Readonly<Record<string, string>> = {
  datestyle: "German, DMY",
  intervalstyle: "sql_standard",
  timezone: "America/St_Johns",
  bytea_output: "escape",
  extra_float_digits: "-15",
  xmlbinary: "hex",
  xmloption: "document",
  lc_monetary: "C.utf8",
  search_path: "public, pg_catalog",
  client_encoding: "LATIN1",
  quote_all_identifiers: "on",
  array_nulls: "off",
  standard_conforming_strings: "off",
  default_transaction_isolation: "serializable",
};

/** A source full of values, and what is known of its columns. */
interface Source {
  readonly database: Database;
  readonly drop: () => Promise<void>;
  readonly zoo: readonly ZooColumn[];
  /** By `table.column`. */
  readonly types: ReadonlyMap<string, PostgresType>;
  /** Composites that are the row type of a table, which no copy can have. */
  readonly bound: ReadonlySet<string>;
}

const servers = new Map<number, TestServer>();
const sources = new Map<number, Source>();

beforeAll(async () => {
  await Promise.all(
    [OLD, NEW].map(async (major) => {
      servers.set(major, await startTestServerOfVersion(major));
      sources.set(major, await createSource(major));
    }),
  );
}, 120_000);

afterAll(async () => {
  for (const { drop } of sources.values()) await drop();
  await Promise.all([...servers.values()].map((server) => server.stop()));
});

describe.each([
  [OLD, OLD],
  [NEW, NEW],
  [OLD, NEW],
])("PostgreSQL %i → %i", (from, to) => {
  it("keeps every value of every type under native types: text, bytes, type and collation", async ({
    folder,
  }) => {
    const source = sources.get(from)!;
    const { database: destination, drop } = await createDestination(to);
    try {
      await copy(source, destination, folder, "native");

      const native = new Map(source.zoo.map((one) => [nameOf(one), keptNatively(source, one)]));
      const types = await columnTypes(destination);
      const wanted = await columnTypes(source.database);
      const isExact = ({ table, column }: ZooColumn) =>
        native.get(nameOf({ table, column }))!.value === "v";
      expect(
        differencesOf(source.zoo, (one) => [
          isExact(one) ? wanted.get(nameOf(one)) : native.get(nameOf(one))!.column,
          isExact(one) ? types.get(nameOf(one)) : types.get(nameOf(one))?.type,
        ]),
      ).toEqual([]);
      await expectEqual(
        source,
        destination,
        native,
        await binaryForms(source.database, source.zoo),
      );
    } finally {
      await drop();
    }
  });
});

describe.each([[OLD], [NEW]])("PostgreSQL %i", (major) => {
  it("keeps every value of every type under protocol types, converted as documented", async ({
    folder,
  }) => {
    const source = sources.get(major)!;
    const { database: destination, drop } = await createDestination(major);
    try {
      await copy(source, destination, folder, "protocol");

      const kept = new Map(
        source.zoo.map((one) => [nameOf(one), keptByProtocol(source.types.get(nameOf(one))!)]),
      );
      const types = await columnTypes(destination);
      expect(
        differencesOf(source.zoo, (one) => [
          kept.get(nameOf(one))!.column,
          types.get(nameOf(one))?.type,
        ]),
      ).toEqual([]);
      await expectEqual(source, destination, kept, new Map());
    } finally {
      await drop();
    }
  });
});

const nameOf = ({ table, column }: Pick<ZooColumn, "table" | "column">) => `${table}.${column}`;

function keptNatively(source: Source, column: ZooColumn): Kept {
  const type = source.types.get(nameOf(column))!;
  const isBound = source.bound.has(type.format.replace(/\[\]$/, ""));
  return isBound ? { ...keptByProtocol(type), difference: "as text" } : keptByNative(type);
}

async function createSource(major: number): Promise<Source> {
  const { database, drop } = await createDatabase(servers.get(major)!.url);
  const zoo = await buildZoo(database);
  await database.exec(`
    -- What jsonb cannot hold is NULL at a protocol destination.
    create function try_jsonb(document text) returns jsonb language plpgsql as $$
      begin return document::jsonb; exception when others then return null; end $$`);
  const types = await typesOf(database);
  await makeOdd(database);
  await printPlainly(database);
  const bound = await database.rows(`
    select format_type(t.oid, null) from pg_type t left join pg_class c on c.oid = t.typrelid
    where c.relkind <> 'c' or t.typname = 'shouted'`);
  return { database, drop, zoo, types, bound: new Set(bound.flat().map(String)) };
}

async function createDestination(major: number) {
  const created = await createDatabase(servers.get(major)!.url);
  const available = await created.database.rows("select name from pg_available_extensions");
  for (const extension of EXTENSIONS)
    if (available.flat().includes(extension))
      await created.database.exec(`create extension ${extension}`);
  await makeOdd(created.database);
  await printPlainly(created.database);
  return created;
}

async function makeOdd(database: Database): Promise<void> {
  for (const [name, value] of Object.entries(ODD_SETTINGS)) {
    const text = name === "search_path" ? value : `'${value}'`;
    await database.exec(`alter database ${database.config.database} set ${name} = ${text}`);
  }
}

/** The types of the zoo's columns, as the source's connector reads them from the catalog. */
async function typesOf(database: Database): Promise<Map<string, PostgresType>> {
  const client = new Client(database.url);
  await client.connect();
  try {
    await client.query("set search_path = ''");
    const { relations } = await readCatalog(client, { schemas: ["public"] });
    return new Map(
      relations.flatMap(({ name, columns }) =>
        columns.map((column) => [nameOf({ table: name, column: column.name }), column.type]),
      ),
    );
  } finally {
    await client.end();
  }
}

/** One sync of all tables: a pipe of two processes, or three between two versions. */
async function copy(
  source: Source,
  destination: Database,
  folder: string,
  columnTypes: "native" | "protocol",
): Promise<void> {
  // Raw tables hold jsonb, whatever the types: once for each version is enough.
  const tables = columnTypes === "native" ? "final_only" : "raw_and_final";
  const destinationConfig = { column_types: columnTypes, tables };
  if (new URL(destination.url).port !== new URL(source.database.url).port) {
    const streams = [
      { name: "zoo_*", sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
    ];
    const connections = { zoo: { streams } };
    const options = { source: source.database, destination, destinationConfig, connections };
    await (await Project.create(folder, options)).sync("zoo");
    return;
  }
  const from = await jsonFile(folder, "source.json", source.database.config);
  const to = await jsonFile(folder, "destination.json", {
    ...destination.config,
    ...destinationConfig,
  });
  const catalog = await jsonFile(
    folder,
    "catalog.json",
    configured(await discover(from), [...new Set(source.zoo.map(({ table }) => table))]),
  );
  const read = await runExecutable("source-postgres", [
    "read",
    "--config",
    from,
    "--catalog",
    catalog,
  ]);
  const write = ["write", "--config", to, "--catalog", catalog];
  succeeded(await runExecutable("destination-postgres", write, { stdin: succeeded(read).stdout }));
}

/** Compares every value of the zoo: the text of what should be kept, and its bytes where given. */
async function expectEqual(
  source: Source,
  destination: Database,
  kept: ReadonlyMap<string, Kept>,
  bytes: ReadonlyMap<string, string>,
): Promise<void> {
  const isJson = (one: ZooColumn) => baseOf(source.types.get(nameOf(one))!).format === "json";
  const bytesOf = (one: ZooColumn) =>
    kept.get(nameOf(one))!.value === "v" && !isJson(one)
      ? (bytes.get(nameOf(one)) ?? "null")
      : "null";
  const wanted = await readZoo(source.database, source.zoo, (one) => [
    asText(sqlOf(kept.get(nameOf(one))!, one.column)),
    bytesOf(one),
  ]);
  const found = await readZoo(destination, source.zoo, (one) => [asText(one.column), bytesOf(one)]);
  let compared = 0;
  const differences = source.zoo.flatMap((one) => {
    const values = [...wanted.get(nameOf(one))!].filter(([, [text]]) => text !== null);
    compared += values.length;
    return [...wanted.get(nameOf(one))!].flatMap(([id, value]) => {
      const other = found.get(nameOf(one))!.get(id);
      const [before, after] = isJson(one) ? [spaced(value), spaced(other)] : [value, other];
      return JSON.stringify(before) === JSON.stringify(after)
        ? []
        : [{ type: one.type, before, after }];
    });
  });
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(1500);
}

/** What is kept of a column, as SQL. A value that jsonb refuses is NULL at the destination. */
function sqlOf({ value }: Kept, column: string): string {
  return value.replace("v::jsonb", "public.try_jsonb(v::text)").replaceAll(/\bv\b/g, column);
}

/** The documented difference of `json`: white space around the document and line breaks in it. */
function spaced(value: readonly (string | null)[] | undefined): (string | undefined)[] | undefined {
  return value?.map((text) => text?.replaceAll(/[\r\n]/g, " ").trim());
}

/** Columns whose pair is not equal. */
function differencesOf(
  zoo: readonly ZooColumn[],
  pairOf: (column: ZooColumn) => readonly [unknown, unknown],
): unknown[] {
  return zoo.flatMap((one) => {
    const [wanted, found] = pairOf(one);
    return JSON.stringify(wanted) === JSON.stringify(found)
      ? []
      : [{ type: one.type, wanted, found }];
  });
}
