import type { Context } from "../../kit/contract.ts";
import type { CopyOutcome } from "../../postgres/loads.ts";
import type { Session } from "../../postgres/session.ts";
import { isConsequence } from "../../postgres/together.ts";
import { completeBatches, isComplete, sendBatches, type StreamBatch } from "./loader.ts";

/** Batches to load, and what has to be done on the session before and behind that; undefined: nothing. */
export interface Load {
  readonly batches: readonly StreamBatch[];
  readonly prepare: (() => Promise<unknown>) | undefined;
  readonly conclude: (() => Promise<unknown>) | undefined;
}

/**
 * The loads of a session: each is sent while those before it are under way, so that a distant server does
 * not wait for rows, and ends as if it had waited for them.
 *
 * When the server refuses rows it ignores all that is behind them, since the transaction is lost until it
 * goes back to before them. So nothing more is sent then, and what is under way is answered first. The
 * rows are mended, and what came behind is sent again, in the order of the calls: which of two versions
 * of a row is the later one depends on it.
 */
export class LoadQueue {
  readonly #session: Session;
  readonly #context: Context;
  /** What the server will say to loads that it has not answered. */
  readonly #sent = new Map<Load, Promise<CopyOutcome>>();
  /** Loads behind which nothing may be sent yet. */
  readonly #holding = new Set<Load>();
  /** The load before. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session, context: Context) {
    this.#session = session;
    this.#context = context;
  }

  /** Ends after the load before. Rejects if that did. */
  load(load: Load): Promise<void> {
    const { prepare, conclude } = load;
    const before = this.#last;
    const mayBeSent = this.#session.loads.sendsAhead && this.#holding.size === 0;
    const early = mayBeSent && prepare === undefined ? this.#send(load) : undefined;
    if (early === undefined || conclude !== undefined) this.#holding.add(load);
    const work = async () => {
      await before;
      await prepare?.();
      const outcome = early ?? this.#send(load);
      if (conclude === undefined && early === undefined) this.#holding.delete(load);
      await this.#complete(load, outcome);
      await conclude?.();
    };
    const done = work().finally(() => this.#holding.delete(load));
    this.#last = done;
    return done;
  }

  #send(load: Load): Promise<CopyOutcome> {
    const outcome = sendBatches(this.#session, load.batches, this.#context);
    this.#sent.set(load, outcome);
    return outcome;
  }

  async #complete(load: Load, sent: Promise<CopyOutcome>): Promise<void> {
    const outcome = await sent;
    if (isComplete(load.batches, outcome)) {
      this.#sent.delete(load);
      return;
    }
    await this.#hold();
    // Behind a refusal the server did not look at it.
    const known = isConsequence(outcome.refused) ? { taken: [] } : outcome;
    await completeBatches(this.#session, load.batches, known);
  }

  /** Sends nothing before all that is under way has ended, and makes the transaction usable. */
  async #hold(): Promise<void> {
    for (const load of this.#sent.keys()) this.#holding.add(load);
    const outcomes = await Promise.all(this.#sent.values());
    this.#sent.clear();
    if (outcomes.some(({ refused }) => refused !== undefined)) await this.#session.loads.takeBack();
  }
}
