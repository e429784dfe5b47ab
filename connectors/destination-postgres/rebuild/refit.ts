import { Failure, ofStream } from "../../../protocol/errors.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { noteTables } from "../bookkeeping/written-table-queries.ts";
import type { WrittenTable } from "../bookkeeping/written-tables.ts";
import { keylessText } from "../lane/keys.ts";
import { BlockPool } from "../lane/block-pool.ts";
import { StreamTables } from "../lane/stream-tables.ts";
import { rebuildPlan, type DedupPlan, type StreamPlan } from "../plan/stream-plan.ts";
import { findDependents } from "../publish/dependents.ts";
import { keptOut } from "../publish/kept-out.ts";
import { runMerge } from "../publish/run-merge.ts";
import { countKeyless } from "../publish/merge-way-queries.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import type { PreparedStream } from "../schema/prepare.ts";
import { forStream } from "../../postgres/refused-stream.ts";
import { lookForRows } from "../schema/queries.ts";
import {
  countLost,
  dropOlderRows,
  hashStatement,
  historyStatements,
  keyStatement,
  lookAtHash,
  lookForUnkeyed,
} from "./refit-queries.ts";
import { mergeUnkeyedChanges } from "./refit-changes.ts";
import { rebuild, refuseGaps, type RebuildSetup } from "./rebuild.ts";

/**
 * Makes tables that were filled under other settings what a stream's settings of today would have
 * made them, before it adds to them. Returns whether anything was changed.
 *
 * - No typed table, or one that was not kept up for a while, but a raw one: it is rebuilt from that.
 * - A table without keys that is deduplicated from now on: its rows are merged by key, the newest
 *   stays, and the history begins with all of them.
 * - No history, or one that was not kept up for a while: the rows that are there enter it.
 * - Of a stream of changes both are made from the raw table, if it is whole: only there is every change.
 * - A hash column that is new: old rows get their hash.
 *
 * Each is one transaction. Throws `config.invalid` where a rebuild would lose rows.
 *
 * @param unkeyed see `findUnkeyed`.
 */
export async function refitTables(
  stream: PreparedStream,
  setup: RebuildSetup,
  unkeyed: ReadonlySet<PreparedStream>,
): Promise<boolean> {
  const { plan } = stream;
  const { raw, final } = plan;
  if (stream.replaces) return false;
  if (final === undefined) {
    if (raw !== undefined && setup.written.of(raw).lacksRows)
      setup.context.log(
        "WARN",
        `${label(raw)} lacks the rows that were synced while tables was "final_only"; refresh the stream to have them`,
      );
    return false;
  }
  const { exists, lacksRows } = setup.written.of(final);
  if (!exists || lacksRows)
    return (await isToBeRebuilt(stream, final, setup)) && rebuildFromRaw(stream, final, setup);
  if (isMadeFromChanges(stream, setup, unkeyed.has(stream)))
    return rebuildFromRaw(stream, final, setup);
  const isMerged =
    plan.dedup !== undefined &&
    (await refitKeys(stream, plan.dedup, final, setup, unkeyed.has(stream)));
  const isHashed = plan.hashesFinal && (await refitHashes(plan, final, setup));
  return isMerged || isHashed;
}

/** What is known to whoever only looks. */
type Looking = Pick<RebuildSetup, "session" | "relations" | "written">;

/** Whether a history, or keys, that a table of changes lacks can be made from its raw table. */
function isMadeFromChanges(
  { plan: { changes, dedup, raw, history } }: PreparedStream,
  { written }: Looking,
  isUnkeyed: boolean,
): boolean {
  if (!changes || !dedup || !raw || !written.of(raw).exists || written.of(raw).lacksRows)
    return false;
  const kept = history && written.of(history);
  return isUnkeyed || (kept !== undefined && (!kept.exists || kept.lacksRows));
}

/** The streams that are merged by key into a typed table of which rows have none. */
export async function findUnkeyed(
  streams: readonly PreparedStream[],
  { session, relations, written }: Looking,
): Promise<ReadonlySet<PreparedStream>> {
  const look = async ({ plan, replaces }: PreparedStream): Promise<boolean> => {
    const { final, dedup } = plan;
    if (replaces || !final || !dedup || !written.of(final).exists || written.of(final).lacksRows)
      return false;
    const former = { table: final, kind: relations.of(final)!.kind };
    const action = `look for keys in ${label(final)}`;
    const row = await forStream(plan.stream, () =>
      session.queryRow(action, lookForUnkeyed(former)),
    );
    return row["found"] === "t";
  };
  const found = await together(streams.map(look));
  return new Set(streams.filter((_, at) => found[at]));
}

/** What `refitTables` would have to do to a stream; undefined: nothing. Throws what it refuses. */
export async function tellRefit(
  stream: PreparedStream,
  setup: Looking,
): Promise<string | undefined> {
  const { plan, replaces } = stream;
  const { final, dedup, history } = plan;
  if (replaces || !final) return undefined;
  const { exists, lacksRows } = setup.written.of(final);
  if (!exists || lacksRows)
    return (await isToBeRebuilt(stream, final, setup))
      ? `rebuild ${label(final)} from ${label(plan.raw!)}, since it ${whyRebuilt(setup.written.of(final))}`
      : undefined;
  const isUnkeyed = dedup !== undefined && (await findUnkeyed([stream], setup)).has(stream);
  if (isMadeFromChanges(stream, setup, isUnkeyed))
    return `rebuild ${label(final)} from ${label(plan.raw!)}, since it ${whyRebuilt(setup.written.of(final))}`;
  if (isUnkeyed) {
    await refuseLostKeys(setup.session, plan, dedup, final);
    return `merge the rows of ${label(final)} by key`;
  }
  const kept = history && setup.written.of(history);
  return kept && (!kept.exists || kept.lacksRows)
    ? `begin the history ${label(history)} with the rows of ${label(final)}`
    : undefined;
}

/** What is wrong with a typed table that is made again. */
function whyRebuilt({ exists, lacksRows, note }: WrittenTable): string {
  if (!exists) return "does not exist";
  if (!lacksRows) return "is merged by key, or has a history, from now on";
  return note?.lacksRows
    ? "lacks rows that were synced without it"
    : "lost rows or columns since the last sync";
}

/** Whether a typed table is not whole and is made again. Throws `config.invalid` where that would lose rows. */
async function isToBeRebuilt(
  stream: PreparedStream,
  final: Table,
  { session, written }: Looking,
): Promise<boolean> {
  const { raw } = stream.plan;
  const { exists } = written.of(final);
  if (raw === undefined || !written.of(raw).exists) {
    if (!exists) return false;
    throw new Failure(
      "config.invalid",
      `${label(final)} lacks the rows that were synced while tables was "raw_only"`,
      { hint: 'set tables to "raw_and_final" to have it rebuilt, or refresh the stream' },
    );
  }
  refuseGaps(final, raw, written);
  const [row] = await session.query(`look into ${label(raw)}`, lookForRows(raw));
  return row!["found"] === "t";
}

async function rebuildFromRaw(
  stream: PreparedStream,
  final: Table,
  setup: RebuildSetup,
): Promise<boolean> {
  const { written, context } = setup;
  const raw = stream.plan.raw!;
  context.log(
    "INFO",
    `${label(final)} ${whyRebuilt(written.of(final))}: rebuilding it from ${label(raw)}`,
  );
  const tables = new Map([...stream.tables].filter(([table]) => table !== raw));
  const plan = rebuildPlan(stream.plan);
  const rebuilt = new StreamTables(
    { ...stream, plan, tables, replaces: true, continues: false },
    new BlockPool(context.limits.blockBytes),
  );
  await rebuild(rebuilt, raw, setup);
  return true;
}

async function refitKeys(
  { plan, owner }: PreparedStream,
  dedup: DedupPlan,
  final: Table,
  { session, relations, written, checkpoint, context }: RebuildSetup,
  isUnkeyed: boolean,
): Promise<boolean> {
  const { history } = plan;
  const former = { table: final, kind: relations.of(final)!.kind };
  const kept = history && written.of(history);
  const lacksHistory = kept !== undefined && (!kept.exists || kept.lacksRows);
  if (!lacksHistory && !isUnkeyed) return false;
  if (isUnkeyed) await refuseLostKeys(session, plan, dedup, final);
  await session.begin();
  if (history)
    await runMerge(session, { action: `begin the history of ${label(final)}` }, [
      ...historyStatements(plan, dedup, former, { table: history, exists: kept!.exists }),
      ...noteTables([
        {
          kind: "history",
          table: history,
          stream: plan.stream,
          owner,
          lacksRows: false,
          generation: written.of(final).note?.generation,
        },
      ]),
    ]);
  if (history && lacksHistory)
    context.log(
      "INFO",
      `${label(history)} begins with the rows that ${label(final)} has now; normalize makes it whole where the raw table is`,
    );
  if (isUnkeyed && plan.changes) await mergeUnkeyedChanges(session, plan, dedup, former, context);
  else if (isUnkeyed) {
    const [keyless] = await session.query(
      `look at the keys of ${label(final)}`,
      countKeyless(final, dedup),
    );
    if (keyless!["count"] !== "0")
      context.log("WARN", keylessText(plan, Number(keyless!["count"])));
    const [merged] = await session.query(
      `merge the rows of ${label(final)}`,
      dropOlderRows(former, dedup),
    );
    await session.run(`give the rows of ${label(final)} their keys`, keyStatement(former, dedup));
    const [left] = await session.query(`look at the keys again`, lookForUnkeyed(former));
    const { older, dropped } = merged!;
    if (left!["found"] === "t" || older !== dropped) {
      const dependents = (await findDependents(session, [final])).of(final);
      const what = `its rows did not all take their keys, or ${dropped} of ${older} older ones went`;
      throw ofStream(keptOut(final, dependents, { what }), plan.stream);
    }
    context.log(
      "INFO",
      `${label(final)} is deduplicated from now on: ${dropped} older versions of its rows were removed`,
    );
  }
  await session.commit(...(checkpoint?.statements() ?? []));
  return true;
}

/** Refuses to merge rows whose keys their columns could not hold: each is a row of its own. */
async function refuseLostKeys(
  session: Session,
  { label: stream }: StreamPlan,
  dedup: DedupPlan,
  final: Table,
): Promise<void> {
  for (const column of dedup.key) {
    const query = countLost(final, column);
    const [row] = await session.query(`look at the keys of ${label(final)}`, query);
    if (row!["count"] === "0") continue;
    throw new Failure(
      "config.invalid",
      `${stream}: ${row!["count"]} rows lost their key ${column.name}, which its type ${column.type} could not hold, and would become one`,
      {
        hint: "refresh the stream, or run normalize to have the table made again from its raw one",
      },
    );
  }
}

async function refitHashes(
  plan: StreamPlan,
  final: Table,
  { session, relations, context }: RebuildSetup,
): Promise<boolean> {
  const former = { table: final, kind: relations.of(final)!.kind };
  const [row] = await session.query(
    `look at the hashes of ${label(final)}`,
    lookAtHash(plan, former),
  );
  if (row?.["unhashed"] !== "t") return false;
  context.log("INFO", `filling ${label(final)}.${plan.hashColumn}`);
  await session.run(`fill ${label(final)}.${plan.hashColumn}`, hashStatement(plan, former));
  return true;
}
