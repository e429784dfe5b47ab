import { Failure } from "../../../../protocol/errors.ts";
import type { Row, Session } from "../../../postgres/session.ts";
import { label, type Table } from "../../../postgres/sql.ts";
import { lookUpFollowable } from "./slot-queries.ts";

/** What a table is to somebody who follows its changes. */
export interface FollowableTable extends Table {
  readonly oid: number;
  /** The columns that tell a row's versions apart; empty: none do. */
  readonly key: readonly string[];
  /** Whether the publication has it. */
  readonly isPublished: boolean;
  /** Whether the user may add it to one. */
  readonly isOwned: boolean;
  /** The publication has only some of its rows or columns. */
  readonly isPartial: boolean;
  /** Why its changes cannot be followed; undefined: they can. */
  readonly problem: string | undefined;
}

/** Looks at tables by name, or at all. To run in a reading transaction. */
export async function followableTables(
  session: Session,
  publication: string,
  tables?: readonly Table[],
): Promise<FollowableTable[]> {
  const question = lookUpFollowable(tables, publication);
  const rows = await session.query("look at the replica identity of tables", question);
  return rows.map(tableOf);
}

/** Why a stream that is to be followed cannot be. */
export function notFollowed(table: Table, why: string | undefined): Failure {
  return new Failure(
    "cdc.not_set_up",
    why ?? `${label(table)} is no table, so no log has its changes`,
    { hint: "or read it as full refresh" },
  );
}

function tableOf(row: Row): FollowableTable {
  const table = { schema: row["schema"]!, name: row["name"]! };
  const isPublished = row["is_published"] === "t";
  const isPartial = row["is_partial"] === "t";
  const key = JSON.parse(row["key"] ?? "[]") as string[];
  return {
    ...table,
    oid: Number(row["oid"]),
    key,
    isPublished,
    isPartial,
    isOwned: row["is_owned"] === "t",
    problem: problemOf(label(table), {
      isPublished,
      isPartial,
      isLogged: row["is_logged"] === "t",
      tellsRows: row["identity"] === "f" || key.length > 0,
      hasMutePartitions: row["has_mute_partitions"] === "t",
    }),
  };
}

function problemOf(
  name: string,
  facts: {
    readonly isPublished: boolean;
    readonly isPartial: boolean;
    readonly isLogged: boolean;
    readonly tellsRows: boolean;
    readonly hasMutePartitions: boolean;
  },
): string | undefined {
  if (!facts.isLogged) return `${name} is unlogged: its changes are in no log`;
  if (facts.isPartial)
    return `the publication has only some rows or columns of ${name}: what it leaves out would be missed`;
  // Somebody who publishes it nevertheless knows that it is only added to.
  if (!facts.tellsRows && !facts.isPublished)
    return `${name} has no primary key, by which a change tells its row: add one, or run alter table ${name} replica identity full`;
  // What the table says of its replica identity is not said of its partitions.
  if (facts.hasMutePartitions && !facts.isPublished)
    return `partitions of ${name} have, or will have, no primary key, by which a change tells its row: add one to ${name}`;
  return undefined;
}
