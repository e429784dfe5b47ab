import type { LogReceiver } from "../../postgres/replication/log-stream.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import type { ChangePrinter } from "./change-printer.ts";
import type { Changes } from "./changes.ts";
import type { LogRelations } from "./log-relations.ts";
import { PgoutputDecoder } from "./pgoutput/pgoutput.ts";

/**
 * Takes the messages of the log at the pace of whoever reads the records, and ends between two
 * transactions: at the target, or when asked to.
 */
export class LogReader implements LogReceiver {
  /** When something came last, by `performance.now()`. */
  #heardAt = performance.now();
  /** Whether what came is still being printed. */
  #isBusy = false;
  readonly #target: Lsn | undefined;
  readonly #relations: LogRelations;
  readonly #printer: ChangePrinter;
  readonly #changes: Changes;
  readonly #decoder: PgoutputDecoder;
  readonly #onEnd: () => void;
  /** Messages behind a relation that nobody understands yet. */
  #held: { readonly bytes: Buffer; readonly lsn: Lsn }[] = [];
  #isAsked = false;
  #isOver = false;

  /**
   * @param target where to end; undefined: nowhere.
   * @param onEnd called once, when nothing more is wanted.
   */
  constructor(
    target: Lsn | undefined,
    relations: LogRelations,
    printer: ChangePrinter,
    changesOf: (onCommit: (endLsn: Lsn) => void) => Changes,
    onEnd: () => void,
  ) {
    this.#target = target;
    this.#relations = relations;
    this.#printer = printer;
    this.#changes = changesOf((endLsn) => this.#reached(endLsn));
    this.#decoder = new PgoutputDecoder(this.#changes);
    this.#onEnd = onEnd;
  }

  /** Ends as soon as no transaction is under way. */
  endSoon(): void {
    this.#isAsked = true;
    this.endBetween();
  }

  /** Ends if no transaction is under way. Whether it did. */
  endBetween(): boolean {
    if (this.#isOver || !this.#isBetween) return false;
    this.endNow();
    return true;
  }

  /** Ends, wherever it is. */
  endNow(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
  }

  message(bytes: Buffer, start: number, end: number, lsn: Lsn): void {
    if (this.#isOver) return;
    this.#heardAt = performance.now();
    if (this.#relations.isInDoubt) {
      this.#held.push({ bytes: Buffer.from(bytes.subarray(start, end)), lsn });
      return;
    }
    this.#changes.lsn = lsn;
    this.#decoder.decode(bytes, start, end);
  }

  keepalive(walEnd: Lsn): void {
    if (this.#isOver || !this.#isBetween) return;
    this.#printer.between({ lsn: walEnd });
    this.#reached(walEnd);
  }

  chunkDone(): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    const pending = this.#relations.isInDoubt ? this.#resolve() : this.#printer.chunkDone();
    if (pending === undefined) return undefined;
    this.#isBusy = true;
    return pending.finally(() => {
      this.#isBusy = false;
      this.#heardAt = performance.now();
    });
  }

  /** Seconds for which the server has said nothing new, although it might have. */
  get quietSeconds(): number {
    return this.#isBusy ? 0 : (performance.now() - this.#heardAt) / 1000;
  }

  get #isBetween(): boolean {
    return !this.#changes.inTransaction && !this.#relations.isInDoubt;
  }

  #reached(lsn: Lsn): void {
    const isThere = this.#target !== undefined && lsn >= this.#target;
    if (isThere || this.#isAsked) this.endNow();
  }

  /** Looks what the relation in doubt is, and goes on with what was held since. */
  async #resolve(): Promise<void> {
    while (this.#relations.isInDoubt) {
      await this.#relations.resolve(this.#changes.xid);
      const held = this.#held;
      this.#held = [];
      for (const { bytes, lsn } of held) this.message(bytes, 0, bytes.length, lsn);
    }
    await this.#printer.chunkDone();
  }
}
