import { Failure, firstOf, ofStream } from "../../../protocol/errors.ts";
import type { Row, Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { ownSchema } from "../plan/own-schema.ts";
import { isSameOwner, ownerText, type Owner } from "../plan/owner.ts";
import type { StreamPlan, TableKind } from "../plan/stream-plan.ts";
import { tablesOf } from "../schema/layout.ts";
import { lookForRows } from "../schema/queries.ts";
import type { Relations } from "../schema/relations.ts";
import { columnChanges, type ColumnChange, type NotedColumns } from "./column-changes.ts";
import { removeComment } from "./layout-queries.ts";
import { describeWritten, noteTables, type TableNote } from "./written-table-queries.ts";

/** What layout 1 wrote into the comment of a table while its stream was synced without it. */
const OLD_NOTE = "syncline: not kept up at present";

/** A table by its name, and what was noted of it. */
export interface WrittenTable {
  readonly exists: boolean;
  /** Told by the oid, whatever its name was: a table that was made again is another one. */
  readonly note: TableNote | undefined;
  /** Whether another table had its name when that was noted; also where there is none any more. */
  readonly hasTakenName: boolean;
  /** Whether layout 1 left a note in its comment; what a noted table has there is its user's own. */
  readonly hasOldNote: boolean;
  /** Whether records were synced, or may have been, while the stream had no such table. */
  readonly lacksRows: boolean;
  /** Whether it is like it was when we left it, to the files that its rows are in. */
  readonly isAsNoted: boolean;
  /**
   * Whether it lost all of its rows at once: it has none, and they are not in the files they were in, or
   * it was made again under its name. Rows that were deleted leave those as they are, and were
   * somebody's to delete.
   */
  readonly isEmptied: boolean;
  /** Undefined: nobody looked, since no table of its stream is another than it was. */
  readonly hasRows: boolean | undefined;
  /** Who brought its rows, where that was no run of a connection, as a clause: `a user brought`. */
  readonly strangeRows: string | undefined;
  /** What became of its columns since we left it. */
  readonly changes: readonly ColumnChange[];
  /** Its columns as they were, if they are others now. */
  readonly former: NotedColumns;
  /** Whether a table of its name was noted as the stream's history, whatever became of it. */
  readonly wasHistory: boolean;
}

const NOTHING: WrittenTable = {
  exists: false,
  note: undefined,
  hasTakenName: false,
  hasOldNote: false,
  lacksRows: false,
  isAsNoted: true,
  isEmptied: false,
  hasRows: undefined,
  strangeRows: undefined,
  changes: [],
  former: {},
  wasHistory: false,
};

/** What is noted of a set of tables. */
export class WrittenTables {
  readonly #tables: ReadonlyMap<string, WrittenTable>;

  constructor(tables: ReadonlyMap<string, WrittenTable>) {
    this.#tables = tables;
  }

  of(table: Table): WrittenTable {
    return this.#tables.get(keyOf(table)) ?? NOTHING;
  }

  /** The same with something else known of some tables. */
  with(known: ReadonlyMap<Table, Partial<WrittenTable>>): WrittenTables {
    const tables = new Map(this.#tables);
    for (const [table, more] of known) tables.set(keyOf(table), { ...this.of(table), ...more });
    return new WrittenTables(tables);
  }
}

/** Looks up what is noted of all tables of `plans`, those that they do not keep up included. */
export async function readWrittenTables(
  session: Session,
  plans: readonly StreamPlan[],
): Promise<WrittenTables> {
  const tables = plans.flatMap((plan) => [...tablesOf(plan), ...plan.unkept]);
  const wanted = tables.map(({ table: { schema, name } }) => ({ schema, name }));
  const rows = await session.query("look up whose the tables are", describeWritten(wanted));
  const byTable = new Map(
    rows.map((row) => [keyOf({ schema: row["schema"]!, name: row["name"]! }), row]),
  );
  const written = new WrittenTables(
    new Map([...byTable].map(([key, row]): [string, WrittenTable] => [key, writtenIn(row)])),
  );
  const known = new Map<Table, Partial<WrittenTable>>();
  for (const plan of plans)
    for (const [table, more] of await lookIntoTables(session, plan, byTable))
      known.set(table, more);
  return known.size === 0 ? written : written.with(known);
}

function writtenIn(row: Row): WrittenTable {
  const note = noteIn(row);
  const hasOldNote = row["comment"] === OLD_NOTE;
  const [then, now] = [row["columns_then"], row["columns_now"]];
  const former = JSON.parse(then ?? "{}") as NotedColumns;
  return {
    ...NOTHING,
    exists: row["exists"] === "t",
    note,
    hasTakenName: row["has_taken_name"] === "t",
    hasOldNote,
    lacksRows: note?.lacksRows ?? hasOldNote,
    isAsNoted: row["is_other"] !== "t",
    changes: columnChanges(former, JSON.parse(now ?? "{}") as NotedColumns),
    former,
    wasHistory: row["kind_by_name"] === "history",
  };
}

/**
 * Looks whether the tables of a stream have rows, where one of them is not what we left: looking into
 * each of them each time would cost more than it tells.
 */
async function lookIntoTables(
  session: Session,
  plan: StreamPlan,
  rows: ReadonlyMap<string, Row>,
): Promise<Map<Table, Partial<WrittenTable>>> {
  const known = new Map<Table, Partial<WrittenTable>>();
  const found = tablesOf(plan).map(({ table }) => ({ table, row: rows.get(keyOf(table))! }));
  const isMoved = (row: Row) => row["has_other_files"] === "t" || row["has_taken_name"] === "t";
  const isOther = (row: Row) => isMoved(row) || row["columns_then"] !== null;
  if (!found.some(({ row }) => isOther(row))) return known;
  for (const { table, row } of found) {
    if (row["exists"] !== "t") continue;
    const query = lookForRows(table, row["relkind"]!);
    const [looked] = await session.query(`look into ${label(table)}`, query);
    const hasRows = looked!["found"] === "t";
    known.set(table, { hasRows, isEmptied: !hasRows && isMoved(row) });
  }
  // Nothing can be made of a raw table without rows: beside one that was emptied it is as good as that.
  const raw = plan.raw && known.get(plan.raw);
  const isLeft =
    raw?.hasRows === false && (plan.final && known.get(plan.final))?.isEmptied === true;
  if (isLeft) known.set(plan.raw!, { ...raw, isEmptied: true });
  return known;
}

/** Of tables that are there, where nothing is noted of any. */
export function nothingNoted(relations: Relations, tables: readonly Table[]): WrittenTables {
  const there = tables.filter((table) => relations.of(table) !== undefined);
  return new WrittenTables(
    new Map(there.map((table) => [keyOf(table), { ...NOTHING, exists: true }])),
  );
}

/** What `lookIntoStrange` goes by. */
export interface Strangers {
  readonly written: WrittenTables;
  readonly relations: Relations;
  readonly owner: Owner | undefined;
  /** Whether a stream begins at its beginning. */
  readonly isBegun: (plan: StreamPlan) => boolean;
}

/**
 * The same, told which tables have rows of strangers. Nobody noted them: a user's own, or those of a
 * bookkeeping that was removed. Or a run without a connection did, and now one with a connection begins. Only
 * tables are looked into that belong to us.
 */
export async function lookIntoStrange(
  session: Session,
  plans: readonly StreamPlan[],
  { written, relations, owner, isBegun }: Strangers,
): Promise<WrittenTables> {
  const known = new Map<Table, Partial<WrittenTable>>();
  for (const plan of plans)
    for (const { table } of tablesOf(plan)) {
      const relation = relations.of(table);
      const { note } = written.of(table);
      const isNobodys = note !== undefined && note.owner === undefined && owner !== undefined;
      if (!relation?.isOurs || !(note === undefined || (isNobodys && isBegun(plan)))) continue;
      const query = lookForRows(table, relation.kind);
      const [looked] = await session.query(`look into ${label(table)}`, query);
      const hasRows = looked!["found"] === "t";
      const who = note ? "a run without a connection" : `no sync known to ${ownSchema()}`;
      known.set(table, { hasRows, strangeRows: hasRows ? `${who} brought` : undefined });
    }
  return known.size === 0 ? written : written.with(known);
}

function noteIn(row: Row): TableNote | undefined {
  if (row["kind"] === null) return undefined;
  const { connection, project } = row;
  const namespace = row["stream_namespace"]!;
  return {
    table: { schema: row["schema_name"]!, name: row["table_name"]! },
    kind: row["kind"] as TableKind,
    stream: { name: row["stream_name"]!, ...(namespace && { namespace }) },
    owner: connection ? { connection, project: project! } : undefined,
    lacksRows: row["lacks_rows"] === "t",
    generation: row["generation"] === null ? undefined : Number(row["generation"]),
  };
}

/**
 * Refuses to write tables that another connection writes, naming both and the way out. Throws
 * `table.owned`.
 *
 * @param owner who runs; undefined for a run without a connection, which may write nobody's tables.
 */
export function refuseForeignTables(
  plans: readonly StreamPlan[],
  written: WrittenTables,
  owner: Owner | undefined,
): void {
  const owned = plans.flatMap((plan) => {
    const theirs = tablesOf(plan).flatMap(({ table }) => {
      const of = written.of(table).note?.owner;
      return of && !(owner && isSameOwner(owner, of)) ? [{ table, of }] : [];
    });
    return theirs.length > 0 ? [ownedFailure(plan, theirs, owner)] : [];
  });
  if (owned.length > 0) throw firstOf(owned);
}

function ownedFailure(
  { stream }: StreamPlan,
  theirs: readonly { table: Table; of: Owner }[],
  owner: Owner | undefined,
): unknown {
  const { of } = theirs[0]!;
  const shown = theirs.map(
    (one) => `${label(one.table)} is written by ${ownerText(one.of, owner)}`,
  );
  const failure = new Failure(
    "table.owned",
    `${shown.join("; ")}; this is ${owner ? ownerText(owner, of) : "a run without a connection"}`,
    { hint: wayOut(owner, of) },
  );
  return ofStream(failure, stream);
}

function wayOut(owner: Owner | undefined, theirs: Owner): string {
  const apart = "a prefix or a schema of its own keeps its tables apart";
  if (owner === undefined)
    return `set SYNCLINE_CONNECTION_ID=${theirs.connection} to run as that connection; ${apart}`;
  if (owner.connection === theirs.connection)
    return `if it is the same project, moved or on another machine, \`syncline adopt ${owner.connection}\` takes over its tables and positions, and SYNCLINE_PROJECT_ID names a project wherever it runs; else ${apart}`;
  const adopt = `\`syncline adopt ${owner.connection}\` takes over the tables alone`;
  return theirs.project === owner.project || theirs.project === ""
    ? `if ${theirs.connection} was renamed to ${owner.connection}, run \`syncline state move ${theirs.connection} ${owner.connection}\`; ${adopt}; ${apart}`
    : `${adopt}; ${apart}`;
}

/**
 * Statements that make the existing tables of `plans` the run's, and note of those it does not keep
 * up that rows will be missing there. They belong together.
 */
export function claimStatements(
  plans: readonly StreamPlan[],
  written: WrittenTables,
  relations: Relations,
  owner: Owner | undefined,
): string[] {
  const notes: TableNote[] = [];
  for (const plan of plans)
    for (const { kind, table } of tablesOf(plan)) {
      const { exists, isEmptied, lacksRows, note } = written.of(table);
      // What was emptied is noted with the first rows that come, like what is made: until then it is gone.
      if (!exists || isEmptied) continue;
      const { generation } = note ?? {};
      notes.push({ table, kind, stream: plan.stream, owner, lacksRows, generation });
    }
  const kept = new Set(plans.flatMap(tablesOf).map(({ table }) => keyOf(table)));
  for (const { stream, unkept } of plans)
    for (const { kind, table, sign } of unkept) {
      const relation = relations.of(table);
      if (relation?.kind !== "r" || !relation.columns.has(sign) || kept.has(keyOf(table))) continue;
      const { owner: theirs, generation } = written.of(table).note ?? {};
      // A table of another connection has other rows, and lacks none.
      if (theirs !== undefined && !(owner && isSameOwner(owner, theirs))) continue;
      notes.push({ table, kind, stream, owner: theirs && owner, lacksRows: true, generation });
    }
  const news = notes.filter((note) => {
    const { note: old, isAsNoted } = written.of(note.table);
    return !isAsNoted || JSON.stringify(note) !== JSON.stringify(old);
  });
  const old = notes
    .map(({ table }) => table)
    .filter((table) => written.of(table).hasOldNote && relations.of(table)?.isOurs === true);
  return [...noteTables(news), ...old.map(removeComment)];
}

function keyOf({ schema, name }: Table): string {
  return JSON.stringify([schema, name]);
}
