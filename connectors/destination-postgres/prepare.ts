import { streamKey, type ConfiguredCatalog } from "../../protocol/catalog.ts";
import type { Context } from "../kit/contract.ts";
import type { Session } from "../postgres/session.ts";
import { together } from "../postgres/together.ts";
import { lookAtBookkeeping, openBookkeeping } from "./bookkeeping/bookkeeping.ts";
import { ownerOf } from "./bookkeeping/owners.ts";
import { dropStaging } from "./bookkeeping/staging-queries.ts";
import { noteShapes } from "./bookkeeping/written-table-queries.ts";
import { mendTables, type Mending } from "./bookkeeping/mending.ts";
import {
  readStagingTables,
  findLeftStaging,
  sweepStaging,
  type StagingTables,
} from "./bookkeeping/staging.ts";
import {
  claimStatements,
  lookIntoStrange,
  readWrittenTables,
  refuseForeignTables,
  type WrittenTables,
} from "./bookkeeping/written-tables.ts";
import { Checkpoint } from "./checkpoint/checkpoint.ts";
import { refuseExchangedTables } from "./checkpoint/committed-states.ts";
import { positionOf, type Position, type SavedStates } from "./checkpoint/saved-states.ts";
import { settleCommits } from "./checkpoint/silent-commits.ts";
import { NO_NATIVE_TYPES } from "./plan/native-types.ts";
import type { Identity, Owner } from "./plan/owner.ts";
import { planStreams } from "./plan/plan.ts";
import { replacementsOf } from "./plan/stand-ins.ts";
import { rebuildPlan, type StreamPlan } from "./plan/stream-plan.ts";
import { findChangedTables, type ChangedTable } from "./publish/obstacles.ts";
import { giveIdentity } from "./publish/replica-identity.ts";
import { inGroups } from "./schema/groups.ts";
import { tablesOf } from "./schema/layout.ts";
import { lockStreams, roomForLocks } from "./schema/lock.ts";
import { prepareNativeTypes } from "./schema/native-definitions.ts";
import {
  adaptTables,
  checkTables,
  prepared,
  relationsToKnow,
  type PreparedStream,
} from "./schema/prepare.ts";
import { SERVER_VERSION } from "./schema/queries.ts";
import { findRelations, type Relations } from "./schema/relations.ts";
import { createSchemas, missingSchemas, ofUsers, schemasOf } from "./schema/schemas.ts";
import type { FullConfig } from "./spec.ts";

/** What a run is about. */
export interface Run {
  readonly config: FullConfig;
  readonly catalog: ConfiguredCatalog;
  /** Undefined when nobody said for whom it is: then no states are kept beside the data. */
  readonly identity: Identity | undefined;
  /**
   * `load` ends an earlier run of the connection that is still there; `rebuild`, of typed tables from
   * raw ones, waits for it, and touches no position.
   */
  readonly purpose: "load" | "rebuild";
}

/** What a run starts from. */
export interface PreparedRun {
  /** By the plan of a load, in the order of the catalog. */
  readonly streams: ReadonlyMap<StreamPlan, PreparedStream>;
  readonly checkpoint: Checkpoint | undefined;
  /** What is there of all tables, and what was noted of them. */
  readonly relations: Relations;
  readonly written: WrittenTables;
  /** As a number: 150018. */
  readonly serverVersion: number;
}

/** The plans of a run, as far as they can be made without a server. Throws as `planStreams`. */
export function plansOf({ catalog, config, identity, purpose }: Run): StreamPlan[] {
  return planStreams(catalog, config, purpose === "load" && identity !== undefined);
}

/**
 * Makes the database ready for a run. First everything that may forbid it is looked at, and nothing
 * but our own bookkeeping is changed: whose the tables are, whether somebody else writes them at this
 * moment, whether they are tables of ours at all. Then they are noted as the run's, what killed runs
 * left is removed, and what exists is made to fit.
 *
 * Throws `table.owned`, `table.exchanged`, `table.changed`, `sync.locked`, `postgres.object_in_use` and
 * `config.invalid` for the first.
 */
export async function prepareRun(
  session: Session,
  run: Run,
  context: Context,
): Promise<PreparedRun> {
  const isLoad = run.purpose === "load";
  const plans = plansOf(run); // whose tables they are does not depend on types
  const [missing, standing] = await together([
    missingSchemas(session, schemasOf(plans)), // what may not be used is said first
    lookAtBookkeeping(session),
  ]);
  await openBookkeeping(session, { standing, missing });
  const [owner, before, room, serverVersion] = await together([
    settledOwner(session, run, context),
    readWrittenTables(session, plans),
    roomForLocks(session),
    serverVersionOf(session),
  ]);
  refuseForeignTables(plans, before, owner);
  const lock = () =>
    lockStreams(session, plans, room, context.signal, () => lookAt(session, plans));
  const [checkpoint, looked] = isLoad
    ? await together([owner ? Checkpoint.open(session, owner) : Promise.resolve(undefined), lock()])
    : [owner && (await Checkpoint.openWhenFree(session, owner, context.signal)), await lock()];
  const found = await lookAround(session, run, plans, owner, checkpoint?.saved, looked);
  const { written, relations, positions } = found;
  for (const what of found.mending.found) context.log("WARN", what);
  const [, left] = await together([
    claim(session, plans, owner, checkpoint, found, context),
    isLoad ? findLeftStaging(session, plans, owner) : Promise.resolve([]),
  ]);
  await sweepStaging(session, left, context);
  await dropUseless(session, plans, found);

  await createSchemas(session, ofUsers(missing));
  for (const { schema } of ofUsers(missing))
    context.log("WARN", `the schema ${schema} did not exist and was created`);
  await giveIdentity(session, found.changed, context);
  const typed = await withNativeTypes(session, run, context);
  const filled = isLoad ? typed : typed.map(rebuildPlan);
  const former = new Map(
    filled.map((plan, index) => [plan, found.mending.former.get(plans[index]!)]),
  );
  const adapted = await adaptTables(session, paired(filled, positions), former, relations, context);
  if (adapted.isChanged)
    await session.run(
      "note what the tables are like",
      noteShapes(filled.flatMap(tablesOf).map(({ table }) => table)),
    );
  const streams = filled.map((plan, index) =>
    prepared(adapted.plans.get(plan)!, positions[index]!, adapted.relations, written, owner),
  );
  const { relations: now } = adapted;
  return { streams: paired(plans, streams), checkpoint, relations: now, written, serverVersion };
}

/** What there is under the locks of a run. */
export interface Found {
  /** As the run takes them, mended. */
  readonly written: WrittenTables;
  readonly mending: Mending;
  readonly relations: Relations;
  /** How each stream begins, in the order of the plans. */
  readonly positions: readonly Position[];
  /** Those tables whose rows are changed by statements. */
  readonly changed: readonly ChangedTable[];
}

/** What is seen under the locks, before anything is made of it. */
export interface Looked {
  readonly written: WrittenTables;
  readonly relations: Relations;
  readonly staging: StagingTables;
}

export async function lookAt(session: Session, plans: readonly StreamPlan[]): Promise<Looked> {
  const [written, relations, staging] = await together([
    readWrittenTables(session, plans),
    findRelations(session, relationsToKnow(plans)),
    readStagingTables(session, plans),
  ]);
  return { written, relations, staging };
}

/** Who runs. Of an earlier run no commit is under way any more. */
async function settledOwner(
  session: Session,
  { identity }: Run,
  { signal }: Context,
): Promise<Owner | undefined> {
  const owner = await ownerOf(session, identity);
  if (owner) await settleCommits(session, owner, signal);
  return owner;
}

async function serverVersionOf(session: Session): Promise<number> {
  const row = await session.queryRow("ask the server's version", SERVER_VERSION);
  return Number(row["version"]);
}

/** Looks at everything that decides how a run begins, and refuses what must not be. */
export async function lookAround(
  session: Session,
  { purpose }: Run,
  plans: readonly StreamPlan[],
  owner: Owner | undefined,
  saved: SavedStates | undefined,
  { written, relations, staging }: Looked,
): Promise<Found> {
  // Before the locks were taken another run may have come and gone.
  refuseForeignTables(plans, written, owner);
  const evidence = { owner, written, staging };
  const positions = plans.map((plan) => {
    if (purpose === "rebuild") return REBUILT;
    return positionOf(plan, saved?.get(streamKey(plan.stream)), evidence);
  });
  const filled = purpose === "load" ? plans : plans.map(rebuildPlan);
  const [, changed] = await together([
    checkTables(session, paired(plans, positions), relations, written),
    findChangedTables(session, paired(filled, positions), relations),
  ]);
  if (purpose === "load" && saved && owner)
    await refuseExchangedTables(session, plans, saved, { ...evidence, owner });
  const added = plans.filter(
    (_, index) => positions[index] === REBUILT || !positions[index]!.replaces,
  );
  const isBegun = (plan: StreamPlan) => positions[plans.indexOf(plan)]!.saved === undefined;
  const known = await lookIntoStrange(session, added, { written, relations, owner, isBegun });
  const mending = mendTables(added, known, owner);
  return { written: mending.written, mending, relations, positions, changed };
}

/** Notes in one transaction that the tables are the run's, and forgets which positions do not count. */
async function claim(
  session: Session,
  plans: readonly StreamPlan[],
  owner: Owner | undefined,
  checkpoint: Checkpoint | undefined,
  { written, relations, positions }: Found,
  context: Context,
): Promise<void> {
  const voids = plans.filter((_, index) => positions[index]!.isVoid);
  for (const { label } of voids)
    context.log(
      "INFO",
      `${label}: what was committed of it is gone or replaced, so its position does not count`,
    );
  const statements = claimStatements(plans, written, relations, owner);
  // Mostly there is nothing to note, and a transaction around one statement costs turns for nothing.
  if (statements.length === 0 && voids.length === 0) return checkpoint?.claim(plans, voids);
  await together([
    session.begin(),
    statements.length > 0
      ? session.run("note whose the tables are", ...statements)
      : Promise.resolve(),
    checkpoint?.claim(plans, voids) ?? Promise.resolve(),
  ]);
  await session.commit();
}

/** Removes what killed runs loaded to replace tables, where this one does not go on with it. */
async function dropUseless(
  session: Session,
  plans: readonly StreamPlan[],
  { relations, positions }: Found,
): Promise<void> {
  const useless = plans
    .filter((_, index) => positions[index] !== REBUILT && !positions[index]!.continues)
    .flatMap(replacementsOf)
    .map(({ staging }) => staging)
    .filter((staging) => relations.of(staging) !== undefined);
  for (const group of inGroups(useless))
    await session.run("remove unfinished tables", ...dropStaging(group));
}

function paired<Key, Value>(keys: readonly Key[], values: readonly Value[]): Map<Key, Value> {
  return new Map(keys.map((key, index) => [key, values[index]!]));
}

/** Looks at the tables again, after they were changed. */
export async function prepareAgain(session: Session, run: PreparedRun): Promise<PreparedRun> {
  const relations = await findRelations(session, relationsToKnow([...run.streams.keys()]));
  const streams = [...run.streams].map(([plan, stream]): [StreamPlan, PreparedStream] => [
    plan,
    prepared(stream.plan, stream, relations, run.written, stream.owner),
  ]);
  return { ...run, streams: new Map(streams), relations };
}

/** Of streams that are rebuilt: their position is none of that run's business. */
const REBUILT: Position = { saved: undefined, replaces: true, continues: false, isVoid: false };

/** The plans for the types that this database has. */
export async function withNativeTypes(
  session: Session,
  run: Run,
  context: Context,
): Promise<StreamPlan[]> {
  const { catalog, config, identity, purpose } = run;
  const native =
    config.column_types === "native"
      ? await prepareNativeTypes(session, catalog, context)
      : NO_NATIVE_TYPES;
  return planStreams(catalog, config, purpose === "load" && identity !== undefined, native);
}
