import { Failure, firstOf } from "../../../protocol/errors.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { Owner } from "../plan/owner.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf, type WantedTable } from "../schema/layout.ts";
import type { WrittenTable, WrittenTables } from "./written-tables.ts";

/** The types that columns of a stream had when we left them, by name. */
export type FormerTypes = ReadonlyMap<string, string>;

/** What a run does about tables that somebody changed. */
export interface Mending {
  /** The tables as the run takes them: those that are to be made again lack rows. */
  readonly written: WrittenTables;
  /** Of streams whose columns are to be made again. */
  readonly former: ReadonlyMap<StreamPlan, FormerTypes>;
  /** What was found, for the log. */
  readonly found: readonly string[];
}

/** One stream's part. */
interface StreamMending {
  readonly known: readonly [Table, Partial<WrittenTable>][];
  readonly former: FormerTypes | undefined;
  readonly found: readonly string[];
}

/** By which the rows of a typed table are found in the raw one: without it they would look lost there. */
const ROW_ID = "_airbyte_ab_id";

const NOTHING: StreamMending = { known: [], former: undefined, found: [] };

/**
 * Decides what becomes of tables that somebody changed since we left them: without what they lost, a
 * sync would add to them and call that whole.
 *
 * - All tables that records go into were emptied: they are as good as new ones. That what was committed
 *   to them does not count any more is for `positionOf` to say.
 * - A typed table was emptied or exchanged, or lost a column or what one held: it is made again from the
 *   raw one.
 * - A raw table was emptied or dropped: it lacks rows from now on, as one that was added later.
 * - Nothing is there to make it of, or a column was renamed, or is the one by which rows are told:
 *   throws `table.changed`, with the ways out. A run without a connection has no such ways, and goes on.
 *
 * @param streams those that are not replaced; what replaced tables were is of no interest.
 */
export function mendTables(
  streams: readonly StreamPlan[],
  written: WrittenTables,
  owner: Owner | undefined,
): Mending {
  const known = new Map<Table, Partial<WrittenTable>>();
  const former = new Map<StreamPlan, FormerTypes>();
  const found: string[] = [];
  const refused: Failure[] = [];
  for (const plan of streams) {
    const mending = mendStream(plan, written, owner);
    if (mending instanceof Failure) {
      refused.push(mending);
      continue;
    }
    for (const [table, more] of mending.known) known.set(table, more);
    if (mending.former) former.set(plan, mending.former);
    found.push(...mending.found);
  }
  if (refused.length > 0) throw firstOf(refused);
  return { written: known.size === 0 ? written : written.with(known), former, found };
}

function mendStream(
  plan: StreamPlan,
  written: WrittenTables,
  owner: Owner | undefined,
): StreamMending | Failure {
  const { raw, final, history } = plan;
  const emptied = tablesOf(plan).filter(({ table }) => written.of(table).isEmptied);
  const strange = tablesOf(plan).filter(({ table }) => written.of(table).strangeRows);
  const again = plan.dedup ? "" : ", and those that are read again are there twice";
  const found = [
    ...emptied.map(({ table }) => `${label(table)} was emptied`),
    ...strange.map(
      ({ table }) =>
        `${label(table)} has rows that ${written.of(table).strangeRows}; they stay${again}`,
    ),
  ];
  const isThere = (table: Table | undefined): table is Table =>
    table !== undefined && written.of(table).exists && !written.of(table).isEmptied;
  if (!isThere(raw) && !isThere(final))
    return { ...NOTHING, known: emptied.map(({ table }) => [table, { lacksRows: false }]), found };

  const changed = tablesOf(plan).flatMap((table) => changesOf(plan, table, written));
  const isHistoryGone =
    history !== undefined &&
    (written.of(history).isEmptied ||
      (!written.of(history).exists && written.of(history).wasHistory));
  const isFinalEmptied = final !== undefined && written.of(final).isEmptied;
  const isFinalExchanged =
    isThere(raw) &&
    !written.of(raw).hasTakenName &&
    isThere(final) &&
    written.of(final).hasTakenName;
  const isRawGone = raw && !written.of(raw).exists && written.of(raw).hasTakenName;
  if (isRawGone) found.push(`${label(raw)} is gone`); // the one that is made lacks rows from the beginning
  if (isFinalExchanged) found.push(`${label(final)} is not the table that was written`);
  const isWhole = isThere(raw) && !written.of(raw).lacksRows;
  found.push(...changed.map(({ table, text }) => `${label(table)} was changed by hand: ${text}`));

  const isForUser = changed.some(
    ({ kind, isRenamed, name }) => kind === "raw" || isRenamed || name === ROW_ID,
  );
  const isLost = isFinalEmptied || isFinalExchanged || changed.length > 0;
  if (owner !== undefined && (isForUser || (isLost && !isWhole)))
    return refusal(plan, found, owner);
  const known: [Table, Partial<WrittenTable>][] = [];
  const lacks = (table: Table) => known.push([table, { lacksRows: true, isEmptied: false }]);
  if (raw && written.of(raw).isEmptied) {
    if (final && written.of(final).hasRows === true) lacks(raw);
    else known.push([raw, { isEmptied: false }]);
  }
  if ((isLost || isHistoryGone) && isWhole && !isForUser && final) {
    lacks(final);
    if (history && written.of(history).isEmptied) known.push([history, { isEmptied: false }]);
  } else if (history && written.of(history).isEmptied) lacks(history);
  const isMadeAgain = changed.length > 0 && isWhole && !isForUser;
  return { known, former: isMadeAgain ? formerTypes(plan, written) : undefined, found };
}

/** What became of the columns that a stream writes, where there are rows to have lost something. */
function changesOf(
  plan: StreamPlan,
  { kind, table, columns }: WantedTable,
  written: WrittenTables,
) {
  const { changes, hasRows } = written.of(table);
  if (hasRows !== true) return [];
  // What is computed from other columns is computed again.
  const derived = kind === "final" ? ["_airbyte_unique_key", plan.hashColumn] : [];
  const wanted = new Set(columns.map(({ name }) => name).filter((name) => !derived.includes(name)));
  return changes
    .filter(({ name }) => wanted.has(name))
    .map((change) => ({ ...change, kind, table }));
}

function formerTypes({ final, history }: StreamPlan, written: WrittenTables): FormerTypes {
  const columns = [history, final].flatMap((table) =>
    table ? Object.entries(written.of(table).former) : [],
  );
  return new Map(columns.map(([name, { type }]) => [name, type]));
}

function refusal({ stream }: StreamPlan, found: readonly string[], owner: Owner): Failure {
  const { connection } = owner;
  const { name, namespace } = stream;
  return new Failure("table.changed", found.join("; "), {
    hint: `change it back; or \`syncline refresh ${connection} --stream NAME --remove\` reads everything again and replaces what is there, and \`syncline adopt ${connection} --stream NAME\` goes on with the table as it is`,
    stream: { name, ...(namespace && { namespace }) },
  });
}
