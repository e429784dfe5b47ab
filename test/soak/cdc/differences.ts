import type { Database } from "../../support/fixtures.ts";
import { account, compareHistory, compareRows, intervals } from "./checker.ts";
import type { History } from "./oracle.ts";
import { currentOf, rawOf, rowsOf, versionsOf } from "./records.ts";
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
  { history, from, wasInterrupted }: Ran,
): Promise<string[]> {
  const isAppended = appended.includes(table.name);
  const began = from.get(table.name);
  if (began === undefined) return [`no position of ${table.name} is committed`];
  const changes = history.get(table.name) ?? [];
  const arrived = await (isAppended ? rowsOf : rawOf)(destination, table);
  const found = account(table, changes, arrived, { from: began, wasInterrupted });
  if (isAppended || !hasHistory) return [...found.findings];
  const versions = await versionsOf(destination, table);
  const expected = intervals(table, changes, found);
  return [...found.findings, ...compareHistory(table, expected, versions)];
}
