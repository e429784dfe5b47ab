import type { Failure as FailureType } from "../../../protocol/errors.ts";
import { asFailure, Failure } from "../../../protocol/errors.ts";
import { decodeLine } from "../../../protocol/decode.ts";
import { editState, readStateLine, type StateLine } from "../../../protocol/state.ts";
import { MessageReader } from "../../kit/destination/message-reader.ts";
import type { WriteContext } from "../../kit/contract.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Loader } from "./loader.ts";
import { BadLine, type RecordIntake } from "./record-intake.ts";
import type { Session } from "../../postgres/session.ts";
import type { StreamTarget } from "./stream-target.ts";

/** Bytes of COPY text after which a stream's batch is sent. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Bytes of all batches together, so that many streams at once stay within memory. */
const ALL_BATCHES_BYTES = 24 * 1024 * 1024;
/** Bytes of COPY text and milliseconds after which a pending STATE leads to a commit. */
const COMMIT_BYTES = 64 * 1024 * 1024;
const COMMIT_MS = 5_000;
/** Silence on the input after which a pending STATE is not kept waiting for more. */
const IDLE_MS = 1_000;

/** A STATE that was received and not printed yet. */
interface PendingState {
  readonly line: StateLine;
  readonly records: number;
  readonly targets: readonly StreamTarget[];
}

/**
 * Reads the input to its end and loads it, in one transaction after the other.
 *
 * The promise kept here: a transaction commits exactly the records that the STATEs printed after it
 * cover, nothing more. Rows beyond a stream's last STATE wait in its batch; those that had to be sent
 * earlier, because the batch was full, keep the transaction open until their STATE comes, and are
 * rolled back when it does not.
 */
export class Writer {
  readonly #session: Session;
  readonly #targets: readonly StreamTarget[];
  readonly #intake: RecordIntake;
  /** Undefined: no connection is known, and nothing is kept beside the data. */
  readonly #checkpoint: Checkpoint | undefined;
  readonly #context: WriteContext;
  readonly #targetOf: ReadonlyMap<Loader, StreamTarget>;
  readonly #pending: PendingState[] = [];
  #sending: Promise<void> = Promise.resolve();
  #bytesSinceCommit = 0;
  #lastCommitAt = performance.now();
  #completedSinceCommit = false;
  /** How many of `#pending` were received before the savepoint `covered`; undefined: there is none. */
  #statesAtSavepoint: number | undefined;

  constructor(
    session: Session,
    targets: readonly StreamTarget[],
    intake: RecordIntake,
    checkpoint: Checkpoint | undefined,
    context: WriteContext,
  ) {
    this.#session = session;
    this.#targets = targets;
    this.#intake = intake;
    this.#checkpoint = checkpoint;
    this.#context = context;
    this.#targetOf = new Map(targets.map((target) => [target.loader, target]));
  }

  /**
   * Loads all of `input`. Throws `stream.incomplete` when it ended before every stream was COMPLETE,
   * after committing what STATEs cover; whatever else it throws, the open transaction is gone.
   */
  async run(input: AsyncIterable<Buffer>): Promise<void> {
    try {
      await this.#readAll(input);
      await this.#finish();
    } catch (error) {
      await this.#cleanUp();
      throw error;
    }
    this.#throwIfIncomplete();
  }

  async #readAll(input: AsyncIterable<Buffer>): Promise<void> {
    const reader = new MessageReader(input);
    const onLine = (bytes: Buffer, start: number, end: number) => {
      try {
        this.#onLine(bytes, start, end);
      } catch (error) {
        throw lineFailure(reader, end - start, error);
      }
    };
    for (;;) {
      const next = reader.next(onLine);
      if (!(await this.#commitWhileIdle(next))) break;
      await this.#afterChunk();
    }
  }

  /** Waits for `next`; when that takes long, commits what is ready meanwhile. */
  async #commitWhileIdle(next: Promise<boolean>): Promise<boolean> {
    if (this.#pending.length === 0) return next;
    let timer: NodeJS.Timeout | undefined;
    const idle = new Promise<"idle">((resolve) => {
      timer = setTimeout(() => resolve("idle"), IDLE_MS);
    });
    const first = await Promise.race([next, idle]).finally(() => clearTimeout(timer));
    if (first !== "idle") return first;
    next.catch(() => {}); // looked at below, after the commit
    if (this.#canCommit()) await this.#commit();
    return next;
  }

  #onLine(bytes: Buffer, start: number, end: number): void {
    if (this.#intake.take(bytes, start, end)) return;
    // A STATE waits for its commit longer than the chunk it came in lives.
    const copy = Buffer.from(bytes.subarray(start, end));
    const state = readStateLine(copy, 0, copy.length);
    if (state !== undefined) return this.#onState(state);
    const decoded = decodeLine(copy, 0, copy.length);
    if (decoded.kind === "noise") throw new BadLine("is not a message of the protocol");
    if (decoded.kind === "unknown") {
      this.#context.log("WARN", `ignoring a message of the unknown type ${decoded.type}`);
      return;
    }
    const { message } = decoded;
    if (message.type !== "TRACE" || message.trace.type !== "STREAM_STATUS") return;
    const status = message.trace.stream_status;
    if (status?.status === "COMPLETE" || status?.status === "INCOMPLETE")
      this.#onStatus(this.#intake.loaderOf(status.stream_descriptor), status.status);
  }

  #onState(line: StateLine): void {
    const loaders =
      line.type === "STREAM"
        ? line.streams.map((part) => this.#intake.loaderOf(part.stream))
        : this.#targets.map((target) => target.loader);
    let records = 0;
    for (const loader of loaders) {
      if (!loader.plan.isAllOrNothing) loader.cover();
      records += loader.recordsSinceState;
      loader.recordsSinceState = 0;
    }
    if (line.sourceRecordCount !== undefined && line.sourceRecordCount !== records)
      this.#context.log(
        "WARN",
        `a STATE of ${loaders.map((loader) => loader.plan.label).join(", ")} speaks of ${line.sourceRecordCount} records, ${records} arrived`,
      );
    const targets = loaders.map((loader) => this.#targetOf.get(loader)!);
    this.#pending.push({ line, records, targets });
  }

  #onStatus(loader: Loader, status: "COMPLETE" | "INCOMPLETE"): void {
    loader.isComplete = status === "COMPLETE";
    if (!loader.isComplete) return;
    loader.cover();
    this.#completedSinceCommit = true;
  }

  async #afterChunk(): Promise<void> {
    let all = 0;
    for (const { loader } of this.#targets) all += loader.batch.bytes;
    for (const target of this.#targets) {
      const { bytes } = target.loader.batch;
      if (bytes === 0 || (bytes < BATCH_BYTES && all < ALL_BATCHES_BYTES)) continue;
      await this.#send(target, target.loader.batch.covered.rows > 0 ? "covered" : "all");
      all -= bytes - target.loader.batch.bytes;
    }
    if (this.#isCommitDue() && this.#canCommit()) await this.#commit();
  }

  /** Begins to send; resolves when the batch before this one was accepted. */
  async #send(target: StreamTarget, what: "covered" | "all"): Promise<void> {
    await this.#sending;
    await this.#session.begin();
    const { loader } = target;
    if (what === "all" && !target.fillsAside && this.#isClean()) await this.#markCovered();
    await target.create();
    this.#bytesSinceCommit += loader.batch.bytes;
    this.#sending = loader.send(what);
    this.#sending.catch(() => {}); // thrown to whoever awaits it next
  }

  /** Remembers that everything sent so far is covered, to come back to. */
  async #markCovered(): Promise<void> {
    const release = this.#statesAtSavepoint === undefined ? [] : ["release covered"];
    await this.#session.run("set a savepoint", ...release, "savepoint covered");
    this.#statesAtSavepoint = this.#pending.length;
    for (const target of this.#targets) target.onSavepoint();
  }

  #isClean(): boolean {
    return this.#targets.every((target) => target.fillsAside || !target.loader.hasUncovered);
  }

  #isCommitDue(): boolean {
    if (this.#completedSinceCommit) return true;
    if (!this.#pending.some(isPrintable)) return false;
    return (
      this.#bytesSinceCommit >= COMMIT_BYTES || performance.now() - this.#lastCommitAt >= COMMIT_MS
    );
  }

  #canCommit(): boolean {
    return this.#isClean();
  }

  async #commit(): Promise<void> {
    for (const target of this.#targets)
      if (target.loader.batch.covered.rows > 0) await this.#send(target, "covered");
    await this.#sending;
    for (const target of this.#targets) if (target.loader.isComplete) await this.#create(target);
    for (const target of this.#targets) await target.beforeCommit();
    await this.#saveStates(isPrintable);
    await this.#session.commit();
    for (const target of this.#targets) target.onCommit();
    this.#bytesSinceCommit = 0;
    this.#completedSinceCommit = false;
    this.#lastCommitAt = performance.now();
    this.#statesAtSavepoint = undefined;
    await this.#print();
  }

  /** Keeps the STATEs that this commit is going to make true. */
  async #saveStates(isTrue: (state: PendingState) => boolean): Promise<void> {
    if (!this.#checkpoint) return;
    const states = this.#pending.filter(isTrue);
    if (states.length > 0) await this.#session.begin();
    if (!this.#session.inTransaction) return;
    for (const { targets } of states) for (const target of targets) target.keepStaging();
    await this.#checkpoint.save(
      states.map(({ line, targets }) => ({
        line,
        plan: line.type === "STREAM" ? targets[0]!.plan : undefined,
      })),
    );
  }

  async #create(target: StreamTarget): Promise<void> {
    if (target.isCreated) return;
    await this.#session.begin();
    await target.create();
  }

  /** Prints the STATEs that everything before them is committed for, in their order. */
  async #print(): Promise<void> {
    const ready = this.#pending.filter(isPrintable);
    for (const { line, records } of ready)
      await this.#context.output.lines(
        editState(line, { destinationStats: { recordCount: records } }),
      );
    this.#keep((state) => !ready.includes(state));
  }

  #keep(isKept: (state: PendingState) => boolean): void {
    const kept = this.#pending.filter(isKept);
    this.#pending.length = 0;
    this.#pending.push(...kept);
  }

  async #finish(): Promise<void> {
    await this.#sending;
    if (!this.#isClean()) await this.#forgetUncovered();
    await this.#commit();
    for (const target of this.#targets) {
      if (!target.replaces || !target.loader.isComplete) continue;
      await this.#session.begin();
      await target.finish();
      await this.#saveStates((state) =>
        state.targets.every((one) => one === target || !one.holdsStates),
      );
      await this.#checkpoint?.complete(target.plan);
      await this.#session.commit();
      target.onFinished();
      await this.#print();
    }
    for (const target of this.#targets) if (target.replaces) await target.discard();
    for (const { loader } of this.#targets) loader.report(this.#context);
  }

  /** Takes back what was sent beyond the last STATEs; they can be sent again by a later run. */
  async #forgetUncovered(): Promise<void> {
    await this.#session.run("take uncovered rows back", "rollback to covered");
    const before = this.#statesAtSavepoint ?? 0;
    const kept = this.#pending.filter(
      (state, index) =>
        index < before || state.targets.every((target) => !target.loader.sentSinceSavepoint),
    );
    this.#keep((state) => kept.includes(state));
    for (const target of this.#targets) target.onRollbackToSavepoint();
  }

  async #cleanUp(): Promise<void> {
    try {
      await this.#sending.catch(() => {});
      await this.#session.rollback();
      for (const target of this.#targets) if (target.replaces) await target.discard();
    } catch (error) {
      // The failure that led here is the one to report; leftovers are removed by the next run.
      this.#context.log("DEBUG", `could not clean up: ${asFailure(error).message}`);
    }
  }

  #throwIfIncomplete(): void {
    if (this.#context.signal.aborted) return;
    const incomplete = this.#targets.filter((target) => !target.loader.isComplete);
    if (incomplete.length === 0) return;
    const names = incomplete.map((target) => target.loader.plan.label);
    const shown = names.slice(0, 10).join(", ") + (names.length > 10 ? ", …" : "");
    throw new Failure(
      "stream.incomplete",
      `the input ended before ${names.length === 1 ? "the stream was" : "these streams were"} complete: ${shown}`,
      {
        hint: "look at the source for the cause; what its last states cover is committed, tables to be overwritten are as they were",
        ...(names.length === 1 ? { stream: streamOf(incomplete[0]!) } : {}),
      },
    );
  }
}

function isPrintable(state: PendingState): boolean {
  return state.targets.every((target) => !target.holdsStates);
}

function streamOf(target: StreamTarget): NonNullable<FailureType["stream"]> {
  const { name, namespace } = target.loader.plan.stream;
  return namespace ? { name, namespace } : { name };
}

function lineFailure(reader: MessageReader, byteCount: number, error: unknown): Failure {
  if (error instanceof BadLine) return reader.badLine(byteCount, error.message);
  if (!(error instanceof Failure)) return asFailure(error);
  if (error.code === "protocol.bad_message")
    return reader.badLine(byteCount, `is broken: ${error.message}`, error);
  if (error.code !== "protocol.unknown_stream") return error;
  return new Failure(error.code, `line ${reader.lineNumber} of the input: ${error.message}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
