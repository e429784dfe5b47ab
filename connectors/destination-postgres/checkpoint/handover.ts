import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { Context } from "../../kit/contract.ts";
import type { Session } from "../../postgres/session.ts";
import { label } from "../../postgres/sql.ts";
import { openBookkeeping } from "../bookkeeping/bookkeeping.ts";
import { ownerOf } from "../bookkeeping/owners.ts";
import { noteTables, type TableNote } from "../bookkeeping/written-table-queries.ts";
import { readWrittenTables } from "../bookkeeping/written-tables.ts";
import { isSameOwner, ownerText, type Identity, type Owner } from "../plan/owner.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf } from "../schema/layout.ts";
import { lockStreams, roomForLocks } from "../schema/lock.ts";
import { Checkpoint } from "./checkpoint.ts";
import { handOverAll, handOverStreams, lookForHoldings } from "./queries.ts";
import { ALL_STREAMS } from "./saved-states.ts";

/**
 * Makes the tables of `plans` this connection's: those of other connections, those that were put in the
 * place of its own, and its own as they are now, whatever somebody did to them. Positions come along from
 * a connection of the same name, which is the same one under another project. Those of other connections
 * say nothing about this one's source: where its rows are going to be added to those that are there, a
 * warning says so.
 *
 * Throws `sync.locked` while somebody writes one of the tables.
 */
export async function adoptTables(
  session: Session,
  identity: Identity,
  plans: readonly StreamPlan[],
  context: Context,
): Promise<void> {
  await openBookkeeping(session);
  const owner = (await ownerOf(session, identity))!;
  const room = await roomForLocks(session);
  const look = () => readWrittenTables(session, plans);
  const written = await lockStreams(session, plans, room, context.signal, look);
  const notes: TableNote[] = [];
  /** By project: the streams of connections of this name there. */
  const namesakes = new Map<string, StreamDescriptor[]>();
  /** Streams that add rows to tables they have no position for. */
  const added = new Set<StreamPlan>();
  for (const plan of plans)
    for (const { kind, table } of tablesOf(plan)) {
      const { stream } = plan;
      const { exists, note, hasTakenName, lacksRows, isAsNoted } = written.of(table);
      const former = note?.owner;
      const isOwn = former !== undefined && isSameOwner(owner, former);
      if (!exists || (isOwn && !hasTakenName && isAsNoted)) continue;
      notes.push({ table, kind, stream, owner, lacksRows, generation: note?.generation });
      const whose = former && !isOwn ? `was that of ${ownerText(former, owner)}` : "was nobody's";
      const what =
        isOwn && !hasTakenName ? "is taken as it is" : `is this connection's now; it ${whose}`;
      context.log("INFO", `${label(table)} ${what}`);
      if (isOwn) continue;
      if (former?.connection === owner.connection)
        namesakes.set(former.project, [...(namesakes.get(former.project) ?? []), stream]);
      else if (!plan.dedup && !plan.replaces) added.add(plan);
    }
  for (const { label: stream } of added)
    context.log(
      "WARN",
      `${stream}: no position comes along, so the next sync reads everything and adds it to the rows that are there; to begin without them, run \`syncline refresh ${owner.connection} --remove\`, with --stream for this stream alone`,
    );
  await session.begin();
  if (notes.length > 0) await session.run("note whose the tables are", ...noteTables(notes));
  for (const [project, streams] of namesakes)
    for (const sql of handOverStreams({ ...owner, project }, owner, [ALL_STREAMS, ...streams]))
      await session.query("take over states", sql);
  await session.commit();
  if (notes.length === 0)
    context.log("INFO", "all tables that are there are this connection's already");
}

/**
 * Hands everything that the connection `from` of the same project has here over to this one: tables,
 * positions, and what is left of an interrupted load. Nothing happens when it has nothing.
 *
 * Throws `usage.invalid` when this connection has something of its own, and `sync.locked` while a
 * sync of the other one is running.
 */
export async function moveConnection(
  session: Session,
  identity: Identity,
  from: string,
  context: Context,
): Promise<void> {
  const { connection } = identity;
  if (from === connection)
    throw new Failure("usage.invalid", `${from} is the name that the connection has now`);
  await openBookkeeping(session);
  const { project } = (await ownerOf(session, { ...identity, connection: from }))!;
  const owner = { project, connection };
  const former = await holderOf(session, { project, connection: from });
  if (former === undefined) {
    context.log("INFO", `nothing is kept here of the connection ${from}`);
    return;
  }
  if ((await holderOf(session, owner)) !== undefined)
    throw new Failure(
      "usage.invalid",
      `the connection ${connection} has tables or positions of its own here, beside those of ${from}`,
      { hint: `\`syncline adopt ${connection}\` takes over tables one by one` },
    );
  await Checkpoint.openWhenFree(session, former, context.signal);
  await session.run(`hand over what ${from} has`, ...handOverAll(former, owner));
  context.log("INFO", `what the connection ${from} had here is this connection's now`);
}

/** The one under whose name something is kept: the owner, or what it was before projects were named. */
async function holderOf(session: Session, owner: Owner): Promise<Owner | undefined> {
  for (const holder of [owner, { ...owner, project: "" }]) {
    const row = await session.queryRow("look what is kept", lookForHoldings(holder));
    if (row["found"] === "t") return holder;
  }
  return undefined;
}
