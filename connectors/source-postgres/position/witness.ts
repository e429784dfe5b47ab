import { quoteName } from "../../postgres/sql.ts";
import { hasStoredOrder } from "../catalog/relation.ts";
import type { DeliveredRows, Witness } from "./delivered-rows.ts";
import { within } from "./id-ranges.ts";
import type { OpenTable } from "./open-table.ts";
import { OLDEST_DISTANCE, rowId } from "./row-versions.ts";

/** Where new rows mostly go: the last blocks of a table. */
const LAST_BLOCKS = 16;

/** The youngest row at the end of a table; undefined for none. Costs a look at a few blocks. */
export async function findWitness(table: OpenTable): Promise<Witness | undefined> {
  const { relation } = table.plan;
  if (!hasStoredOrder(relation)) return undefined;
  const block = `greatest(pg_relation_size(${relation.oid}) / current_setting('block_size')::int - ${LAST_BLOCKS}, 0)`;
  const [row] = await table.ask(
    `select ctid::text as ctid, ${described(table)} where ctid >= (select format('(%s,0)', ${block})::tid) order by ${rowId(table.settings.snapshot)} desc limit 1`,
  );
  return row && { ctid: row["ctid"]!, id: BigInt(row["id"]!), digest: row["digest"]! };
}

/**
 * What is known of delivered rows in a history that parted from theirs: a standby was promoted that
 * lacked the last transactions, or the database was restored.
 *
 * Where a row that was delivered is still there, in its place and unchanged, history parted behind its
 * transaction: the log is copied in order. Ids up to that one mean what they meant, and those of later
 * ones count as not delivered. Where it is not, nothing counts as delivered, as far back as ids can be
 * told apart.
 */
export async function deliveredBeforeParting(
  table: OpenTable,
  rows: DeliveredRows,
): Promise<{ readonly rows: DeliveredRows; readonly isCertain: boolean }> {
  const { witness } = rows;
  const { xmax } = table.settings.snapshot;
  const oldest = xmax > OLDEST_DISTANCE ? xmax - OLDEST_DISTANCE : FIRST_ID;
  if (witness !== undefined) {
    const until = witness.id + 1n;
    const xmin = rows.xmin < until ? rows.xmin : until;
    const delivered = within(rows.delivered, [xmin, witness.id]);
    if (xmin > oldest && (await isThere(table, witness)))
      return { rows: { ...rows, xmin, xmax: until, delivered }, isCertain: true };
  }
  return { rows: { ...rows, xmin: oldest, xmax: oldest, delivered: [] }, isCertain: false };
}

/** The first id of a transaction that is not the server's own. */
const FIRST_ID = 3n;

async function isThere(table: OpenTable, { ctid, id, digest }: Witness): Promise<boolean> {
  const [row] = await table.ask(`select ${described(table)} where ctid = '${ctid}'::tid`);
  return row !== undefined && row["id"] === String(id) && row["digest"] === digest;
}

/** Long values take long to unpack, and the others tell enough. */
const DIGESTED_BYTES = 2000;
const DIGESTED_COLUMNS = 32;

/** The id of a row's transaction and a digest of its values, and where from. */
function described({ plan, quotedName, settings }: OpenTable): string {
  const values = plan.columns.slice(0, DIGESTED_COLUMNS).map(({ name }) => {
    const column = quoteName(name);
    return `case when pg_column_size(${column}) < ${DIGESTED_BYTES} then ${column}::text end`;
  });
  const digest = `md5(array[${values.join(", ")}]::text[]::text)`;
  return `${rowId(settings.snapshot)}::text as id, ${digest} as digest from ${quotedName}`;
}
