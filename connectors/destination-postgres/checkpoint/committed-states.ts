import { streamKey } from "../../../protocol/catalog.ts";
import { Failure, firstOf } from "../../../protocol/errors.ts";
import { editState, readStateLine } from "../../../protocol/state.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { label } from "../../postgres/sql.ts";
import { findBookkeeping } from "../bookkeeping/bookkeeping.ts";
import { ownerOf } from "../bookkeeping/owners.ts";
import { mendTables } from "../bookkeeping/mending.ts";
import { readStagingTables } from "../bookkeeping/staging.ts";
import { readWrittenTables, refuseForeignTables } from "../bookkeeping/written-tables.ts";
import type { Identity, Owner } from "../plan/owner.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { lookForRows } from "../schema/queries.ts";
import { isLeftInPlace } from "./checkpoint.ts";
import { holdCommits, markFinished, writtenStreams } from "./queries.ts";
import {
  ALL_STREAMS,
  positionOf,
  readSaved,
  type Evidence,
  type SavedState,
  type SavedStates,
} from "./saved-states.ts";
import { settleCommits } from "./silent-commits.ts";

/** Of a run for a connection. */
type OwnEvidence = Evidence & { readonly owner: Owner };

/**
 * The STATE lines that are committed for `plans`, each ended by a newline. Not those of an earlier
 * generation: whoever asks for a new one wants everything read again. And not those whose rows are
 * gone, with the table they were committed to or with the staging tables of a replacement.
 *
 * Throws `table.owned` for tables that another connection writes, `table.changed` for those that
 * somebody changed so that a sync could not make them whole again, and `table.exchanged` where the
 * rows of a stream would be added to those of a table that somebody put in the place of its own.
 */
export async function committedStates(
  session: Session,
  identity: Identity,
  plans: readonly StreamPlan[],
  signal: AbortSignal,
): Promise<string[]> {
  if (!(await findBookkeeping(session))) return [];
  const owner = (await ownerOf(session, identity))!;
  await settleCommits(session, owner, signal);
  // A writer that was killed may have sent its COMMIT: its word is waited for. Nobody commits
  // between the looks that follow.
  const [, , kept, written, staging, known] = await together([
    session.begin(),
    session.query("wait for a commit", holdCommits(owner)),
    readSaved(session, owner),
    readWrittenTables(session, plans),
    readStagingTables(session, plans),
    session.query("look for tables of streams", writtenStreams(owner)),
  ]);

  // Who asks for a state goes on from it, whether the run that left it ended or not.
  const saved = new Map([...kept].map(([key, one]) => [key, { ...one, isFinished: false }]));
  const left = plans.filter(
    (plan) => isLeftInPlace(plan) && kept.get(streamKey(plan.stream))?.isFinished,
  );
  if (left.length > 0) {
    const streams = left.map(({ stream }) => stream);
    await together([
      session.rollback(),
      session.query("note what is gone on with", markFinished(owner, streams, false)),
    ]);
  }
  refuseForeignTables(plans, written, owner);
  const evidence = { owner, written, staging };
  const isAddedTo = (plan: StreamPlan) =>
    !positionOf(plan, saved.get(streamKey(plan.stream)), evidence).replaces;
  mendTables(plans.filter(isAddedTo), written, owner);
  const all = saved.get(streamKey(ALL_STREAMS))?.line;
  if (all !== undefined) {
    const written = known.map((row) => ({ name: row["name"]!, namespace: row["namespace"]! }));
    return stateOfAll(all, plans, saved, evidence, new Set(written.map(streamKey)));
  }
  await refuseExchangedTables(session, plans, saved, evidence);
  return plans.flatMap((plan) => {
    const { saved: counted } = positionOf(plan, saved.get(streamKey(plan.stream)), evidence);
    return counted?.line === undefined ? [] : [`${counted.line}\n`];
  });
}

/**
 * Refuses to read everything again into a table that is not the one a position was committed with:
 * somebody may have put it in that one's place, with the same rows. Throws `table.exchanged`.
 */
export async function refuseExchangedTables(
  session: Session,
  plans: readonly StreamPlan[],
  saved: SavedStates,
  evidence: OwnEvidence,
): Promise<void> {
  const refused: Failure[] = [];
  for (const plan of plans) {
    const state = saved.get(streamKey(plan.stream));
    if (state?.line === undefined || plan.replaces || plan.dedup !== undefined) continue;
    if (!positionOf(plan, state, evidence).isVoid) continue;
    // Nobody goes on from a full refresh that is over: the next one adds its rows whatever is there.
    if (plan.isFullRefresh && isOver(state.line)) continue;
    for (const table of [plan.final, plan.raw]) {
      if (table === undefined) continue;
      if (!evidence.written.of(table).exists) continue;
      const row = await session.queryRow(`look into ${label(table)}`, lookForRows(table));
      if (row["found"] === "t") refused.push(exchanged(plan, label(table), state, evidence));
    }
  }
  if (refused.length > 0) throw firstOf(refused);
}

function isOver(line: string): boolean {
  const bytes = Buffer.from(line);
  return readStateLine(bytes, 0, bytes.length)?.isLast !== false;
}

function exchanged(
  plan: StreamPlan,
  table: string,
  { generation }: SavedState,
  { owner, staging }: OwnEvidence,
): Failure {
  const { connection } = owner;
  const { stream } = plan;
  const { namespace } = stream;
  const why = staging.areOf(plan, owner, generation)
    ? `has rows, and what the connection ${connection} read to replace them is not whole`
    : `has rows, and is not the table that the connection ${connection} wrote`;
  return new Failure("table.exchanged", `${table} ${why}`, {
    hint: `if it was made in the place of that one, with its rows, \`syncline adopt ${connection} --stream NAME\` goes on with it; \`syncline refresh ${connection} --stream NAME --remove\` reads everything again and replaces them`,
    stream: { name: stream.name, ...(namespace && { namespace }) },
  });
}

/**
 * The one state of all streams, without those whose rows are gone, and those that are being replaced
 * by rows of a generation that is not in place yet: they are read from the beginning. Streams that
 * never had a table are new, and lack nothing.
 *
 * @param written `streamKey`s of those that had one.
 */
function stateOfAll(
  line: string,
  plans: readonly StreamPlan[],
  saved: SavedStates,
  evidence: OwnEvidence,
  written: ReadonlySet<string>,
): string[] {
  const { number } = saved.get(streamKey(ALL_STREAMS))!;
  const probe = { line, generation: undefined, isComplete: true, isFinished: false, number };
  const isGone = (plan: StreamPlan) =>
    written.has(streamKey(plan.stream)) &&
    positionOf({ ...plan, generation: undefined }, probe, evidence).isVoid;
  const isBegun = (plan: StreamPlan) => {
    const one = saved.get(streamKey(plan.stream));
    const isInPlace = one?.isComplete === true && one.generation === plan.generation;
    return plan.replaces && plan.resumes && !isInPlace;
  };
  const gone = plans.filter((plan) => isGone(plan) || isBegun(plan));
  if (gone.length === 0) return [`${line}\n`];
  const bytes = Buffer.from(line);
  const state = readStateLine(bytes, 0, bytes.length)!;
  const keys = new Set(gone.map(({ stream }) => streamKey(stream)));
  if (state.type === "GLOBAL") {
    const left = state.streams.some(({ stream, blob }) => blob && !keys.has(streamKey(stream)));
    if (!left) return [];
    return [editState(state, { erase: (stream) => keys.has(streamKey(stream)) }).toString("utf8")];
  }
  if (gone.length === plans.length) return [];
  if (!gone.some(isGone)) return [`${line}\n`];
  throw new Failure(
    "table.exchanged",
    `the source keeps one state for all streams, and what was committed of ${gone.map((plan) => plan.label).join(", ")} is gone`,
    {
      hint: `\`syncline refresh ${evidence.owner.connection} --remove\` reads everything again`,
    },
  );
}
