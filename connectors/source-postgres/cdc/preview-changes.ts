import type { PlanStep } from "../../../protocol/messages.ts";
import type { ConfiguredCatalog } from "../../../protocol/catalog.ts";
import { asFailure } from "../../../protocol/errors.ts";
import type { Context, Plan } from "../../kit/contract.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import { errorTrace } from "../../kit/trace.ts";
import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { tableOf } from "../catalog/read-plan.ts";
import { describeDatabase } from "../catalog/describe-database.ts";
import { asRefreshOnly, followingOf } from "./slot/announce-changes.ts";
import { followableTables, notFollowed } from "./slot/followable.ts";
import { createSlotStatement, judgeSlot } from "./slot/judge-slot.ts";
import { describeLogTables } from "./log-table.ts";
import { mergeProblem } from "./chosen-key.ts";
import { addStatement, createStatement } from "./slot/publication.ts";
import type { CdcMethod } from "./slot/settings.ts";
import { lookAtSlot, type SlotFacts } from "./slot/slot-facts.ts";

/**
 * Adds to what a read would do what change data capture does at the server: what it creates, and which
 * streams it cannot follow. To run in a reading transaction.
 */
export async function previewChanges(
  session: Session,
  method: CdcMethod,
  catalog: ConfiguredCatalog,
  plan: Plan,
  context: Context,
): Promise<Plan> {
  const facts = await lookAtSlot(session, method);
  const wanted = catalog.streams.map((configured) => tableOf(descriptorOf(configured)));
  const followed = new Map(
    catalog.streams
      .filter(({ sync_mode: mode }) => mode === "incremental")
      .map((configured) => [label(tableOf(descriptorOf(configured))), configured]),
  );
  const { relations } = await describeDatabase(session, { tables: wanted });
  const tables = await followableTables(session, method.publication, wanted);
  const { keys, problems } = followingOf(relations, tables, facts, method);
  const logTables = await describeLogTables(session, [...keys.keys()]);
  const isFollowed = (table: Table) => followed.has(label(table));
  const streams = plan.streams.map((outlook) => {
    const table = tableOf(outlook.stream_descriptor);
    const relation = relations.find((one) => label(one) === label(table));
    if (outlook.error !== undefined || relation === undefined) return outlook; // told already
    const why = problems.get(relation.oid);
    const configured = followed.get(label(table));
    if (configured === undefined)
      return why === undefined
        ? outlook
        : { ...outlook, notes: [...(outlook.notes ?? []), asRefreshOnly(why)] };
    const failure = keys.has(relation.oid)
      ? mergeProblem(configured, logTables.get(relation.oid)!)
      : notFollowed(table, why);
    if (failure === undefined) return outlook;
    const { stream_descriptor } = outlook;
    return { stream_descriptor, error: errorTrace(failure, context.now()).trace.error! };
  });
  const unpublished = tables.filter(
    (table) => !table.isPublished && keys.has(table.oid) && isFollowed(table),
  );
  return {
    steps: [...plan.steps, ...stepsOf(facts, method, unpublished)],
    notes: [...plan.notes, ...notesOf(facts, method)],
    streams,
  };
}

function stepsOf(facts: SlotFacts, method: CdcMethod, unpublished: readonly Table[]): PlanStep[] {
  const { publication, replication_slot: slot } = method;
  if (method.create_slot === false) return [];
  const steps: PlanStep[] = [];
  if (facts.publication === undefined)
    steps.push({
      action: `create the publication ${publication}`,
      statements: [createStatement(facts, publication, unpublished)],
    });
  else if (facts.publication.isOurs && unpublished.length > 0)
    steps.push({
      action: `add to the publication ${publication}`,
      statements: [addStatement(publication, unpublished)],
    });
  if (facts.slot === undefined)
    steps.push({
      action: `create the replication slot ${slot}`,
      statements: [createSlotStatement(slot)],
    });
  return steps;
}

function notesOf(facts: SlotFacts, method: CdcMethod): string[] {
  const { replication_slot: slot } = method;
  const notes: string[] = [];
  try {
    judgeSlot(facts, { ...method, invalid_cdc_cursor_position_behavior: "Fail sync" }, undefined);
  } catch (error) {
    const { message, hint } = asFailure(error);
    notes.push(hint === undefined ? message : `${message} (${hint})`);
  }
  notes.push(
    facts.slot === undefined
      ? `the server keeps its log for the slot ${slot} until it is read, or dropped with drop-slot`
      : `the server keeps ${facts.slot.retainedBytes} bytes of its log for the slot ${slot}`,
  );
  return notes;
}
