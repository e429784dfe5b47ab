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
  /** Columns that have values which nobody wrote. */
  readonly filled: ReadonlySet<string>;
  /** The columns by which rows are told apart; empty: none. */
  readonly key: readonly string[];
  /** Whether the log has the whole old row. */
  readonly isFull: boolean;
}

interface Described {
  oid: number;
  identity: string;
  columns: [number, string, number, boolean, boolean][];
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
      const filled = columns.filter(([, , , , isFilled]) => isFilled);
      return [
        oid,
        {
          oid,
          columns: columns.map(([number, name, typeOid]) => ({ number, name, typeOid })),
          generated: new Set(generated.map(([, name]) => name)),
          filled: new Set(filled.map(([, name]) => name)),
          key,
          isFull: identity === "f",
        },
      ];
    }),
  );
}

/** That a table is in a publication. */
export interface Published {
  /**
   * What made it so, itself and its schema: oids, with commas, that another time of it there does not have.
   * Undefined: nothing of its own.
   */
  readonly entry: string | undefined;
}

/** Tells which tables a publication has. Throws `postgres.*`. */
export async function describePublished(
  session: Session,
  publication: string,
): Promise<(table: Table) => Published | undefined> {
  const rows = await session.query("list the published tables", lookUpPublished(publication));
  const key = (schema: string | null, name: string | null) => JSON.stringify([schema, name]);
  const entries = new Map(
    rows.map(({ schema, name, entry }) => [key(schema!, name!), { entry: entry ?? undefined }]),
  );
  return ({ schema, name }) => entries.get(key(schema, name));
}
