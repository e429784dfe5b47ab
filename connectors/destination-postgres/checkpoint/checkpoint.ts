import { streamKey } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { StateLine } from "../../../protocol/state.ts";
import type { Session } from "../../postgres/session.ts";
import type { Owner } from "../plan/owner.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { untilFree } from "../schema/lock.ts";
import * as queries from "./queries.ts";
import { ALL_STREAMS, readSaved, type SavedStates } from "./saved-states.ts";
import { settleCommits } from "./silent-commits.ts";

/** A STATE about to be committed, and the stream it is of; none for GLOBAL and LEGACY. */
export interface CommittedState {
  readonly line: StateLine;
  readonly plan: StreamPlan | undefined;
}

/**
 * The STATEs of one connection, kept in the database of the data and committed together with it, so
 * that a source can go on exactly where the data ends, whatever died in between.
 *
 * The fence is a number that grows with every writer of the connection. A commit holds its row, so
 * of two writers the older one cannot commit any more once the newer one has begun.
 */
export class Checkpoint {
  /** What was kept when this run began. */
  readonly saved: SavedStates;
  readonly #session: Session;
  readonly #owner: Owner;
  readonly #fence: string;

  private constructor(session: Session, owner: Owner, fence: string, saved: SavedStates) {
    this.#session = session;
    this.#owner = owner;
    this.#fence = fence;
    this.saved = saved;
  }

  /** Begins a run of `owner`. Sessions that the writer before it left behind are ended. */
  static async open(session: Session, owner: Owner, signal: AbortSignal): Promise<Checkpoint> {
    await settleCommits(session, owner, signal);
    const rows = await session.query("take the fence", queries.takeFence(owner));
    for (const { former_pid: pid } of rows)
      if (typeof pid === "string")
        await session.query("end the session of an earlier run", queries.endSession(pid));
    await session.query("end other sessions of an earlier run", queries.endJoinedSessions(owner));
    return new Checkpoint(session, owner, rows[0]!["fence"]!, await readSaved(session, owner));
  }

  /**
   * The same for a run that can wait: a writer at work keeps its fence and its session. Throws
   * `sync.locked` when it is still there after some seconds.
   */
  static async openWhenFree(
    session: Session,
    owner: Owner,
    signal: AbortSignal,
  ): Promise<Checkpoint> {
    await settleCommits(session, owner, signal);
    let fence: string | null = null;
    const isFree = await untilFree(signal, async () => {
      await session.begin();
      const rows = await session.query("take the fence", queries.takeFence(owner));
      fence = rows[0]!["fence"]!;
      const isTaken = rows.some((row) => row["former_pid"] !== null);
      await (isTaken ? session.rollback() : session.commit());
      return !isTaken;
    });
    if (!isFree)
      throw new Failure("sync.locked", `a sync of the connection ${owner.connection} is running`, {
        hint: "wait for it to end",
      });
    return new Checkpoint(session, owner, fence!, await readSaved(session, owner));
  }

  /** Has a session of this run ended with it when another writer takes over. */
  async join(session: Session): Promise<void> {
    await session.query("note whose the session is", queries.joinConnection(this.#owner));
  }

  /** The same, for transactions of another session. */
  through(session: Session): Checkpoint {
    return new Checkpoint(session, this.#owner, this.#fence, this.saved);
  }

  /**
   * Makes what was kept of `plans` this project's, if nobody's, and forgets what does not count. With
   * `voids` in the open transaction.
   */
  async claim(plans: readonly StreamPlan[], voids: readonly StreamPlan[]): Promise<void> {
    const streams = [ALL_STREAMS, ...plans.map(({ stream }) => stream)];
    if (this.#owner.project !== "")
      await this.#session.query("take over states", queries.claimCheckpoints(this.#owner, streams));
    if (voids.length > 0)
      await this.#session.query(
        "forget states of tables that are gone",
        queries.forgetStreams(
          this.#owner,
          voids.map(({ stream }) => stream),
        ),
      );
  }

  /**
   * Keeps STATEs in the open transaction, the last one of each stream, and makes sure that this run
   * may still commit. Throws `sync.locked` when another writer has taken over.
   *
   * @param uncovered streams of which the transaction holds rows in staging tables that none of
   *   these STATEs covers, nor one before.
   */
  async save(
    states: readonly CommittedState[],
    uncovered: readonly StreamPlan[] = [],
  ): Promise<void> {
    const { connection } = this.#owner;
    const held = await this.#session.query(
      "check the fence",
      queries.holdFence(this.#owner, this.#fence),
    );
    if (held.length === 0)
      throw new Failure(
        "sync.locked",
        `another run of the connection ${connection} has taken over`,
        {
          hint: "only one run of a connection can write; this one's uncommitted rows are gone",
        },
      );
    const last = new Map<string, Parameters<typeof queries.saveCheckpoint>>();
    for (const { line, plan } of states) {
      const text = textOf(line);
      if (plan !== undefined) {
        const state = line.streams[0]!.blob === undefined ? null : text;
        last.set(streamKey(plan.stream), [this.#owner, plan.stream, state, plan.generation]);
      } else last.set("", [this.#owner, ALL_STREAMS, text, undefined]);
    }
    if (last.size > 0)
      await this.#session.query(
        "forget states of the other kind",
        queries.forgetStates(this.#owner, last.has("") ? "streams" : "global"),
      );
    for (const values of last.values())
      await this.#session.query("keep a state", queries.saveCheckpoint(...values));
    for (const { stream } of uncovered)
      await this.#session.query(
        "note rows that no state covers",
        queries.uncoverStaging(this.#owner, stream),
      );
  }

  /** Notes that the run ends in order: what it put in place is whole, and a later sync is a new one. */
  async finish(plans: readonly StreamPlan[]): Promise<void> {
    const streams = plans.filter(isLeftInPlace).map(({ stream }) => stream);
    if (streams.length > 0)
      await this.#session.query(
        "note that the run ends",
        queries.markFinished(this.#owner, streams, true),
      );
  }

  /** Notes in the open transaction that a stream's replacement is in place. */
  async complete(plan: StreamPlan): Promise<void> {
    await this.#session.query(
      "note that the stream is complete",
      queries.completeGeneration(this.#owner, plan.stream, plan.generation),
    );
  }
}

/** Whether what a run put in place of older rows is added to by a later attempt. */
export function isLeftInPlace({ overwrites, resumes }: StreamPlan): boolean {
  return overwrites && resumes;
}

function textOf(line: StateLine): string {
  const { bytes, line: place } = line.places;
  return bytes.toString("utf8", place.start, place.end).trim();
}
