import type { Socket } from "node:net";
import type { Client } from "pg";
import { Failure } from "../../protocol/errors.ts";
import { requestCancel } from "./cancel.ts";
import { placeOf, type ConnectOptions } from "./connection.ts";
import type { CopiesOut } from "./copy-out.ts";
import { cancelKeyOf, lossOf, socketOf } from "./driver.ts";
import { isLost, postgresFailure } from "./errors.ts";
import type { PostgresConfig } from "./settings.ts";

const DEFAULT_ANSWER_SECONDS = 300;

/** What a turn is like. Default: it is sent behind those before it, and others are behind it. */
export interface Turn {
  /** It waits for nobody's lock and is soon answered: a server that is silent instead is given up. */
  readonly isQuestion?: boolean;
  /** It is sent only after everything before it is answered. */
  readonly isAlone?: boolean;
  /** Nothing is sent behind it before it has settled. */
  readonly isAwaited?: boolean;
  /** What was sent ahead of it may be what it wants. */
  readonly isCopyOut?: boolean;
  /** Resolves when others may be sent behind it. Default: as soon as its own turn has come. */
  readonly behind?: Promise<void>;
}

/**
 * The order in which statements are sent on one connection: that of the calls. Those behind which nobody
 * waits go out in one turn, without waiting for the answers to those before. While the server is asked to
 * stop a statement nothing is sent, and before whatever is no COPY out, COPYs that were sent ahead are
 * thrown away.
 */
export class Turns {
  readonly #client: Client;
  readonly #copies: CopiesOut;
  readonly #config: PostgresConfig;
  readonly #options: ConnectOptions;
  /** Resolves when the next statement may be sent. */
  #mayGo: Promise<unknown> = Promise.resolve();
  /** Resolves when everything is answered. */
  #answered: Promise<unknown> = Promise.resolve();
  /** Resolves when every request to stop a statement was dealt with. */
  #cancelled: Promise<unknown> = Promise.resolve();

  /**
   * @param client sends without waiting for answers; whoever uses it does so in a turn.
   * @param copies those of the client.
   */
  constructor(client: Client, copies: CopiesOut, config: PostgresConfig, options: ConnectOptions) {
    this.#client = client;
    this.#copies = copies;
    this.#config = config;
    this.#options = options;
  }

  /**
   * Sends what `work` sends when its turn has come. A failure rejects this call only, with a `Failure`
   * that says what was being done.
   *
   * @param action what `work` does, for messages: "list the tables".
   */
  next<T>(
    action: string,
    work: () => Promise<T>,
    {
      isQuestion = false,
      isAlone = false,
      isAwaited = false,
      isCopyOut = false,
      behind,
    }: Turn = {},
  ): Promise<T> {
    const isAsked = isQuestion || this.#options.asksOnly === true;
    const sent = (isAlone ? Promise.all([this.#mayGo, this.#answered]) : this.#mayGo)
      .then(() => this.#cancelled)
      .then(() => (isCopyOut ? undefined : this.#copies.drop()))
      .then(() => {
        gatherWrites(socketOf(this.#client));
        return { answer: isAsked ? this.#expectingAnswer(action, work) : work() };
      });
    const turn = sent
      .then(({ answer }) => answer)
      .catch((error: unknown) => {
        const failure = postgresFailure(action, error, this.#options.quoting);
        const loss = lossOf(this.#client);
        // Who comes after the loss is told by the driver only that there is no connection.
        throw isLost(failure) && loss instanceof Failure ? loss : failure;
      });
    // The next statement does not wait for this one's end; its own caller hears of a failure.
    this.#answered = turn.catch(() => {});
    if (isAwaited) this.#mayGo = this.#answered;
    else this.#mayGo = behind ? Promise.race([behind, this.#answered]) : sent;
    return turn;
  }

  /**
   * Asks the server to stop the statement that runs, which fails then, unless it ends first. Best
   * effort. Resolves when the request was dealt with; no other statement is sent until then, because
   * it would be the one that is stopped. Never rejects.
   */
  async cancel(): Promise<void> {
    const sent = requestCancel(cancelKeyOf(this.#client), this.#config);
    this.#cancelled = Promise.all([this.#cancelled, sent]);
    await this.#cancelled;
  }

  /** Ends the connection when the server says nothing for the time of an answer, until `work` is done. */
  async #expectingAnswer<T>(action: string, work: () => Promise<T>): Promise<T> {
    const { answerSeconds: seconds = DEFAULT_ANSWER_SECONDS } = this.#options;
    const socket = socketOf(this.#client);
    const timer = setTimeout(() => {
      const place = placeOf(this.#config);
      socket.destroy(
        new Failure(
          "postgres.unreachable",
          `could not ${action}: ${place} said nothing for ${seconds} s`,
          { hint: "look whether the server, or what stands before it, is stuck" },
        ),
      );
    }, seconds * 1000);
    const isHeard = () => void timer.refresh();
    socket.on("data", isHeard);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      socket.off("data", isHeard);
    }
  }
}

/** Lets what is sent in this moment leave in one piece. */
function gatherWrites(socket: Socket): void {
  socket.cork();
  process.nextTick(() => socket.uncork());
}
