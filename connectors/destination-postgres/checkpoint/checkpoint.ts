import { streamKey, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { StateLine } from "../../../protocol/state.ts";
import * as queries from "./checkpoint-queries.ts";
import { untilFree } from "../schema/lock.ts";
import { findRelations } from "../schema/relations.ts";
import { isStagingKept, replacementsOf } from "../publish/staging.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import type { Row, Session } from "../../postgres/session.ts";

/** What is kept of one stream. */
export interface SavedState {
  /** The STATE line as it came, without newline; undefined after the source erased it. */
  readonly line: string | undefined;
  readonly generation: number | undefined;
  /** Whether a replacement of that generation is in place. */
  readonly isComplete: boolean;
}

/** A STATE about to be committed, and the stream it is of; none for GLOBAL and LEGACY. */
export interface CommittedState {
  readonly line: StateLine;
  readonly plan: StreamPlan | undefined;
}

/** The row that keeps a GLOBAL or LEGACY state: no stream has this name. */
const ALL_STREAMS: StreamDescriptor = { name: "" };

/**
 * The STATEs of one connection, kept in the database of the data and committed together with it, so
 * that a source can go on exactly where the data ends, whatever died in between.
 *
 * The fence is a number that grows with every writer of the connection. A commit holds its row, so
 * of two writers the older one cannot commit any more once the newer one has begun.
 */
export class Checkpoint {
  readonly #session: Session;
  readonly #connection: string;
  readonly #fence: string;
  readonly #saved: ReadonlyMap<string, SavedState>;

  private constructor(
    session: Session,
    connection: string,
    fence: string,
    saved: ReadonlyMap<string, SavedState>,
  ) {
    this.#session = session;
    this.#connection = connection;
    this.#fence = fence;
    this.#saved = saved;
  }

  /** Begins a run of `connection`. A session that the writer before it left behind is ended. */
  static async open(session: Session, connection: string): Promise<Checkpoint> {
    const [row] = await session.query("take the fence", queries.takeFence(connection));
    const formerPid = row!["former_pid"];
    if (typeof formerPid === "string")
      await session.query("end the session of an earlier run", queries.endSession(formerPid));
    const saved = await readSaved(session, connection);
    return new Checkpoint(session, connection, row!["fence"]!, saved);
  }

  /**
   * The same for a run that can wait: a writer at work keeps its fence and its session. Throws
   * `sync.locked` when it is still there after some seconds.
   */
  static async openWhenFree(
    session: Session,
    connection: string,
    signal: AbortSignal,
  ): Promise<Checkpoint> {
    let fence: string | null = null;
    const isFree = await untilFree(signal, async () => {
      await session.begin();
      const [row] = await session.query("take the fence", queries.takeFence(connection));
      fence = row!["fence"]!;
      const isTaken = row!["former_pid"] !== null;
      await (isTaken ? session.rollback() : session.commit());
      return !isTaken;
    });
    if (!isFree)
      throw new Failure("sync.locked", `a sync of the connection ${connection} is running`, {
        hint: "wait for it to end",
      });
    return new Checkpoint(session, connection, fence!, await readSaved(session, connection));
  }

  /** The same, for transactions of another session. */
  through(session: Session): Checkpoint {
    return new Checkpoint(session, this.#connection, this.#fence, this.#saved);
  }

  /** What was kept of a stream when this run began. */
  of(stream: StreamDescriptor): SavedState | undefined {
    return this.#saved.get(streamKey(stream));
  }

  /**
   * Keeps STATEs in the open transaction, the last one of each stream, and makes sure that this run
   * may still commit. Throws `sync.locked` when another writer has taken over.
   */
  async save(states: readonly CommittedState[]): Promise<void> {
    const held = await this.#session.query(
      "check the fence",
      queries.holdFence(this.#connection, this.#fence),
    );
    if (held.length === 0)
      throw new Failure(
        "sync.locked",
        `another run of the connection ${this.#connection} has taken over`,
        { hint: "only one run of a connection can write; this one's uncommitted rows are gone" },
      );
    const last = new Map<string, Parameters<typeof queries.saveCheckpoint>>();
    for (const { line, plan } of states) {
      const text = textOf(line);
      if (plan !== undefined) {
        const state = line.streams[0]!.blob === undefined ? null : text;
        last.set(streamKey(plan.stream), [this.#connection, plan.stream, state, plan.generation]);
      } else last.set("", [this.#connection, ALL_STREAMS, text, undefined]);
    }
    if (last.size === 0) return;
    await this.#session.query(
      "forget states of the other kind",
      queries.forgetStates(this.#connection, last.has("") ? "streams" : "global"),
    );
    for (const values of last.values())
      await this.#session.query("keep a state", queries.saveCheckpoint(...values));
  }

  /** Notes in the open transaction that a stream's replacement is in place. */
  async complete(plan: StreamPlan): Promise<void> {
    await this.#session.query(
      "note that the stream is complete",
      queries.completeGeneration(this.#connection, plan.stream, plan.generation),
    );
  }
}

/**
 * The STATE lines that are committed for `plans`, each ended by a newline. Not those of an earlier
 * generation: whoever asks for a new one wants everything read again. And not those whose rows are
 * gone: what was loaded to replace a table, and was not in place yet, may have been removed.
 */
export async function committedStates(
  session: Session,
  connection: string,
  plans: readonly StreamPlan[],
): Promise<string[]> {
  const [row] = await session.query("look for states", queries.HAS_CHECKPOINTS);
  if (row!["found"] !== "t") return [];
  // A writer that was killed may have sent its COMMIT: its word is waited for. Nobody commits
  // between the two looks that follow.
  await session.begin();
  await session.query("wait for a commit", queries.holdCommits(connection));
  const saved = await readSaved(session, connection);
  const staging = plans.flatMap(replacementsOf).map((replacement) => replacement.staging);
  const relations = await findRelations(session, staging);
  await session.rollback();

  const all = saved.get(streamKey(ALL_STREAMS))?.line;
  if (all !== undefined) return [`${all}\n`];
  return plans.flatMap((plan) => {
    const state = saved.get(streamKey(plan.stream));
    if (state?.line === undefined) return [];
    if (plan.generation !== undefined && state.generation !== plan.generation) return [];
    const isInPlace = !plan.replaces || plan.generation === undefined || state.isComplete;
    return isInPlace || isStagingKept(plan, relations, { connection }) ? [`${state.line}\n`] : [];
  });
}

async function readSaved(session: Session, connection: string): Promise<Map<string, SavedState>> {
  const rows = await session.query("read the states", queries.readCheckpoints(connection));
  return new Map(
    rows.map((row: Row) => [
      streamKey({ name: row["stream_name"]!, namespace: row["stream_namespace"]! }),
      {
        line: row["state"] ?? undefined,
        generation: row["generation"] === null ? undefined : Number(row["generation"]),
        isComplete: row["is_complete"] === "t",
      },
    ]),
  );
}

function textOf(line: StateLine): string {
  const { bytes, line: place } = line.places;
  return bytes.toString("utf8", place.start, place.end).trim();
}
