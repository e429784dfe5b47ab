import { type ConfiguredStream, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { together } from "../../postgres/together.ts";
import { describeDatabase } from "../catalog/describe-database.ts";
import { planRead, type ReadPlan, tableOf } from "../catalog/read-plan.ts";
import { followingOf } from "./slot/announce-changes.ts";
import { type StreamPart, wasFollowed } from "./cdc-state.ts";
import { followableTables, notFollowed } from "./slot/followable.ts";
import { describeLogTables, describePublished, type LogTable } from "./log-table.ts";
import { mergeProblem } from "./chosen-key.ts";
import type { CdcMethod } from "./slot/settings.ts";
import type { SlotFacts } from "./slot/slot-facts.ts";
import { startOf, type StreamStart } from "./stream-starts.ts";

/** A stream whose table is there and in the log. */
export interface PlannedStream {
  readonly plan: ReadPlan;
  readonly table: LogTable;
  /** What makes it one of the publication's. */
  readonly entry: string | undefined;
  readonly start: StreamStart;
}

/** A stream that cannot be followed. */
export interface UnplannedStream {
  readonly descriptor: StreamDescriptor;
  readonly failure: Failure;
}

/** The publication that has the tables. */
export interface Published {
  readonly facts: SlotFacts;
  readonly method: CdcMethod;
}

/** What is known of where the streams stand. */
export interface Known {
  /** Up to where the log was delivered; undefined: from nowhere. */
  readonly lsn: Lsn | undefined;
  /** The position is lost, so that all streams begin anew. */
  readonly isAnew: boolean;
  /** Why changes that were made meanwhile are not in the log. */
  readonly gap: string | undefined;
  readonly partOf: (stream: StreamDescriptor) => StreamPart;
}

/**
 * Finds the tables of streams and how each begins. One whose table is not there, or not in the
 * publication, is left out. Throws for one that is followed and cannot be read: were the log read on
 * without it, its changes would be lost.
 */
export async function planStreams(
  session: Session,
  streams: readonly ConfiguredStream[],
  { facts, method }: Published,
  { lsn, isAnew, gap, partOf }: Known,
): Promise<{ planned: PlannedStream[]; unplanned: UnplannedStream[] }> {
  const tables = streams.map((configured) => tableOf(descriptorOf(configured)));
  const { publication } = method;
  const { description, publishedAs, following, logTables } = await session.whileReading(
    async () => {
      const [found, published, followable] = await together([
        describeDatabase(session, { tables }),
        describePublished(session, publication),
        followableTables(session, publication, tables),
      ]);
      const oids = found.relations.map(({ oid }) => oid);
      return {
        description: found,
        publishedAs: published,
        following: followingOf(found.relations, followable, facts, method),
        logTables: await describeLogTables(session, oids),
      };
    },
  );
  const planned: PlannedStream[] = [];
  const unplanned: UnplannedStream[] = [];
  for (const configured of streams) {
    const descriptor = descriptorOf(configured);
    const name = tableOf(descriptor);
    const relation = description.relations.find((one) => label(one) === label(name));
    const isThere = relation !== undefined;
    const published = publishedAs(name);
    const problem = isThere ? following.problems.get(relation.oid) : undefined;
    if (isThere && (problem !== undefined || published === undefined)) {
      const why =
        problem ?? (following.keys.has(relation.oid) ? notIn(name, publication) : undefined);
      unplanned.push({ descriptor, failure: notFollowed(name, why) });
      continue;
    }
    try {
      const plan = planRead(configured, description);
      const table = logTables.get(plan.relation.oid)!;
      const problem = mergeProblem(configured, table);
      if (problem !== undefined) throw problem;
      const entry = published?.entry;
      const known = { lsn, isAnew, entry, gap };
      const start = startOf(partOf(descriptor), table, plan.relation.filenode, known);
      planned.push({ plan, table, entry, start });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (isThere && wasFollowed(partOf(descriptor))) throw sinceDiscovered(error, descriptor);
      unplanned.push({ descriptor, failure: error });
    }
  }
  return { planned, unplanned };
}

/** Why a table that is followed cannot be read: it may have lost a column since it was discovered. */
function sinceDiscovered(failure: Failure, stream: StreamDescriptor): Failure {
  if (failure.code !== "postgres.object_missing") return failure;
  return new Failure("source.schema_changed", failure.message, {
    hint: "discover again and read on from the last state",
    stream: { name: stream.name, namespace: stream.namespace ?? undefined },
    cause: failure,
  });
}

const notIn = (table: Table, publication: string) =>
  `${label(table)} is not in the publication ${publication}`;
