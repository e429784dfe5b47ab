/** @guarantee exact-values */
import { afterAll, beforeAll, describe, expect } from "vitest";
import { keptByNative, keptByProtocol, type Kept } from "../support/type-fidelity.ts";
import { createDatabase, type Database } from "../support/database.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { startTestServerOfVersion, type TestServer } from "../support/servers.ts";
import { binaryForms, columnTypes, printPlainly } from "./lossless-compare.ts";
import { compareZoo, type FilledSource, nameOf, pipe, typesOf } from "./lossless-copy.ts";
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

interface Source extends FilledSource {
  readonly drop: () => Promise<void>;
  /** Types that no copy can have: row types of tables, and one that is programmed. */
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
      const bytes = await binaryForms(source.database, source.zoo);
      const { differences, compared } = await compareZoo(source, destination, native, bytes);
      expect(differences).toEqual([]);
      expect(compared).toBeGreaterThan(1500);
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
      const { differences, compared } = await compareZoo(source, destination, kept);
      expect(differences).toEqual([]);
      expect(compared).toBeGreaterThan(1500);
    } finally {
      await drop();
    }
  });
});

function keptNatively(source: Source, column: ZooColumn): Kept {
  const type = source.types.get(nameOf(column))!;
  const isBound = source.bound.has(type.format.replace(/\[\]$/, ""));
  return isBound ? { ...keptByProtocol(type), difference: "as text" } : keptByNative(type);
}

async function createSource(major: number): Promise<Source> {
  const { database, drop } = await createDatabase(servers.get(major)!.url);
  const zoo = await buildZoo(database);
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
  if (new URL(destination.url).port === new URL(source.database.url).port) {
    await pipe(source, destination, folder, destinationConfig);
    return;
  }
  // Merged and with history, so that every type goes through those statements too.
  const stream = { name: "zoo_*", primary_key: ["id"], cursor_field: "id" };
  const streams = [{ ...stream, sync_mode: "incremental", destination_sync_mode: "append_dedup" }];
  const connections = { zoo: { streams } };
  const options = { source: source.database, destination, destinationConfig, connections };
  await (await Project.create(folder, options)).sync("zoo");
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
