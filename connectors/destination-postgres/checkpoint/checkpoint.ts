import { streamKey } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { StateLine } from "../../../protocol/state.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import type { Session, Statement } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import type { Owner } from "../plan/owner.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { untilFree } from "../schema/lock.ts";
import * as queries from "./queries.ts";
import { ALL_STREAMS, readSaved, type SavedStates } from "./saved-states.ts";

const DIVISION_BY_ZERO = "22012";

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

  /**
   * Begins a run of `owner`, whose commits are settled. Sessions that the writer before it left behind are
   * ended.
   */
  static async open(session: Session, owner: Owner): Promise<Checkpoint> {
    const [rows, , saved] = await together([
      session.query("take the fence", queries.takeFence(owner)),
      session.query("end other sessions of an earlier run", queries.endJoinedSessions(owner)),
      readSaved(session, owner), // whoever had the fence before commits no more
    ]);
    for (const { former_pid: pid } of rows)
      if (typeof pid === "string")
        await session.query("end the session of an earlier run", queries.endSession(pid));
    return new Checkpoint(session, owner, rows[0]!["fence"]!, saved);
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

  /**
   * Makes what was kept of `plans` this project's, if nobody's, and forgets what does not count. With
   * `voids` in the open transaction.
   */
  async claim(plans: readonly StreamPlan[], voids: readonly StreamPlan[]): Promise<void> {
    const streams = [ALL_STREAMS, ...plans.map(({ stream }) => stream)];
    const gone = voids.map(({ stream }) => stream);
    const claim = queries.claimCheckpoints(this.#owner, streams);
    const forget = queries.forgetStreams(this.#owner, gone);
    await together([
      ...(this.#owner.project === "" ? [] : [this.#session.query("take over states", claim)]),
      ...(gone.length === 0
        ? []
        : [this.#session.query("forget states of tables that are gone", forget)]),
    ]);
  }

  /**
   * Statements for the turn of a commit: they keep STATEs, the last one of each stream, and fail unless
   * this run may still commit, with `sync.locked` when another writer has taken over.
   *
   * @param uncovered streams of which the transaction holds rows in staging tables that none of
   *   these STATEs covers, nor one before.
   * @param replaced streams whose replacements the transaction puts in place.
   */
  statements(
    states: readonly CommittedState[] = [],
    uncovered: readonly StreamPlan[] = [],
    replaced: readonly StreamPlan[] = [],
  ): Statement[] {
    const last = new Map<string, Parameters<typeof queries.saveCheckpoint>>();
    for (const { line, plan } of states) {
      const text = textOf(line);
      if (plan !== undefined) {
        const state = line.streams[0]!.blob === undefined ? null : text;
        last.set(streamKey(plan.stream), [this.#owner, plan.stream, state, plan.generation]);
      } else last.set("", [this.#owner, ALL_STREAMS, text, undefined]);
    }
    const former = queries.forgetStates(this.#owner, last.has("") ? "streams" : "global");
    return [
      {
        action: "check the fence",
        sql: queries.holdFence(this.#owner, this.#fence),
        explain: (failure) => (isNoFence(failure) ? this.#takenOver() : failure),
      },
      ...(last.size > 0 ? [{ action: "forget states of the other kind", sql: former }] : []),
      ...[...last.values()].map((values) => ({
        action: "keep a state",
        sql: queries.saveCheckpoint(...values),
      })),
      ...uncovered.map(({ stream }) => ({
        action: "note rows that no state covers",
        sql: queries.uncoverStaging(this.#owner, stream),
      })),
      ...replaced.map(({ stream, generation }) => ({
        action: "note that the stream is complete",
        sql: queries.completeGeneration(this.#owner, stream, generation),
      })),
    ];
  }

  #takenOver(): Failure {
    return new Failure(
      "sync.locked",
      `another run of the connection ${this.#owner.connection} has taken over`,
      {
        hint: "only one run of a connection can write; this one's uncommitted rows are gone",
      },
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
}

/** Of the statement that holds the fence: it divides by the number of rows that it found. */
function isNoFence({ cause }: Failure): boolean {
  return sqlStateOf(cause) === DIVISION_BY_ZERO;
}

/** Whether what a run put in place of older rows is added to by a later attempt. */
export function isLeftInPlace({ overwrites, resumes }: StreamPlan): boolean {
  return overwrites && resumes;
}

function textOf(line: StateLine): string {
  const { bytes, line: place } = line.places;
  return bytes.toString("utf8", place.start, place.end).trim();
}
