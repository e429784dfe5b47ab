import { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { noteShapes } from "../bookkeeping/written-table-queries.ts";
import { ownSchema } from "../plan/own-schema.ts";
import { lookForRows } from "../schema/queries.ts";
import { findMoved, lockAgainstChanges } from "./queries.ts";

/**
 * Keeps others from altering or emptying tables until the transaction ends. Throws `postgres.conflict`
 * for one that was emptied between two commits of this run: with what follows it would look whole. Of
 * one whose rows are only somewhere else it notes that.
 */
export async function holdTables(session: Session, tables: readonly Table[]): Promise<void> {
  const names = tables.map(label).join(", ");
  const locked = session.run(`lock ${names}`, lockAgainstChanges(tables));
  const readers = tables.filter(({ schema }) => schema !== ownSchema()); // staging is nobody's to empty
  if (readers.length === 0) return locked;
  const [, moved] = await together([locked, session.query(`look at ${names}`, findMoved(readers))]);
  for (const row of moved) {
    const table = { schema: row["schema"]!, name: row["name"]! };
    const looked = await session.queryRow(
      `look into ${label(table)}`,
      lookForRows(table, row["kind"]!),
    );
    if (looked["found"] === "t") continue;
    throw new Failure("postgres.conflict", `${label(table)} was emptied while it was loaded`, {
      hint: "run again: what was committed before is read again",
    });
  }
  if (moved.length > 0) await session.run("note what is moved", noteShapes(tables));
}
