import { streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { exitFailure } from "../connector/exit-failure.ts";
import type { Exit } from "../connector/process.ts";
import type { Accounts, StreamAccount } from "./relay/accounts.ts";
import type { Acknowledgements } from "./relay/acknowledgements.ts";
import type { Failures } from "./failures.ts";
import type { StateKeeper } from "./positions/state-keeper.ts";

/** What the judgement of an attempt goes by. */
export interface Evidence {
  readonly accounts: Accounts;
  readonly states: Acknowledgements;
  readonly keeper: StateKeeper;
  readonly sourceLabel: string;
  readonly destinationLabel: string;
  /** Whether an acknowledgement means that the rows are in their final place. */
  readonly destinationRemembers: boolean;
  /** Whether the run was asked to end. */
  readonly isInterrupted: () => boolean;
  /** Whether the destination stopped reading. */
  readonly isInputBroken: () => boolean;
}

/**
 * Decides what went wrong in an attempt and which streams are complete. Facts are noted while the
 * attempt runs; each side is judged once its process is gone.
 *
 * A stream is complete only if the source said COMPLETE for it and ended well, and the destination
 * acknowledged its last STATE and ended well.
 */
export class Judgement {
  readonly #evidence: Evidence;
  readonly #failures: Failures;
  /** TRACE ERRORs of each side. */
  readonly sourceErrors: Failure[] = [];
  readonly destinationErrors: Failure[] = [];
  /** Streams whose COMPLETE was passed on. */
  readonly announced = new Set<StreamAccount>();
  /** The source's output could not be read to its end. */
  sourceBroke = false;
  /** Its last line was cut: said only if the way it ended does not say more. */
  torn: Failure | undefined;
  /** The destination was told that nothing more comes. */
  inputIsOver = false;
  /** Whether a COMPLETE of the source is worth something, although the attempt failed. */
  #sourceIsTrusted = false;

  constructor(evidence: Evidence, failures: Failures) {
    this.#evidence = evidence;
    this.#failures = failures;
  }

  /** Whether the streams that the source called COMPLETE may be announced. */
  sourceEndedWell(exit: Exit): boolean {
    const { isInputBroken, isInterrupted } = this.#evidence;
    if (this.sourceBroke || isInputBroken() || isInterrupted()) return false;
    if (this.sourceErrors.length > 0 && !this.#explainsItself) return false;
    if (exit.kind !== "exited") return false;
    // A source that failed in one stream, said so, and finished all others, ended in order.
    return exit.code === 0 || this.#explainsItself;
  }

  /** Whether nothing at all was wrong with the source, whatever it said of its streams. */
  endedCleanly(exit: Exit): boolean {
    const isWhole = !this.sourceBroke && this.torn === undefined && this.sourceErrors.length === 0;
    return isWhole && exit.kind === "exited" && exit.code === 0 && this.sourceEndedWell(exit);
  }

  get #explainsItself(): boolean {
    const { all } = this.#evidence.accounts;
    return all.every((account) => account.isFinished) && all.some((a) => a.status === "INCOMPLETE");
  }

  judgeSource(exit: Exit): void {
    const { accounts, sourceLabel, isInputBroken, isInterrupted } = this.#evidence;
    if (isInterrupted()) return; // however it ended, it was told to
    const wasKilled = exit.kind === "signaled" && !this.sourceBroke && this.torn === undefined;
    this.#sourceIsTrusted = this.sourceEndedWell(exit) || wasKilled || isInputBroken();
    // What a source says or does after its reader is gone, or after we stopped it, follows from that.
    const isConsequence = this.#failures.any || isInputBroken();
    for (const error of this.sourceErrors) this.#failures.add("source", error, isConsequence);
    const isExplained = this.sourceErrors.length > 0 || this.#explainsItself;
    if (exit.kind === "not-started") this.#failures.add("source", exit.failure);
    else if (!exit.weAsked && (exit.kind === "signaled" || (exit.code !== 0 && !isExplained)))
      this.#failures.add("source", exitFailure(sourceLabel, exit), isConsequence);
    if (this.torn) this.#failures.add("source", this.torn, this.#failures.any);
    for (const account of accounts.all)
      if (account.status !== "COMPLETE")
        this.#failures.add("source", incomplete(account, sourceLabel), this.#failures.any);
  }

  judgeDestination(exit: Exit): void {
    const { accounts, destinationLabel: label, isInterrupted } = this.#evidence;
    const endedEarly = !this.inputIsOver;
    const wasTold = this.announced.size === accounts.all.length;
    if (isInterrupted() && !endedEarly && exit.kind === "exited") return; // it got half, and says so
    const isConsequence = this.#failures.any || (!endedEarly && !wasTold);
    for (const error of this.destinationErrors)
      this.#failures.add("destination", error, isConsequence);
    if (exit.kind === "not-started") this.#failures.add("destination", exit.failure);
    else if (exit.kind === "signaled" || exit.code !== 0) {
      if (this.destinationErrors.length === 0 && !exit.weAsked)
        this.#failures.add("destination", exitFailure(label, exit), isConsequence);
    } else if (endedEarly)
      this.#failures.add(
        "destination",
        new Failure("connector.closed_stdin", `${label} ended with status 0 before its input did`),
        isConsequence,
      );
  }

  /** Decides which streams are complete, once both are gone. */
  judgeStreams(destinationExit: Exit): void {
    const { accounts, states, destinationRemembers } = this.#evidence;
    const waiting = new Set(
      states.pending().flatMap(({ covers }) => covers.map(({ account }) => account)),
    );
    // It complains about the streams that were not announced; the others are acknowledged or not.
    const isExcused =
      destinationRemembers &&
      this.announced.size < accounts.all.length &&
      destinationExit.kind === "exited" &&
      !this.#failures.has("destination");
    const hasFailed = this.destinationErrors.length > 0 || this.#failures.has("destination");
    for (const account of accounts.all)
      this.#judgeStream(account, !waiting.has(account), hasFailed, isExcused);
  }

  #judgeStream(
    account: StreamAccount,
    isAcknowledged: boolean,
    destinationFailed: boolean,
    isExcused: boolean,
  ): void {
    const isCovered = account.forwarded === account.committed;
    account.wasReadWhole = this.#wasReadWhole(account);
    if (!this.announced.has(account)) return;
    if (!isAcknowledged && !destinationFailed)
      this.#failures.add("destination", this.#lost(account));
    if (!isAcknowledged) return;
    if (destinationFailed && !(isExcused && isCovered)) return;
    account.isComplete = true;
    this.#evidence.keeper.complete(account.plan.source);
    // Its end with status 0 vouches for what came after the last STATE.
    account.committed = account.forwarded;
  }

  /**
   * Whether the last STATE of a stream stands for all of it. Doubtful when the source ended badly
   * without a word about the stream, for it may have meant this one, too; and when a STATE that is not
   * acknowledged has an earlier one's content, for then nobody can tell which of them was committed.
   */
  #wasReadWhole(account: StreamAccount): "yes" | "no" | "doubtful" {
    const { status, lastBlob, forwarded, forwardedAtState, plan } = account;
    if (status !== "COMPLETE" || !lastBlob || forwarded !== forwardedAtState) return "no";
    const { states, keeper } = this.#evidence;
    const waiting = states
      .pending()
      .filter(({ covers }) => covers.some((c) => c.account === account));
    const earlier = waiting.slice(0, -1).map(({ line }) => line.streams[0]?.blob);
    if (waiting.length > 0) earlier.push(keeper.entry(plan.source)?.blob);
    const isAmbiguous = earlier.some((blob) => blob?.equals(lastBlob));
    return this.#sourceIsTrusted && !isAmbiguous ? "yes" : "doubtful";
  }

  #lost({ forwarded, committed, plan }: StreamAccount): Failure {
    return new Failure(
      "sync.counts_disagree",
      `${this.#evidence.destinationLabel} ended without acknowledging ${forwarded - committed} records of stream ${streamLabel(plan.source)}`,
      { facts: { sent: forwarded, committed } },
    );
  }
}

function incomplete(account: StreamAccount, label: string): Failure {
  const { name, namespace } = account.plan.source;
  const said =
    account.status === "INCOMPLETE"
      ? "said that it is incomplete"
      : "never said that it is complete";
  return new Failure(
    "stream.incomplete",
    `stream ${streamLabel(account.plan.source)}: ${label} ${said}`,
    { stream: { name, namespace: namespace ?? undefined } },
  );
}
