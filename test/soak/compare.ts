import type { Database } from "../support/fixtures.ts";
import { leftovers } from "../support/tables.ts";
import type { Table } from "./workload.ts";

export async function versions(database: Database, table: string): Promise<string[]> {
  return (await database.rows(`select version from ${table}`)).map(([version]) => version!);
}

/** Compares source and destination after a sync with nothing else going on; empty: all is well. */
export async function differences(
  source: Database,
  destination: Database,
  tables: readonly Table[],
): Promise<string[]> {
  const findings: string[] = [];
  const find = (what: string, found: readonly (string | null)[]) => {
    if (found.length > 0) findings.push(`${what}: ${someOf(found)}`);
  };
  for (const table of tables) {
    const current = await versions(source, table);
    const committed = new Set(
      (await source.rows("select version from committed where relation = $1", [table])).flat(),
    );
    const arrived = await versions(destination, table);
    const known = new Set(arrived);
    find(
      `${table} has versions that were never committed`,
      arrived.filter((version) => !committed.has(version)),
    );
    find(
      `${table} lacks current versions`,
      current.filter((version) => !known.has(version)),
    );
  }
  for (const table of tables.filter((table) => table !== "replaced"))
    find(
      `_airbyte_raw_${table} has versions twice`,
      await column(
        destination,
        `select _airbyte_data ->> 'version' from _airbyte_raw_${table} group by 1 having count(*) > 1`,
      ),
    );
  find(
    "deduped has keys twice",
    await column(destination, "select id from deduped group by id having count(*) > 1"),
  );
  find(
    "the history has keys without exactly one active version",
    await column(
      destination,
      `select id from deduped_scd group by id having sum(_airbyte_active_row) <> 1`,
    ),
  );
  find(
    "the history has versions that do not end where the next one starts",
    await column(
      destination,
      `select version from (
         select version, _airbyte_end_at, lead(_airbyte_start_at) over (
           partition by id order by _airbyte_start_at, _airbyte_emitted_at, version) as next
         from deduped_scd) as line
       where _airbyte_end_at is distinct from next`,
    ),
  );
  const rows = "select id, version, updated_at from replaced order by id, version";
  if (String(await destination.rows(rows)) !== String(await source.rows(rows)))
    findings.push("replaced is not the source's table");
  find("the sync left behind", await leftovers(destination));
  return findings;
}

/** The first of a list that may be long, and how long it is. */
export function someOf(list: readonly (string | null)[]): string {
  const shown = list.slice(0, 10).join(" ");
  return list.length > 10 ? `${shown} … (${list.length})` : shown;
}

async function column(database: Database, sql: string): Promise<(string | null)[]> {
  return (await database.rows(sql)).flat();
}
