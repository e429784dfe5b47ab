import type { Context } from "../../kit/contract.ts";
import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import { label, quoteName, type Table } from "../../postgres/sql.ts";
import { basesOf } from "./domains.ts";
import { rekeyStatements } from "./queries.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf } from "./layout.ts";
import type { Relations } from "./relations.ts";
import type { Session } from "../../postgres/session.ts";
import { changeColumnType } from "../plan/tables.ts";
import { castable, commonType, respells } from "../plan/widening.ts";

/** What becomes of a column: it is added, or gets another type. */
export interface AlteredColumn {
  readonly name: string;
  /** Null: it is added. */
  readonly from: string | null;
  readonly to: string;
}

/**
 * Lets columns hold what the schema now says they do, besides what they hold already: a column gets
 * the type that holds both, if it is not that already. One whose type cannot be widened, or that
 * a view holds fast, keeps it: old values stay, new ones that do not fit become NULL and are counted.
 * Throws `stream.cursor_invalid` where a history has its versions in another order than it would get.
 *
 * @param onChange told of each column that was changed.
 */
export async function widenColumns(
  session: Session,
  plan: StreamPlan,
  relations: Relations,
  context: Context,
  onChange: (columns: readonly AlteredColumn[]) => void,
): Promise<void> {
  const bases = await basesOf(session, plan, relations);
  const own = new Set(plan.columns.map((column) => column.name));
  const typed = [plan.final, plan.history].flatMap((table) => (table && relations.of(table)) ?? []);
  // A table and its history are merged from the same rows: what one of them holds, the other must.
  const sharedType = (name: string | undefined, type: string) =>
    typed.reduce((wanted, { columns }) => {
      const existing = name === undefined ? undefined : columns.get(name)?.type;
      return existing === undefined ? wanted : (commonType(existing, wanted, bases) ?? wanted);
    }, type);
  for (const { table, columns } of tablesOf(plan)) {
    const wider: string[] = [];
    for (const { name, type } of columns) {
      const existing = relations.of(table)?.columns.get(name)?.type;
      const isHistoryBound = name === "_airbyte_start_at" || name === "_airbyte_end_at";
      if (existing === undefined || !(own.has(name) || isHistoryBound)) continue;
      const wanted = sharedType(isHistoryBound ? plan.dedup?.cursor?.name : name, type);
      const common = commonType(existing, wanted, bases);
      if (common === existing) {
        if (existing !== type) wider.push(name);
        continue;
      }
      if (isHistoryBound && common === undefined) throw otherOrder(table, existing, wanted);
      const what = `${label(table)}.${name} from ${existing} to ${common ?? wanted}`;
      let why = "not every old value would fit";
      if (common !== undefined)
        try {
          const from = bases.get(existing) ?? existing;
          const to = bases.get(common) ?? common;
          await session.run(
            `change ${what}`,
            changeColumnType(table, name, common, castable(quoteName(name), from, to)),
            ...(respells(from, to) ? rekeyStatements(plan, table, name) : []),
          );
          onChange([{ name, from: existing, to: common }]);
          context.log("INFO", `changed ${what}`);
          continue;
        } catch (error) {
          const failure = error as Failure;
          if (!/^(0A000|2BP01|22|23514)/.test(sqlStateOf(failure.cause) ?? "")) throw failure;
          why = failure.message;
        }
      context.log(
        "WARN",
        `keeping the type of ${what}: ${why}; values that do not fit become NULL, or are rounded where PostgreSQL does that`,
      );
    }
    if (wider.length > 0)
      context.log(
        "INFO",
        `${label(table)} keeps the wider types of ${wider.join(", ")}; clear or refresh the stream to have those of the source`,
      );
  }
}

function otherOrder(history: Table, existing: string, wanted: string): Failure {
  return new Failure(
    "stream.cursor_invalid",
    `the versions in ${label(history)} are in the order of a cursor of type ${existing}, and the stream's is ${wanted} now`,
    {
      hint: "`syncline refresh --remove` or `syncline clear` of the stream begins its history anew",
    },
  );
}
