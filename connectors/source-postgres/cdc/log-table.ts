import type { Session } from "../../postgres/session.ts";
import type { Table } from "../../postgres/sql.ts";
import type { TableColumn } from "./cdc-state.ts";
import { lookUpLogTables, lookUpPublished } from "./queries.ts";

/** What decides how the log speaks of a table. */
export interface LogTable {
  readonly oid: number;
  /** In their order. */
  readonly columns: readonly TableColumn[];
  /** Columns that the server computes, which the log has only where the publication says so (18). */
  readonly generated: ReadonlySet<string>;
  /** The columns by which rows are told apart; empty: none. */
  readonly key: readonly string[];
  /** Whether the log has the whole old row. */
  readonly isFull: boolean;
}

interface Described {
  oid: number;
  identity: string;
  columns: [number, string, number, boolean][];
  key: string[];
}

/** Describes tables as they are now; those that do not exist are missing. Throws `postgres.*`. */
export async function describeLogTables(
  session: Session,
  oids: readonly number[],
): Promise<ReadonlyMap<number, LogTable>> {
  if (oids.length === 0) return new Map();
  const rows = await session.query("describe the tables of the log", lookUpLogTables(oids));
  return new Map(
    rows.map(({ json }) => {
      const { oid, identity, columns, key } = JSON.parse(json!) as Described;
      const generated = columns.filter(([, , , isGenerated]) => isGenerated);
      return [
        oid,
        {
          oid,
          columns: columns.map(([number, name, typeOid]) => ({ number, name, typeOid })),
          generated: new Set(generated.map(([, name]) => name)),
          key,
          isFull: identity === "f",
        },
      ];
    }),
  );
}

/**
 * Tells by which of its entries a publication has a table; undefined: it has not. An entry that is taken out
 * and put back is another one. Throws `postgres.*`.
 */
export async function describePublished(
  session: Session,
  publication: string,
): Promise<(table: Table) => readonly number[] | undefined> {
  const rows = await session.query("list the published tables", lookUpPublished(publication));
  const entries = new Map(
    rows.map(({ schema, name, entries: list }) => [
      JSON.stringify([schema, name]),
      JSON.parse(list ?? "[]") as number[],
    ]),
  );
  return ({ schema, name }) => entries.get(JSON.stringify([schema, name]));
}
