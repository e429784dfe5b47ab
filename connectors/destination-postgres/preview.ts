import { streamKey, type ConfiguredCatalog } from "../../protocol/catalog.ts";
import { asFailure, type Failure } from "../../protocol/errors.ts";
import type { PlanStep, StreamOutlook } from "../../protocol/messages.ts";
import type { Context, Plan } from "../kit/contract.ts";
import { errorTrace } from "../kit/trace.ts";
import type { Rehearsed, Session } from "../postgres/session.ts";
import { label, type Table } from "../postgres/sql.ts";
import { together } from "../postgres/together.ts";
import { lookAtBookkeeping, type Standing } from "./bookkeeping/bookkeeping.ts";
import { ownerOf } from "./bookkeeping/owners.ts";
import { readStagingTables, StagingTables } from "./bookkeeping/staging.ts";
import { nothingNoted, readWrittenTables } from "./bookkeeping/written-tables.ts";
import { readSaved, type Position } from "./checkpoint/saved-states.ts";
import { ownSchema } from "./plan/own-schema.ts";
import { tooWideText } from "./plan/row-width.ts";
import type { StreamPlan } from "./plan/stream-plan.ts";
import { createTable } from "./plan/tables.ts";
import { giveIdentity } from "./publish/replica-identity.ts";
import {
  lookAround,
  plansOf,
  withNativeTypes,
  type Found,
  type Looked,
  type Run,
} from "./prepare.ts";
import { tellRefit } from "./rebuild/refit.ts";
import { forStream } from "../postgres/refused-stream.ts";
import { adaptTables, prepared, relationsToKnow, type PreparedTable } from "./schema/prepare.ts";
import { findRelations, findRowCounts, type Relation, type Relations } from "./schema/relations.ts";
import { askWritable, refuseWithoutTemporary } from "./server.ts";
import { createSchemas, missingSchemas, ofUsers, schemasOf } from "./schema/schemas.ts";

/**
 * What `prepareRun` would do and refuse, found out by the same steps in a transaction that only reads. As
 * in a sync, a stream that is refused leaves the others as they are. Nothing is locked: what others do
 * meanwhile is not known.
 *
 * Throws what keeps all streams from being written.
 */
export async function previewRun(session: Session, run: Run, context: Context): Promise<Plan> {
  const server = await askWritable(session);
  if (plansOf(run).some(({ dedup }) => dedup)) refuseWithoutTemporary(server);
  const refused: StreamOutlook[] = [];
  let streams = run.catalog.streams;
  for (;;) {
    const catalog: ConfiguredCatalog = { streams };
    try {
      const plan = await rehearse(session, { ...run, catalog }, context);
      return { ...plan, streams: [...plan.streams, ...refused] };
    } catch (error) {
      const failure = asFailure(error);
      const failures = [failure, ...failure.also];
      const keys = new Set(
        failures.map(({ stream }) => stream && streamKey(withNamespace(stream))),
      );
      const left = streams.filter(({ stream }) => !keys.has(streamKey(stream)));
      if (failure.kind !== "config_error" || left.length === streams.length) throw failure;
      refused.push(...failures.map((one) => outlookOf(one, context)));
      streams = left;
    }
  }
}

function rehearse(session: Session, run: Run, context: Context): Promise<Plan> {
  return session.rehearse(async (take) => {
    const plans = plansOf(run);
    const [missing, standing] = await together([
      missingSchemas(session, schemasOf(plans)),
      lookAtBookkeeping(session),
    ]);
    const notes: string[] = [];
    const noting = noteTo(notes, context);
    const { owner, saved, looked } = await lookIn(session, run, plans, standing, notes);
    const found = await lookAround(session, run, plans, owner, saved, looked);
    notes.push(...found.mending.found);
    await createSchemas(session, ofUsers(missing));
    await giveIdentity(session, found.changed, noting);
    const typed = await withNativeTypes(session, run, noting);
    const steps = [...(standing === "current" ? [] : [BOOKKEEPING()]), ...take().map(stepOf)];
    const countOf = await findRowCounts(session, typed.map(tableOf));
    const streams: StreamOutlook[] = [];
    for (const [index, plan] of typed.entries()) {
      const rehearsal = { session, take, context, found, former: plans[index]! };
      const outlook = () => previewStream(plan, found.positions[index]!, rehearsal);
      const exists = found.relations.of(tableOf(plan)) !== undefined;
      const rows = exists ? countOf(tableOf(plan)) : 0;
      streams.push({
        ...(await forStream(plan.stream, outlook)),
        ...(rows !== undefined && { row_estimate: rows }),
      });
    }
    return { steps, notes, streams };
  });
}

/** The table that people look at. */
function tableOf({ final, raw }: StreamPlan): Table {
  return (final ?? raw)!;
}

/** What is noted of the tables, as far as our own are such that they can be read. */
async function lookIn(
  session: Session,
  run: Run,
  plans: readonly StreamPlan[],
  standing: Standing,
  notes: string[],
) {
  const relations = await findRelations(session, relationsToKnow(plans));
  if (standing !== "current") {
    if (standing !== "missing")
      notes.push(
        `what an older version or a restored copy noted in ${ownSchema()} is taken over first; whose the tables are is known then`,
      );
    // Without what an older layout noted, every table would look like a stranger's.
    const tables = standing === "missing" ? relationsToKnow(plans) : [];
    const looked = { relations, written: nothingNoted(relations, tables), staging: NOTHING_STAGED };
    const owner = run.identity && { ...run.identity, project: run.identity.project ?? "" };
    return { owner, saved: undefined, looked: looked satisfies Looked };
  }
  const owner = await ownerOf(session, run.identity);
  const [written, staging, saved] = await together([
    readWrittenTables(session, plans),
    readStagingTables(session, plans),
    owner ? readSaved(session, owner) : Promise.resolve(undefined),
  ]);
  return { owner, saved, looked: { relations, written, staging } satisfies Looked };
}

const NOTHING_STAGED = new StagingTables(new Map());

const BOOKKEEPING = (): PlanStep => ({
  action: `make the tables that sync positions are kept in, in the schema ${ownSchema()}`,
  statements: [],
});

interface Rehearsal {
  readonly session: Session;
  readonly take: () => Rehearsed[];
  readonly context: Context;
  readonly found: Found;
  /** The plan by which what was found is known. */
  readonly former: StreamPlan;
}

async function previewStream(
  plan: StreamPlan,
  position: Position,
  { session, take, context, found, former }: Rehearsal,
): Promise<StreamOutlook> {
  const notes: string[] = [];
  const { relations, written, mending } = found;
  const altered: PlanStep[] = [];
  const adapted = await adaptTables(
    session,
    new Map([[plan, position]]),
    new Map([[plan, mending.former.get(former)]]),
    relations,
    noteTo(notes, context),
    (columns) => altered.push(...take().map((one) => ({ ...stepOf(one), columns: [...columns] }))),
  );
  const stream = prepared(adapted.plans.get(plan)!, position, relations, written, undefined);
  const refit = await tellRefit(stream, { session, relations, written });
  const made = [...stream.tables.values()].flatMap((table) =>
    tableSteps(table, position, relations),
  );
  if (position.continues) notes.push("goes on with the replacement that an interrupted run loaded");
  if (position.isVoid)
    notes.push("what was committed of it is gone or replaced, so its position does not count");
  for (const { key, name } of plan.renamed)
    notes.push(`the field ${JSON.stringify(key)} is the column ${name}`);
  const wide = tooWideText(stream.plan);
  if (wide !== undefined) notes.push(wide);
  return {
    stream_descriptor: plan.stream,
    steps: [...made, ...altered, ...(refit ? [{ action: refit, statements: [] }] : [])],
    notes,
  };
}

/** What becomes of a table that is made, or whose rows are all exchanged. */
function tableSteps(
  { table, columns, exists }: PreparedTable,
  { replaces }: Position,
  relations: Relations,
): PlanStep[] {
  if (exists && !replaces) return [];
  const wanted = new Map(columns.map(({ name, type }) => [name, type]));
  const existing = relations.of(table);
  return [
    exists
      ? {
          action: `replace all rows of ${label(table)}`,
          statements: [],
          columns: differences(existing!, wanted),
        }
      : {
          action: `create ${label(table)}`,
          statements: [createTable(table, columns)],
          columns: [...wanted].map(([name, to]) => ({ name, from: null, to })),
        },
  ];
}

/** Columns of the user's stay; those that the stream does not have any more go with a table that is exchanged. */
function differences(
  { columns }: Relation,
  wanted: ReadonlyMap<string, string>,
): PlanStep["columns"] & object {
  const names = new Set([...columns.keys(), ...wanted.keys()]);
  return [...names].flatMap((name) => {
    const [from, to] = [columns.get(name)?.type ?? null, wanted.get(name) ?? null];
    return from === to ? [] : [{ name, from, to }];
  });
}

/** Warnings alone are worth telling: what was done is told by the steps. */
function noteTo(notes: string[], context: Context): Context {
  return {
    ...context,
    log: (level, text) => void (level === "WARN" && notes.push(text)),
  };
}

function stepOf({ action, statements }: Rehearsed): PlanStep {
  return { action, statements: [...statements] };
}

function outlookOf(failure: Failure, { now }: Context): StreamOutlook {
  const { error } = errorTrace(failure, now()).trace;
  return { stream_descriptor: withNamespace(failure.stream!), error: error! };
}

function withNamespace({ name, namespace }: { name: string; namespace?: string | undefined }) {
  return namespace ? { name, namespace } : { name };
}
