import { setTimeout as wait } from "node:timers/promises";
import type { Session } from "../../postgres/session.ts";
import { lookUpRunning } from "./queries.ts";

const AGAIN_MS = 2;
const SELDOM_MS = 100;

/**
 * Waits for transactions to be visible. The log has a commit before other sessions see what it did: for a
 * moment, or for as long as it waits for a synchronous standby.
 */
export class VisibleTransactions {
  readonly #session: Session;
  #last: number | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Resolves when what a transaction of the log did can be read. Throws `postgres.*`. */
  async sees(xid: number): Promise<void> {
    for (let ms = AGAIN_MS; this.#last !== xid; ms = Math.min(2 * ms, SELDOM_MS)) {
      const running = await this.#session.whileReading(() =>
        this.#session.query("look whether a transaction has ended", lookUpRunning(xid)),
      );
      if (running.length === 0) this.#last = xid;
      else await wait(ms);
    }
  }
}
