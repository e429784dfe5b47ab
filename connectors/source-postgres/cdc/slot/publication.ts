import { Failure } from "../../../../protocol/errors.ts";
import type { LogLevel } from "../../../../protocol/messages.ts";
import type { Session } from "../../../postgres/session.ts";
import { label, quoteLiteral, quoteName, quoteTable, type Table } from "../../../postgres/sql.ts";
import { followableTables } from "./followable.ts";
import type { CdcMethod } from "./settings.ts";
import type { SlotFacts } from "./slot-facts.ts";
import { OUR_COMMENT } from "./slot-queries.ts";

/** A table to follow. */
export interface TableToPublish extends Table {
  /** The oid by which its changes were followed so far; undefined: nobody did, or their place is lost. */
  readonly followedOid?: number | undefined;
}

type Log = (level: LogLevel, message: string) => void;

/**
 * Makes the publication, or adds tables to one that we made. From then on their changes are in the log; of
 * transactions that were running, only what they change later.
 *
 * Resolves with whether it changed anything. A table whose old rows cannot be told is left out: the server would refuse its updates and deletes.
 *
 * @param tables one that was followed, and that somebody took out of the publication, stays out; not so
 * one that was dropped and made anew, which went out with that.
 */
export async function publish(
  session: Session,
  facts: SlotFacts,
  method: CdcMethod,
  tables: readonly TableToPublish[],
  log: Log,
): Promise<boolean> {
  const { publication: name } = method;
  if (facts.publication !== undefined && !facts.publication.isOurs) return false;
  if (facts.publication === undefined && method.create_slot === false)
    throw notThere(name, createStatement(facts, name, tables));
  const found = await session.whileReading(() => followableTables(session, name, tables));
  const followedOids = new Map(tables.map((table) => [label(table), table.followedOid]));
  const missing = found.filter(
    ({ isPublished, problem, ...table }) =>
      !isPublished && problem === undefined && followedOids.get(label(table)) !== table.oid,
  );
  const statements =
    facts.publication === undefined
      ? [
          createStatement(facts, name, missing),
          `comment on publication ${quoteName(name)} is ${quoteLiteral(`${OUR_COMMENT} for the replication slot ${method.replication_slot}`)}`,
        ]
      : missing.length === 0
        ? []
        : [addStatement(name, missing)];
  if (statements.length === 0) return false;
  const action =
    facts.publication === undefined
      ? `create the publication ${name}`
      : `add to the publication ${name}`;
  await session.run(action, ...statements).catch((failure: unknown) => {
    throw mayNot(failure, statements[0]!);
  });
  const names = missing.map(label).join(", ") || "no table";
  log(
    "INFO",
    `${facts.publication === undefined ? "created" : "extended"} the publication ${name}: ${names}`,
  );
  return true;
}

/** The statement that makes a publication of tables, as we would have it; `…`: of some. */
export function createStatement(
  { version }: SlotFacts,
  name: string,
  tables: readonly Table[] | "…",
): string {
  const options = [
    "publish_via_partition_root = true",
    ...(version >= 180000 ? ["publish_generated_columns = stored"] : []),
  ].join(", ");
  const list =
    tables === "…" ? " for table …" : tables.length === 0 ? "" : ` for ${tableList(tables)}`;
  return `create publication ${quoteName(name)}${list} with (${options})`;
}

/** The statement that adds tables to a publication. */
export function addStatement(name: string, tables: readonly Table[]): string {
  return `alter publication ${quoteName(name)} add ${tableList(tables)}`;
}

const tableList = (tables: readonly Table[]) =>
  `table ${tables.map((one) => quoteTable(one)).join(", ")}`;

function notThere(name: string, statement: string): Failure {
  return new Failure("cdc.not_set_up", `there is no publication ${name}`, {
    hint: `set create_slot to true, or run: ${statement}`,
  });
}

/** Who owns the tables can do what we may not. */
function mayNot(failure: unknown, statement: string): unknown {
  if (!(failure instanceof Failure) || failure.code !== "postgres.permission_denied")
    return failure;
  return new Failure("cdc.not_set_up", failure.message, {
    hint: `let who owns the tables, or a superuser, run: ${statement}`,
    facts: failure.facts,
    cause: failure,
  });
}
