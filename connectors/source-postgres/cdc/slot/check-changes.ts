import { asFailure, Failure } from "../../../../protocol/errors.ts";
import type { ReplicationConnection } from "../../../postgres/replication/replication-connection.ts";
import type { Session } from "../../../postgres/session.ts";
import { describeDatabase } from "../../catalog/describe-database.ts";
import { type Following, followingOf, unfollowed } from "./announce-changes.ts";
import { followableTables } from "./followable.ts";
import { judgeSlot } from "./judge-slot.ts";
import { createStatement } from "./publication.ts";
import type { CdcMethod } from "./settings.ts";
import { lookAtSlot, type SlotFacts } from "./slot-facts.ts";

/** Whether changes can be read. */
export interface ChangeCheck {
  /** What is missing; empty: nothing. */
  readonly problems: readonly Failure[];
  /** What may be meant so, and what is good to know. */
  readonly notes: readonly { readonly level: "WARN" | "INFO"; readonly text: string }[];
}

/** What change data capture finds at the server. To run in a reading transaction. */
export async function lookAtChanges(
  session: Session,
  method: CdcMethod,
  schemas: readonly string[] | undefined,
): Promise<{ readonly facts: SlotFacts; readonly following: Following }> {
  const facts = await lookAtSlot(session, method);
  const { relations } = await describeDatabase(session, { schemas });
  const tables = await followableTables(session, method.publication);
  return { facts, following: followingOf(relations, tables, facts, method) };
}

/**
 * Whether everything is there that change data capture needs, or may be made. To run in a reading
 * transaction.
 *
 * @param connect opens a connection that reads the log, which only the server can say whether it may.
 */
export async function checkChanges(
  session: Session,
  method: CdcMethod,
  schemas: readonly string[] | undefined,
  connect: () => Promise<ReplicationConnection>,
): Promise<ChangeCheck> {
  const { facts, following } = await lookAtChanges(session, method, schemas);
  const problems: Failure[] = [];
  const attempt = async (work: () => unknown) => {
    try {
      await work();
    } catch (error) {
      problems.push(asFailure(error));
    }
  };
  await attempt(async () => (await connect()).close());
  const lenient = { ...method, invalid_cdc_cursor_position_behavior: "Fail sync" } as const;
  await attempt(() => judgeSlot(facts, lenient, undefined));
  await attempt(() => refuseFullServer(facts));
  await attempt(() => refusePublication(facts, method, following));
  return { problems, notes: notesOf(facts, method, following) };
}

function refuseFullServer({ slot, slots, maxSlots }: SlotFacts): void {
  if (slot !== undefined || slots < maxSlots) return;
  throw new Failure(
    "cdc.not_set_up",
    `all ${maxSlots} replication slots of the server are in use`,
    { hint: "drop one that nobody reads, or raise max_replication_slots" },
  );
}

function refusePublication(
  facts: SlotFacts,
  { publication: name, create_slot: mayMake = true }: CdcMethod,
  { keys, problems }: Following,
): void {
  const statement = createStatement(facts, name, "…");
  const refuse = (why: string, hint: string) => new Failure("cdc.not_set_up", why, { hint });
  if (facts.publication !== undefined) {
    if (keys.size > 0) return;
    throw refuse(
      `no table of the publication ${name} can be followed${because(problems)}`,
      `run alter publication ${name} add table …`,
    );
  }
  if (!mayMake)
    throw refuse(
      `there is no publication ${name}`,
      `set create_slot to true, or run: ${statement}`,
    );
  if (!facts.mayCreate)
    throw refuse(
      `there is no publication ${name}, and the user may not create one in the database`,
      `let the owner of the tables run: ${statement}; or grant create on database ${facts.database}`,
    );
  if (keys.size === 0)
    throw refuse(
      `there is no publication ${name}, and no table that the user could add to one${because(problems)}`,
      `let the owner of the tables run: ${statement}`,
    );
}

/** The first reason is mostly that of all. */
function because(problems: ReadonlyMap<number, string>): string {
  const [first] = problems.values();
  return first === undefined ? "" : `: ${first}`;
}

function notesOf(
  { publication, slot }: SlotFacts,
  {
    publication: name,
    replication_slot: slotName,
    max_slot_wal: maxWal,
    max_slot_wal_behavior: behavior,
  }: CdcMethod,
  following: Following,
): ChangeCheck["notes"] {
  const leftOut = publication?.as.leavesOut ?? [];
  const warn = (text: string) => ({ level: "WARN" as const, text });
  const inform = (text: string) => ({ level: "INFO" as const, text });
  return [
    ...(leftOut.length > 0
      ? [warn(`the publication ${name} leaves out every ${leftOut.join(", ")}`)]
      : []),
    ...(behavior === "Drop slot" && maxWal === undefined
      ? [warn("max_slot_wal_behavior has no effect without max_slot_wal")]
      : []),
    ...unfollowed(following).map(warn),
    ...(slot === undefined
      ? []
      : [
          inform(
            `the server keeps ${slot.retainedBytes} bytes of its log for the slot ${slotName}`,
          ),
        ]),
  ];
}
