import { setTimeout as wait } from "node:timers/promises";
import type { Client, QueryResult } from "pg";
import { Failure } from "../../protocol/errors.ts";
import { brokenProtocol } from "./answers.ts";
import { close, connect, type ConnectOptions } from "./connection.ts";
import { CopiesOut } from "./copy-out.ts";
import type { CopySink } from "./copy-sink.ts";
import { cancelKeyOf, pipelineQueries, socketOf } from "./driver.ts";
import { isLost } from "./errors.ts";
import { Loads } from "./loads.ts";
import { cancelLockWaits } from "./lock-wait.ts";
import { FIND_SETTINGS, PIN_SESSION, pinTransaction } from "./pinned-settings.ts";
import { takeBack } from "./savepoint.ts";
import type { Sql } from "./sql.ts";
import type { PostgresConfig } from "./settings.ts";
import { together } from "./together.ts";
import { Turns } from "./turns.ts";

/** One row of an answer: text or null by column name. */
export type Row = Readonly<Record<string, string | null>>;

/** A commit the server still works on is asked about this often, this far apart: a minute. */
const OUTCOME_ATTEMPTS = 300;
const OUTCOME_PAUSE_MS = 200;

/** Time for the answers to what a session ends with before it rests. */
const REST_MS = 2_000;

/**
 * Begins a transaction and gives it its number at once, so that a COMMIT whose answer is lost can be asked
 * about (`pg_current_xact_id` since 13).
 */
const BEGIN = "begin; select txid_current() as xid";

function transactionStatus(xid: string): Sql {
  return { text: "select txid_status($1::bigint) as status", values: [xid] };
}

/** A statement of several that are sent in one turn. */
export interface Statement {
  /** What it does, for messages. */
  readonly action: string;
  readonly sql: Sql;
  /** What to throw when it fails. Default: the failure as it is. */
  readonly explain?: (failure: Failure) => unknown;
}

/** What a rehearsal would have done by one call of `run`. */
export interface Rehearsed {
  readonly action: string;
  readonly statements: readonly string[];
}

/** What the driver makes of one text: one result, or one for each of several statements. */
type Results = QueryResult<Row> | QueryResult<Row>[];

/** The results of so many statements, each of which was answered. Throws `postgres.failed`. */
function answered<Given extends QueryResult | QueryResult[]>(
  results: Given,
  statements = 1,
): Given {
  // The driver fills in what a server calls ready without having answered.
  const isAnswered = [results].flat().every(({ command }) => (command as string | null) !== null);
  if (!isAnswered && statements > 0) throw brokenProtocol();
  return results;
}

/**
 * Opens a session, as `connect` does. Close it, or use `withSession`.
 *
 * @throws `postgres.*`, or `config.invalid` for unusable certificates.
 */
export async function openSession(
  config: PostgresConfig,
  options: ConnectOptions,
): Promise<Session> {
  return new Session(await connect(config, options), config, options);
}

/** Opens a session, runs `work` on it, and closes it. Throws as `openSession`, and what `work` does. */
export async function withSession<T>(
  config: PostgresConfig,
  options: ConnectOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(config, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/**
 * One connection, and the only place where statements are sent on it: in the order of the calls. Those
 * behind which nobody waits go out in one turn, so that a distant server costs no more than its distance
 * once. A failed one rejects its own call only, with a `Failure` that says what was being done; inside a
 * transaction the server refuses what was sent behind it.
 */
export class Session {
  readonly #client: Client;
  readonly #config: PostgresConfig;
  readonly #options: ConnectOptions;
  readonly #closed = new AbortController();
  readonly #copies: CopiesOut;
  readonly #turns: Turns;
  /** COPYs of rows into tables, in the turns of the session. */
  readonly loads: Loads;
  #inTransaction = false;
  /** Resolves when a rollback that nobody waits for is answered. */
  #ending: Promise<void> = Promise.resolve();
  /** The number of the open transaction. */
  #xid: Promise<string> | undefined;
  #pins: string | undefined;
  /** Resolves when a session that rests is idle: whether its connection is of use. */
  #rested: Promise<boolean> | undefined;
  /** What was not sent so far; undefined: everything is sent. */
  #rehearsed: Rehearsed[] | undefined;

  /** @param client idle, and this session's alone; opened with `config` and `options`. */
  constructor(client: Client, config: PostgresConfig, options: ConnectOptions) {
    this.#client = client;
    this.#config = config;
    this.#options = options;
    this.#copies = new CopiesOut(client);
    this.#turns = new Turns(client, this.#copies, config, options);
    this.loads = new Loads(client, this.#turns);
    pipelineQueries(client);
    this.#endWaitsAfter(options.signal);
  }

  /** The number of the server's process; behind a pooler, it may be no server's. */
  get processId(): number {
    return cancelKeyOf(this.#client).processId;
  }

  /** The port of our end of the connection; undefined on a Unix socket. */
  get localPort(): number | undefined {
    return socketOf(this.#client).localPort;
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** Opens another connection to the same database, through the same tunnel. */
  openAnother(): Promise<Session> {
    return openSession(this.#config, this.#options);
  }

  /** Runs `work` on a new connection to the same database, and closes it. */
  onOtherConnection<T>(work: (other: Session) => Promise<T>): Promise<T> {
    return withSession(this.#config, this.#options, work);
  }

  /** Runs one statement with parameters. `action` is what it does, for messages: "list the tables". */
  query(action: string, sql: Sql): Promise<Row[]> {
    return this.#turns.next(action, async () => {
      const result = await this.#client.query<Row>({ text: sql.text, values: [...sql.values] });
      return answered(result).rows;
    });
  }

  /** Like `query`, for a question that is always answered with a row. */
  async queryRow(action: string, sql: Sql): Promise<Row> {
    const [row] = await this.query(action, sql);
    if (row === undefined) throw brokenProtocol();
    return row;
  }

  /**
   * Like `queryRow`, for a question that waits for nobody's lock and is soon answered: a server that is
   * silent instead is given up.
   */
  async askRow(action: string, sql: Sql): Promise<Row> {
    const [row] = await this.#turns.next(
      action,
      async () => {
        const result = await this.#client.query<Row>({ text: sql.text, values: [...sql.values] });
        return answered(result).rows;
      },
      { isQuestion: true },
    );
    if (row === undefined) throw brokenProtocol();
    return row;
  }

  /**
   * Like `query`, inside the open transaction, which stays as it was, also when the statement fails.
   */
  queryInSavepoint(action: string, sql: Sql): Promise<Row[]> {
    return this.#turns.next(action, async () => {
      const set = this.#client.query("savepoint question");
      const result = this.#client.query<Row>({ text: sql.text, values: [...sql.values] });
      const [, answer] = await Promise.allSettled([
        set,
        result,
        takeBack(this.#client, "question"),
      ]);
      if (answer.status === "rejected") throw answer.reason;
      return answered(answer.value).rows;
    });
  }

  /** Runs statements without parameters, all in one round trip. */
  run(action: string, ...statements: readonly string[]): Promise<void> {
    if (this.#rehearsed) {
      this.#rehearsed.push({ action, statements });
      return Promise.resolve();
    }
    return this.#turns.next(action, async () => {
      answered(await this.#client.query(statements.join(";\n")), statements.length);
    });
  }

  /** Like `run`; returns how many rows the server says each statement changed. */
  runCounted(action: string, ...statements: readonly string[]): Promise<number[]> {
    return this.#turns.next(action, async () => {
      const results = await this.#client.query(statements.join(";\n"));
      return [answered(results, statements.length)].flat().map(({ rowCount }) => rowCount ?? 0);
    });
  }

  /** Takes back what was done since a savepoint of the open transaction, and forgets it. */
  takeBack(action: string, savepoint: string): Promise<void> {
    return this.#turns.next(action, () => takeBack(this.#client, savepoint));
  }

  /**
   * Hands the rows of a `copy … to stdout` to `sink`. When the sink fails, or a row is too long, the
   * server is asked to stop.
   *
   * @param next the COPYs that are asked for next, in this transaction: they are sent without waiting for
   *   the end of this one. When something else comes instead, their rows are thrown away.
   * @returns the number of rows.
   * @throws what the sink threw; `postgres.too_large` for a row of more than `maxRowBytes`.
   */
  copyOut(
    action: string,
    copy: string,
    sink: CopySink,
    maxRowBytes: number,
    next: readonly string[] = [],
  ): Promise<number> {
    const cancel = () => void this.cancel();
    const read = () => this.#copies.read(copy, sink, { maxRowBytes, cancel, next });
    return this.#turns.next(action, read, { isAlone: true, isAwaited: true, isCopyOut: true });
  }

  /**
   * Asks the server to stop the statement that runs, which fails then, unless it ends first. Best
   * effort. Resolves when the request was dealt with; no other statement is sent until then, because
   * it would be the one that is stopped. Never rejects.
   */
  cancel(): Promise<void> {
    return this.#turns.cancel();
  }

  /**
   * Begins a transaction that only reads, with every setting pinned in it, and none outside it. Takes
   * no snapshot.
   *
   * @param more statements to run in the same round trip.
   */
  async beginReading(
    isolation: "read committed" | "repeatable read",
    ...more: readonly string[]
  ): Promise<void> {
    if (this.#pins === undefined) await this.findPins(); // else it is sent before what is called next
    this.#inTransaction = true;
    const begin = `begin isolation level ${isolation}, read only`;
    await this.run("begin a transaction", begin, this.#pins!, ...more);
  }

  /** Runs `work` in a transaction that only reads, in which each statement sees what is committed. */
  async whileReading<T>(work: () => Promise<T>): Promise<T> {
    await this.findPins(); // what follows is sent in the turn of its begin
    try {
      return (await together([this.beginReading("read committed"), work()]))[1];
    } finally {
      // Without a connection there is nothing to end, and the next statement says so. Nobody waits.
      this.#ending = this.rollback().catch(() => {});
    }
  }

  /**
   * Runs `work` in a transaction that only reads, with what it would `run` kept instead of sent: for what
   * looks before it does, and need not see afterwards what it did.
   *
   * @param work is given a function that takes what was kept since it was called last.
   */
  async rehearse<T>(work: (take: () => Rehearsed[]) => Promise<T>): Promise<T> {
    await this.beginReading("read committed");
    this.#rehearsed = [];
    try {
      return await work(() => this.#rehearsed!.splice(0));
    } finally {
      this.#rehearsed = undefined;
      await this.rollback();
    }
  }

  /** Whether what is to be run is kept instead. */
  get isRehearsal(): boolean {
    return this.#rehearsed !== undefined;
  }

  /** Pins the settings of the session itself, as long as nothing fails that `first` asks. */
  pinSession(...first: readonly string[]): Promise<void> {
    const pin = async () => {
      answered(await this.#client.query([...first, PIN_SESSION].join(";\n")));
    };
    return this.#turns.next("pin the settings of the session", pin, { isQuestion: true });
  }

  /** Asks what transactions that only read have to pin, as the first of them would. */
  async findPins(): Promise<void> {
    this.#pins ??= pinTransaction(await this.#knownSettings(), this.#options.rowSecurity);
  }

  #knownSettings(): Promise<string[]> {
    const ask = async () => {
      const results = answered((await this.#client.query(FIND_SETTINGS)) as unknown as Results);
      if (!Array.isArray(results)) throw brokenProtocol();
      return results.flatMap(({ rows }) => rows.map(({ name }) => name!));
    };
    return this.#turns.next("look at the settings of the server", ask, { isQuestion: true });
  }

  async begin(): Promise<void> {
    if (this.#inTransaction) return;
    this.#inTransaction = true;
    this.#xid = this.#turns.next("begin a transaction", async () => {
      const results = answered((await this.#client.query(BEGIN)) as unknown as Results);
      const xid = [results].flat().at(-1)?.rows[0]?.["xid"];
      if (typeof xid !== "string") throw brokenProtocol();
      return xid;
    });
    await this.#xid;
  }

  /**
   * Commits. When the connection breaks before the answer comes, the server is asked on another
   * connection what became of the transaction: resolves if it is committed (further statements will
   * fail), rejects with what broke it otherwise.
   *
   * @param last statements to send in the same turn. When one of them fails, nothing is committed, and
   *   its failure is thrown.
   */
  async commit(...last: readonly Statement[]): Promise<void> {
    if (!this.#inTransaction) return;
    const xid = await this.#xid!;
    try {
      await together([
        ...last.map(({ action, sql, explain }) =>
          this.query(action, sql).catch((failure: Failure) => {
            throw explain?.(failure) ?? failure;
          }),
        ),
        this.#turns.next("commit", () => this.#commit()),
      ]);
    } catch (lost) {
      if (!isLost(lost)) throw lost;
      if (!(await this.#outcome(xid))) throw lost;
    }
    this.#inTransaction = false;
  }

  /** A transaction in which a statement failed is rolled back, which the server calls no error. */
  async #commit(): Promise<void> {
    const { command } = await this.#client.query("commit");
    if (command === "COMMIT") return;
    if (command !== "ROLLBACK") throw brokenProtocol();
    this.#inTransaction = false;
    throw new Failure(
      "internal.bug",
      "could not commit: a statement had failed, so the server rolled the transaction back",
    );
  }

  async #outcome(xid: string): Promise<boolean> {
    return this.onOtherConnection(async (other) => {
      for (let attempt = 0; attempt < OUTCOME_ATTEMPTS; attempt++) {
        const question = transactionStatus(xid);
        const { status } = await other.queryRow("ask what became of a commit", question);
        if (status !== "in progress") return status === "committed";
        await wait(OUTCOME_PAUSE_MS);
      }
      return false;
    });
  }

  async rollback(): Promise<void> {
    if (!this.#inTransaction) return;
    this.#inTransaction = false;
    await this.run("roll back", "rollback");
  }

  /**
   * Ends what the session is at, but not its connection, which `renewed` gives to another.
   *
   * @param reset statements that take back what was set outside a transaction.
   */
  rest(...reset: readonly string[]): void {
    this.#closed.abort();
    const ends = [
      this.rollback(),
      ...reset.map((statement) => this.run("reset the session", statement)),
      this.#turns.next("rest", () => Promise.resolve(), { isAlone: true }), // until all of it is answered
    ];
    this.#rested = together(ends).then(
      () => true,
      () => false,
    );
  }

  /**
   * A session on the connection of this one, which rests; undefined: that is of no use any more, and closed.
   */
  async renewed(options: ConnectOptions): Promise<Session | undefined> {
    const late = wait(REST_MS, false, { ref: false });
    if (!(await Promise.race([this.#rested, late]))) {
      await this.close();
      return undefined;
    }
    const session = new Session(this.#client, this.#config, options);
    session.loads.sendsAhead = this.loads.sendsAhead;
    return session;
  }

  /** Says goodbye and closes the connection, at once if a statement runs. Never rejects. */
  close(): Promise<void> {
    this.#closed.abort();
    return close(this.#client, this.#ending);
  }

  #endWaitsAfter(stop: AbortSignal | undefined): void {
    const closed = this.#closed.signal;
    const options = { ...this.#options, signal: closed };
    const endWaits = () => {
      // Without a second connection the statement waits on, as it would have.
      void withSession(this.#config, options, (watcher) =>
        cancelLockWaits(this, watcher, closed),
      ).catch(() => {});
    };
    if (stop?.aborted) endWaits();
    else stop?.addEventListener("abort", endWaits, { once: true, signal: closed });
  }
}
