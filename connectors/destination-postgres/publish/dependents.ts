import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { describeDependents, type KeyColumn } from "./queries.ts";

/** What of a user's hangs on a table and notices, or hinders, that its rows are changed. */
export interface Dependents {
  /** `pg_class.relkind`. */
  readonly kind: string;
  /** Whether other tables inherit from it: its columns are theirs, too. Partitions do not count. */
  readonly hasChildren: boolean;
  /** Rules for INSERT, UPDATE and DELETE that are on. COPY does not run them. */
  readonly rules: readonly { readonly name: string; readonly isInstead: boolean }[];
  /** Triggers that are on, those of constraints left out. */
  readonly triggers: readonly { readonly name: string; readonly isOnDelete: boolean }[];
  /** Foreign keys that point to it, its own included. */
  readonly references: readonly { readonly name: string; readonly from: string }[];
  /** Its unique indexes over whole columns, the primary key first. */
  readonly keys: readonly {
    readonly isReferenced: boolean;
    readonly columns: readonly KeyColumn[];
  }[];
  /** Publications that publish its updates or deletes. */
  readonly publications: readonly string[];
  /** `pg_class.relreplident`: `d` unless its user said otherwise. */
  readonly identity: string;
  /** Whether a subscriber could find a row of it again; else no row of a published table can change. */
  readonly hasIdentity: boolean;
}

const NOTHING: Dependents = {
  kind: "r",
  hasChildren: false,
  rules: [],
  triggers: [],
  references: [],
  keys: [],
  publications: [],
  identity: "d",
  hasIdentity: false,
};

/** What hangs on a set of tables. */
export class DependentsOfTables {
  readonly #found: ReadonlyMap<string, Dependents>;

  constructor(found: ReadonlyMap<string, Dependents>) {
    this.#found = found;
  }

  /** Nothing for a table that is not there. */
  of(table: Table): Dependents {
    return this.#found.get(keyOf(table)) ?? NOTHING;
  }
}

/** Looks at all of `tables` at once. */
export async function findDependents(
  session: Session,
  tables: readonly Table[],
): Promise<DependentsOfTables> {
  if (tables.length === 0) return new DependentsOfTables(new Map());
  const what = tables.length === 1 ? label(tables[0]!) : "the tables";
  const wanted = tables.map(({ schema, name }) => ({ schema, name }));
  const rows = await session.query(`look at what hangs on ${what}`, describeDependents(wanted));
  return new DependentsOfTables(
    new Map(
      rows.map((row): [string, Dependents] => {
        const list = (name: string) => JSON.parse(row[name]!) as never;
        return [
          keyOf({ schema: row["schema"]!, name: row["name"]! }),
          {
            kind: row["kind"]!,
            hasChildren: row["has_children"] === "t",
            rules: list("rules"),
            triggers: list("triggers"),
            references: list("references"),
            keys: list("keys"),
            publications: list("publications"),
            identity: row["identity"]!,
            hasIdentity: row["has_identity"] === "t",
          },
        ];
      }),
    ),
  );
}

function keyOf({ schema, name }: Table): string {
  return JSON.stringify([schema, name]);
}
