import { describeRelations, estimateRows } from "./queries.ts";
import type { Table } from "../../postgres/sql.ts";
import type { Session } from "../../postgres/session.ts";

/** A relation as it is in the database. */
export interface Relation {
  /** `pg_class.relkind`: `r` table, `p` partitioned table, `v` view, … */
  readonly kind: string;
  /** Whether we may alter and drop it. */
  readonly isOurs: boolean;
  /** What of SELECT, INSERT, UPDATE and DELETE we may not do to somebody else's. */
  readonly lacking: readonly string[];
  /** By name, in order. */
  readonly columns: ReadonlyMap<string, ExistingColumn>;
}

export interface ExistingColumn {
  /** As `format_type` prints it. */
  readonly type: string;
  /** NOT NULL without a default. */
  readonly mustBeGiven: boolean;
  readonly isGenerated: boolean;
}

/** What exists of a set of relations. */
export class Relations {
  readonly #found: ReadonlyMap<string, Relation>;

  constructor(found: ReadonlyMap<string, Relation>) {
    this.#found = found;
  }

  of(table: Table): Relation | undefined {
    return this.#found.get(keyOf(table));
  }
}

/** Looks all of `tables` up at once. */
export async function findRelations(
  session: Session,
  tables: readonly Table[],
): Promise<Relations> {
  if (tables.length === 0) return new Relations(new Map());
  const rows = await session.query("look the tables up", describeRelations(tables));
  const found = new Map<string, Relation & { columns: Map<string, ExistingColumn> }>();
  for (const row of rows) {
    const key = keyOf({ schema: row["schema"]!, name: row["name"]! });
    let relation = found.get(key);
    if (relation === undefined) {
      relation = {
        kind: row["kind"]!,
        isOurs: row["is_ours"] === "t",
        lacking: row["lacking"] ? row["lacking"].split(", ") : [],
        columns: new Map(),
      };
      found.set(key, relation);
    }
    if (row["column"] !== null)
      relation.columns.set(row["column"]!, {
        type: row["type"]!,
        mustBeGiven: row["must_be_given"] === "t",
        isGenerated: row["is_generated"] === "t",
      });
  }
  return new Relations(found);
}

/** About how many rows tables have; a table of which that is not known, or that is none, is not in it. */
export async function findRowCounts(
  session: Session,
  tables: readonly Table[],
): Promise<(table: Table) => number | undefined> {
  const rows = await session.query("look how large the tables are", estimateRows(tables));
  const counts = new Map(
    rows.flatMap(({ schema, name, rows: count }) =>
      count === null ? [] : [[keyOf({ schema: schema!, name: name! }), Number(count)] as const],
    ),
  );
  return (table) => counts.get(keyOf(table));
}

function keyOf(table: Table): string {
  return JSON.stringify([table.schema, table.name]);
}
