import type { ConfiguredCatalog } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { StreamOutlook } from "../../protocol/messages.ts";
import type { Context, Plan } from "../kit/contract.ts";
import { descriptorOf } from "../kit/source/configured-stream.ts";
import { errorTrace } from "../kit/trace.ts";
import type { Row, Session } from "../postgres/session.ts";
import { label } from "../postgres/sql.ts";
import { together } from "../postgres/together.ts";
import { describeDatabase } from "./catalog/describe-database.ts";
import { announce, type UpdateMethod } from "./catalog/discover.ts";
import { lookUpIndexes } from "./catalog/index-queries.ts";
import { tableOf, type ReadPlan } from "./catalog/read-plan.ts";
import { checkCursors } from "./position/cursor.ts";
import { followsTransactions } from "./read/incremental.ts";
import { planReads, storedBytesOf } from "./read/read-tables.ts";

/** What a preview depends on. */
export interface PreviewOptions {
  readonly method: UpdateMethod;
  /** The schemas that are looked into for what is left out; undefined: all. */
  readonly schemas: readonly string[] | undefined;
}

/** What a read of these streams would find, and which it would refuse. To run in a reading transaction. */
export async function previewRead(
  session: Session,
  { method, schemas }: PreviewOptions,
  catalog: ConfiguredCatalog,
  context: Context,
): Promise<Plan> {
  const tables = catalog.streams.map((configured) => tableOf(descriptorOf(configured)));
  const [everything, described] = await together([
    describeDatabase(session, { schemas }),
    describeDatabase(session, { tables }),
  ]);
  const plans = planReads(catalog.streams, described);
  const readable = [...plans.values()].filter((plan) => !(plan instanceof Failure)) as ReadPlan[];
  const followed = readable.filter(
    (plan) =>
      plan.configured.sync_mode === "incremental" &&
      method !== "CDC" &&
      !followsTransactions(method, plan),
  );
  const relations = readable.map(({ relation }) => relation);
  const oids = relations.map(({ oid }) => oid);
  const [bytes, indexes, invalid] = await together([
    storedBytesOf(session, relations),
    session.query("look for indexes", lookUpIndexes(oids)),
    checkCursors(session, followed), // the last: what it is refused takes with it what is sent behind it
  ]);
  for (const [plan, failure] of invalid) plans.set(plan.configured, failure);
  const looked = new Map(indexes.map((row) => [Number(row["oid"]), row]));
  const streams = [...plans].map(([configured, plan]): StreamOutlook => {
    const stream_descriptor = descriptorOf(configured);
    if (plan instanceof Failure)
      return { stream_descriptor, error: errorTrace(plan, context.now()).trace.error! };
    const { oid, estimatedRows } = plan.relation;
    const size = bytes.get(oid);
    return {
      stream_descriptor,
      ...(estimatedRows >= 0 && { row_estimate: Math.round(estimatedRows) }),
      ...(size !== undefined && { byte_estimate: size }),
      notes: notesOf(plan, followed.includes(plan), looked.get(oid)),
    };
  });
  return { steps: [], notes: [...announce(everything, method).omissions], streams };
}

function notesOf(plan: ReadPlan, followsColumn: boolean, looked: Row | undefined): string[] {
  const { relation, configured } = plan;
  const notes: string[] = [];
  const name = label(relation);
  const isTable = relation.kind === "table" || relation.kind === "partitioned table";
  const cursor = configured.cursor_field?.[0];
  const leading = JSON.parse(looked?.["leading"] ?? "[]") as string[];
  if (followsColumn && cursor !== undefined && isTable && !leading.includes(cursor))
    notes.push(`no index of ${name} begins with its cursor ${cursor}: each sync scans the table`);
  if (isTable && relation.primaryKey.length === 0 && !configured.primary_key?.length)
    notes.push(`${name} has no primary key: versions of a row cannot be told from other rows`);
  if (looked?.["hides_rows"] === "t")
    notes.push(
      `row-level security applies to ${name}: a read that it would hide rows from fails, unless row_security is on`,
    );
  return notes;
}
