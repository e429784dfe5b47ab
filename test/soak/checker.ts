import type { Database } from "../support/fixtures.ts";
import { leftovers } from "../support/tables.ts";
import type { Mode, Scenario } from "./scenario.ts";
import { FIXED_ROWS, type Table, TABLES } from "./workload.ts";

/** How many jobs could have refilled a table, and how many of them certainly did. */
export interface Jobs {
  readonly succeeded: number;
  readonly all: number;
}

/**
 * Compares source and destination after a sync with nothing else going on; empty: all is well. It knows
 * what was committed from the writers alone, and nothing of what the product keeps of its own.
 */
export async function differences(
  source: Database,
  destination: Database,
  scenario: Scenario,
  jobs: Jobs,
): Promise<string[]> {
  const findings = list("the sync left behind", await leftovers(destination));
  for (const table of TABLES) {
    const mode = scenario.modes[table];
    findings.push(
      ...(await inventions(source, destination, table)),
      ...(await ofMode(mode, source, destination, table, jobs)),
      ...(await ofSettings(destination, table, mode, scenario)),
    );
  }
  return findings;
}

/** The versions that a table holds. */
export async function versions(database: Database, table: string): Promise<string[]> {
  return column(database, `select version from ${table}`);
}

/** A finding for each kind of thing of which there is any. */
export function list(what: string, found: readonly string[]): string[] {
  if (found.length === 0) return [];
  const shown = found.slice(0, 10).join(" ");
  return [`${what}: ${found.length > 10 ? `${shown} … (${found.length})` : shown}`];
}

async function inventions(
  source: Database,
  destination: Database,
  table: Table,
): Promise<string[]> {
  const committed = new Set(
    await column(source, "select version from committed where relation = $1", [table]),
  );
  const arrived = await versions(destination, table);
  const torn = await column(
    destination,
    `select version from ${table} where body is distinct from repeat(md5(version::text), 3)`,
  );
  return [
    ...list(
      `${table} has versions that were never committed`,
      arrived.filter((version) => !committed.has(version)),
    ),
    ...list(`${table} has rows of several versions`, torn),
  ];
}

async function ofMode(
  mode: Mode,
  source: Database,
  destination: Database,
  table: Table,
  jobs: Jobs,
): Promise<string[]> {
  switch (mode) {
    case "appended":
      return [
        ...(await missing(source, destination, table)),
        ...list(
          `${table} has versions twice`,
          await column(
            destination,
            `select version from ${table} group by version having count(*) > 1`,
          ),
        ),
      ];
    case "deduped": {
      const keys = `select id from ${table} group by id having count(*) > 1`;
      return [
        ...(await missing(source, destination, table)),
        ...list(`${table} has keys twice`, await column(destination, keys)),
      ];
    }
    case "replaced": {
      const rows = `select id, version, updated_at from ${table} order by id, version`;
      const isSame = String(await destination.rows(rows)) === String(await source.rows(rows));
      return isSame ? [] : [`${table} is not the source's table`];
    }
    case "refilled":
      return refills(destination, table, jobs);
  }
}

/** Rows that the source has now and the destination has not. */
async function missing(source: Database, destination: Database, table: Table): Promise<string[]> {
  const there = new Set(await versions(destination, table));
  const current = await versions(source, table);
  return list(
    `${table} lacks current versions`,
    current.filter((version) => !there.has(version)),
  );
}

/** Each refresh adds every row once: nobody touches the fixed rows, so all are there as often. */
async function refills(
  destination: Database,
  table: Table,
  { succeeded, all }: Jobs,
): Promise<string[]> {
  const rows = await destination.rows(
    `select count(*) from ${table} where id < 0 group by version order by 1`,
  );
  const counts = [...new Set(rows.map(([count]) => Number(count)))];
  const [count] = counts;
  if (rows.length !== FIXED_ROWS || counts.length !== 1)
    return [
      `${table} has ${rows.length} of ${FIXED_ROWS} fixed rows, ${counts.join(" or ")} times`,
    ];
  if (count! < succeeded || count! > all)
    return [`${table} was filled ${count} times by ${all} jobs, ${succeeded} of which succeeded`];
  const often = await column(
    destination,
    `select version from ${table} group by version having count(*) > ${count}`,
  );
  return list(`${table} has versions more often than it was filled`, often);
}

/** What the settings of the destination add to a table. */
async function ofSettings(
  destination: Database,
  table: Table,
  mode: Mode,
  { hasRawTables, hasHistory, hasHashes }: Scenario,
): Promise<string[]> {
  const findings: string[] = [];
  if (hasRawTables && mode !== "deduped") {
    const same = `select (select count(*) from ${table}) = (select count(*) from _airbyte_raw_${table})`;
    const [isSame] = await column(destination, same);
    if (isSame !== "t") findings.push(`${table} has not as many rows as its raw table`);
  }
  if (hasRawTables && mode === "deduped")
    findings.push(
      ...list(
        `_airbyte_raw_${table} has versions twice`,
        await column(
          destination,
          `select _airbyte_data ->> 'version' from _airbyte_raw_${table} group by 1 having count(*) > 1`,
        ),
      ),
    );
  if (hasHashes)
    findings.push(
      ...list(
        `${table} has rows without a hash of their own`,
        await column(
          destination,
          `select version from ${table} group by version
           having count(distinct _airbyte_${table}_hashid) <> 1 or bool_or(_airbyte_${table}_hashid is null)`,
        ),
      ),
    );
  if (hasHistory && mode === "deduped") findings.push(...(await history(destination, table)));
  return findings;
}

async function history(destination: Database, table: Table): Promise<string[]> {
  return [
    ...list(
      `the history of ${table} has keys without exactly one active version`,
      await column(
        destination,
        `select id from ${table}_scd group by id having sum(_airbyte_active_row) <> 1`,
      ),
    ),
    ...list(
      `the history of ${table} has versions that do not end where the next one starts`,
      await column(
        destination,
        `select version from (
           select version, _airbyte_end_at, lead(_airbyte_start_at) over (
             partition by id order by _airbyte_start_at, _airbyte_emitted_at, version) as next
           from ${table}_scd) as line
         where _airbyte_end_at is distinct from next`,
      ),
    ),
  ];
}

async function column(
  database: Database,
  sql: string,
  values: readonly unknown[] = [],
): Promise<string[]> {
  return (await database.rows(sql, values)).map(([value]) => String(value));
}
