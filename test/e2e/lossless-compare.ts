import type { Database } from "../support/fixtures.ts";
import type { ZooColumn } from "./lossless-zoo.ts";

/** What a column is at the server, as far as comparing its values needs it. */
interface TypeRow {
  readonly oid: number;
  readonly name: string;
  readonly kind: string;
  readonly send: string;
  /** For a type that borrowed another one's function: `::text`. */
  readonly sendCast: string;
  readonly element: number | undefined;
  readonly base: number;
  readonly attributes: readonly (readonly [name: string, type: number])[];
}

/** Oids from here on differ between databases and versions. */
const FIRST_LOCAL_OID = 10_000;

/** The text that the type's output function prints; a cast to text would unpad `character`. */
export const asText = (value: string) =>
  `case when num_nulls(${value}) = 0 then concat(${value}) end`;

/** Makes the session print the same wherever it is: every type name qualified. */
export async function printPlainly(database: Database): Promise<void> {
  await database.exec(`
    set datestyle = 'ISO'; set intervalstyle = 'postgres'; set timezone = 'UTC';
    set bytea_output = 'hex'; set extra_float_digits = 1; set lc_monetary = 'C'; set search_path = ''`);
}

/** Text and binary form of every value of a column, by the `id` of its row. */
export type Values = ReadonlyMap<string, readonly (string | null)[]>;

/**
 * Reads expressions over the columns of the zoo: `expressions` gives those of one column. One query
 * per table. Keys of the answer are `table.column`.
 */
export async function readZoo(
  database: Database,
  zoo: readonly ZooColumn[],
  expressions: (column: ZooColumn) => readonly string[],
): Promise<Map<string, Values>> {
  const found = new Map<string, Map<string, (string | null)[]>>();
  const tables = new Set(zoo.map(({ table }) => table));
  for (const table of tables) {
    const columns = zoo.filter((one) => one.table === table);
    const lists = columns.map(expressions);
    const rows = await database.rows(
      `select ${["id", ...lists.flat()].join(",\n")} from public.${table} order by id`,
    );
    let at = 1;
    for (const [index, list] of lists.entries()) {
      const from = at;
      at += list.length;
      const values = rows.map((row) => [row[0]!, row.slice(from, from + list.length)] as const);
      found.set(`${table}.${columns[index]!.column}`, new Map(values));
    }
  }
  return found;
}

/** `format_type` and collation of every column of the zoo that exists here, by `table.column`. */
export async function columnTypes(
  database: Database,
): Promise<Map<string, { type: string; collation: string | null }>> {
  const rows = await database.rows(`
    select c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod), o.collname
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_collation o on o.oid = a.attcollation
    where c.relname like 'zoo\\_%' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`);
  return new Map(
    rows.map(([name, type, collation]) => [name!, { type: type!, collation: collation! }]),
  );
}

/**
 * An SQL expression per column for the value's binary form. That of arrays and composites holds the
 * oids of types, which differ between databases where users made the types, so these are taken apart.
 */
export async function binaryForms(
  database: Database,
  zoo: readonly ZooColumn[],
): Promise<Map<string, string>> {
  const types = await typeRows(database);
  const oids = await database.rows(`
    select c.relname || '.' || a.attname, a.atttypid::int8 from pg_attribute a
    join pg_class c on c.oid = a.attrelid where c.relname like 'zoo\\_%' and a.attnum > 0`);
  const oidOf = new Map(oids.map(([name, oid]) => [name!, Number(oid)]));
  return new Map(
    zoo.map(({ table, column }) => {
      const name = `${table}.${column}`;
      return [name, binary(types, oidOf.get(name)!, column)];
    }),
  );
}

function binary(types: ReadonlyMap<number, TypeRow>, oid: number, value: string): string {
  const type = types.get(oid)!;
  if (type.kind === "d") {
    const base = types.get(type.base)!;
    return binary(types, type.base, `(${value})::${base.name}`);
  }
  if (type.element !== undefined && type.element >= FIRST_LOCAL_OID) {
    const one = `one_${value.length}`; // longer with every level, so never that of the level outside
    const element = `coalesce((${binary(types, type.element, `${one}.e`)})::text, 'NULL')`;
    return `(select concat(array_dims(${value}), string_agg(${element}, ',')) from (select unnest(${value}) as e) ${one})`;
  }
  if (type.kind === "c" && oid >= FIRST_LOCAL_OID) {
    const parts = type.attributes.map(
      ([name, inner]) =>
        `coalesce((${binary(types, inner, `(${value}).${quoted(name)}`)})::text, 'NULL')`,
    );
    return `concat_ws('|', ${["num_nulls(" + value + ")", ...parts].join(", ")})`;
  }
  // Some types of extensions have no binary form.
  return type.send === "-" ? asText(value) : `${type.send}(${value}${type.sendCast})::text`;
}

async function typeRows(database: Database): Promise<Map<number, TypeRow>> {
  const rows = await database.query(`
    select t.oid::int8 as oid, format_type(t.oid, -1) as name, t.typtype as kind, t.typsend::regproc as send,
      (select case when a.typtype <> 'p' and a.oid <> t.oid then '::' || a.oid::regtype else '' end
        from pg_proc p join pg_type a on a.oid = p.proargtypes[0] where p.oid = t.typsend) as send_cast,
      t.typbasetype::int8 as base, (select e.oid::int8 from pg_type e where e.typarray = t.oid) as element,
      (select json_agg(json_build_array(a.attname, a.atttypid::int8) order by a.attnum) from pg_attribute a
        where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as attributes
    from pg_type t where t.typtype <> 'p'`);
  return new Map(
    rows.map((row) => [
      Number(row["oid"]),
      {
        oid: Number(row["oid"]),
        name: row["name"]!,
        kind: row["kind"]!,
        send: row["send"]!,
        sendCast: row["send_cast"] ?? "",
        element: row["element"] === null ? undefined : Number(row["element"]),
        base: Number(row["base"]),
        attributes: JSON.parse(row["attributes"] ?? "[]") as [string, number][],
      },
    ]),
  );
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
