import { withSession } from "../../connectors/postgres/session.ts";
import { describeDatabase } from "../../connectors/source-postgres/catalog/describe-database.ts";
import type { Kept } from "../support/type-fidelity.ts";
import { baseOf, type PostgresType } from "../../connectors/postgres/types/column-type.ts";
import { configured, discover, jsonFile } from "../support/catalogs.ts";
import type { Database } from "../support/database.ts";
import { runExecutable, succeeded } from "../support/run.ts";
import { asText, readZoo } from "./lossless-compare.ts";
import type { ZooColumn } from "./lossless-zoo.ts";

/** A source full of values, and what is known of its columns. */
export interface FilledSource {
  readonly database: Database;
  readonly zoo: readonly ZooColumn[];
  /** By `table.column`. */
  readonly types: ReadonlyMap<string, PostgresType>;
}

export const nameOf = ({ table, column }: Pick<ZooColumn, "table" | "column">) =>
  `${table}.${column}`;

/** The types of the zoo's columns, as the source's connector reads them from the catalog. */
export async function typesOf(database: Database): Promise<Map<string, PostgresType>> {
  const { relations } = await withSession(database.config, { applicationName: "test" }, (session) =>
    describeDatabase(session, { schemas: ["public"] }),
  );
  return new Map(
    relations.flatMap(({ name, columns }) =>
      columns.map((column) => [nameOf({ table: name, column: column.name }), column.type]),
    ),
  );
}

/** One sync of all tables by a pipe of the two connectors. Throws when one of them fails. */
export async function pipe(
  source: FilledSource,
  destination: Database,
  folder: string,
  destinationConfig: object,
): Promise<void> {
  const from = await jsonFile(folder, "source.json", source.database.config);
  const to = await jsonFile(folder, "destination.json", {
    ...destination.config,
    ...destinationConfig,
  });
  const names = new Set(source.zoo.map(({ table }) => table));
  const catalog = configured(await discover(from), [...names]);
  const streams = await jsonFile(folder, "catalog.json", catalog);
  const read = ["read", "--config", from, "--catalog", streams];
  const { stdout } = succeeded(await runExecutable("source-postgres", read));
  const write = ["write", "--config", to, "--catalog", streams];
  succeeded(await runExecutable("destination-postgres", write, { stdin: stdout }));
}

/**
 * Compares every value of the zoo: the text of what should be kept, and where it is kept as it is its
 * bytes, by the expressions given. `compared` counts the values that are not NULL.
 */
export async function compareZoo(
  source: FilledSource,
  destination: Database,
  kept: ReadonlyMap<string, Kept>,
  bytes: ReadonlyMap<string, string> = new Map(),
): Promise<{ differences: object[]; compared: number }> {
  await source.database.exec(TRY_JSONB);
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
  const differences = source.zoo.flatMap((one) =>
    [...wanted.get(nameOf(one))!].flatMap(([id, value]) => {
      if (value[0] !== null) compared++;
      const other = found.get(nameOf(one))!.get(id);
      const [before, after] = isJson(one) ? [spaced(value), spaced(other)] : [value, other];
      return JSON.stringify(before) === JSON.stringify(after)
        ? []
        : [{ type: one.type, before, after }];
    }),
  );
  return { differences, compared };
}

/** What jsonb cannot hold is NULL at a protocol destination. */
const TRY_JSONB = `
  create or replace function public.try_jsonb(document text) returns jsonb language plpgsql as $$
    begin return document::jsonb; exception when others then return null; end $$`;

/** What is kept of a column, as SQL. A value that jsonb refuses is NULL at the destination. */
function sqlOf({ value }: Kept, column: string): string {
  return value.replace("v::jsonb", "public.try_jsonb(v::text)").replaceAll(/\bv\b/g, column);
}

/** The documented difference of `json`: white space around the document and line breaks in it. */
function spaced(value: readonly (string | null)[] | undefined): (string | undefined)[] | undefined {
  return value?.map((text) => text?.replaceAll(/[\r\n]/g, " ").trim());
}
