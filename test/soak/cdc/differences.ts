import type { Database } from "../../support/fixtures.ts";
import { list } from "../checker.ts";
import { account, compareHistory, compareRows, intervals } from "./checker.ts";
import type { Change, History } from "./oracle.ts";
import { type Arrived, currentOf, rawOf, rowsOf, versionsOf } from "./records.ts";
import type { Reshaping } from "./reshaping.ts";
import type { CdcScenario } from "./scenario.ts";
import { FOLLOWED, type Followed } from "./tables.ts";

/** What a run was, beside what its scenario says. */
export interface Ran {
  /** All that was committed at the source. */
  readonly history: History;
  /** Where each table's first load began, as the committed state says. */
  readonly from: ReadonlyMap<string, bigint>;
  /** Whether something may have been killed while a table was read for the first time. */
  readonly wasInterrupted: boolean;
  readonly reshaping: Reshaping;
}

/** Compares what is at the destination with what was done at the source; empty: all is well. */
export async function differences(
  source: Database,
  destination: Database,
  scenario: CdcScenario,
  ran: Ran,
): Promise<string[]> {
  const findings: string[] = [];
  for (const table of FOLLOWED) {
    const isAppended = scenario.appended.includes(table.name);
    if (!isAppended) {
      const rows = await rowsOf(destination, table);
      findings.push(
        ...compareRows(table, await currentOf(source, table), rows),
        ...(await ran.reshaping.differences(destination, table)),
      );
    }
    if (isAppended || scenario.hasRawTables)
      findings.push(...(await everyRecord(destination, scenario, table, ran)));
  }
  return findings;
}

/** Of a table whose records are all kept somewhere. */
async function everyRecord(
  destination: Database,
  { appended, hasHistory }: CdcScenario,
  table: Followed,
  { history, from, wasInterrupted, reshaping }: Ran,
): Promise<string[]> {
  const isAppended = appended.includes(table.name);
  const began = from.get(table.name);
  if (began === undefined) return [`no position of ${table.name} is committed`];
  const changes = history.get(table.name) ?? [];
  const isDisturbed = reshaping.disturbed.has(table.name);
  // What came before a table was loaded anew is another table's.
  const isOfLastLoad = (one: Arrived) => one.lsn >= began && !isEmptying(one, began, changes);
  const all = await (isAppended ? rowsOf : rawOf)(destination, table);
  const arrived = isDisturbed ? all.filter(isOfLastLoad) : all;
  const found = account(table, changes, arrived, { from: began, wasInterrupted });
  if (isAppended || !hasHistory) return [...found.findings];
  const allVersions = await versionsOf(destination, table);
  const versions = isDisturbed ? allVersions.filter(({ start }) => start >= began) : allVersions;
  const open = allVersions.filter(
    ({ start, end }) => start < began && (end === null || end > began),
  );
  const expected = intervals(table, changes, found);
  return [
    ...found.findings,
    ...compareHistory(table, expected, versions),
    ...list(
      `the history of ${table.name} goes on with what was before it was loaded anew`,
      isDisturbed ? open.map(({ row }) => `version ${row["version"]}`) : [],
    ),
  ];
}

/** The record that empties a table before it is loaded anew. */
function isEmptying(
  { lsn, deletedAt, row, updatedAt }: Arrived,
  from: bigint,
  changes: readonly Change[],
): boolean {
  const isTruncate = deletedAt !== null && Object.values(row).every((value) => value === null);
  return (
    isTruncate && lsn === from && !changes.some(({ committedAt }) => committedAt === updatedAt)
  );
}
