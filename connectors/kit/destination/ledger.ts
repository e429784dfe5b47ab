import { Failure } from "../../../protocol/errors.ts";

/**
 * How the rows of a stream reach its readers.
 *
 * - `with-states`: a row may be committed once a STATE behind it, or COMPLETE, covers it.
 * - `at-complete`: nothing may be committed before COMPLETE, because nobody could go on from there.
 * - `aside`: rows go where no reader looks, and may be committed at any time; only the replacement at
 *   the end makes them, and the STATEs behind them, true.
 */
export type Delivery = "with-states" | "at-complete" | "aside";

/** What the ledger has to know of a stream. */
export interface LedgerStream {
  readonly delivery: Delivery;
  /** Whether its rows take the place of the old ones at the end. Always with `aside`, never with `at-complete`. */
  readonly replaces: boolean;
}

/** A stream, by its place in the list the ledger was made with. */
export type StreamNumber = number;

/** A lane: whatever object stands for one transaction at a time. Compared by identity. */
export type LaneKey = object;

/** The rows of one stream, counted from its first one of this run. */
export interface StreamAccount {
  /** RECORDs taken in. */
  readonly received: number;
  /** How many of them a commit may hold. */
  readonly covered: number;
  /** How many were handed to a lane. */
  readonly sent: number;
  /** How many of those the lane's system says it has taken. */
  readonly taken: number;
  /** How many are committed. */
  readonly durable: number;
  /** What its source said of it last; `incomplete` is final. */
  readonly status: "running" | "complete" | "incomplete";
  /** Whether rows of it were taken back, or dropped, that no later one brings again. */
  readonly hasLost: boolean;
  /** Whether its replacement is in place. */
  readonly isInPlace: boolean;
  /** RECORDs since the last STATE that speaks of the stream. */
  readonly sinceState: number;
}

type OpenAccount = { -readonly [name in keyof StreamAccount]: StreamAccount[name] };

/** A STATE that was received and is not true yet. */
interface PendingState<State> {
  readonly state: State;
  readonly streams: readonly StreamNumber[];
  /** How many durable rows it needs of each of them. */
  readonly rows: Float64Array;
  /** Whether it speaks of all streams at once. */
  readonly isShared: boolean;
}

/** What a lane's open transaction holds: each stream's `sent` at its savepoint, or at its beginning. */
type LaneContents = Map<StreamNumber, { atSavepoint: number }>;

/** A commit that has begun: what it will make durable and true. Nothing received later belongs to it. */
export interface Commit<State> {
  readonly lane: LaneKey;
  /** The rows of each stream that are durable afterwards. */
  readonly rows: ReadonlyMap<StreamNumber, number>;
  /** The STATEs that are true afterwards, in the order they were received. */
  readonly states: readonly State[];
  /** The streams whose replacements it puts in place. */
  readonly replaces: readonly StreamNumber[];
}

/**
 * What a destination owes, and nothing else: no input, no output, no clock. It knows which rows were
 * received, sent and committed, and so which STATEs are true.
 *
 * The rules it keeps, whatever the order of the calls:
 *
 * - A STATE is true when all rows received before it, of the streams it speaks of, are durable; for a
 *   stream that is delivered `at-complete`, when it is also complete; `aside`, when its replacement is
 *   in place. One that speaks of all streams waits for every replacement: nobody can go on with a part
 *   of them. STATEs of one stream become true in their order.
 * - A commit holds only rows that are covered, and makes true only what was received before it began.
 * - A stream that lost rows is incomplete for the rest of the run, and takes no more.
 * - A replacement may be put in place only when every row of it is durable and its source said COMPLETE.
 *
 * `State` is whatever the caller keeps of a STATE. A use that breaks a rule throws `internal.bug`
 * before anything is counted.
 */
export class Ledger<State> {
  readonly #streams: readonly LedgerStream[];
  readonly #accounts: readonly OpenAccount[];
  readonly #lanes = new Map<LaneKey, LaneContents>();
  #pending: PendingState<State>[] = [];
  /** Whether a STATE of all streams was received. */
  #hasShared = false;

  constructor(streams: readonly LedgerStream[]) {
    this.#streams = streams;
    this.#accounts = streams.map(() => ({
      received: 0,
      covered: 0,
      sent: 0,
      taken: 0,
      durable: 0,
      status: "running",
      hasLost: false,
      isInPlace: false,
      sinceState: 0,
    }));
  }

  /** How a stream stands. Live: it changes with the calls that follow. */
  of(stream: StreamNumber): StreamAccount {
    return this.#accounts[stream]!;
  }

  /** Whether there are STATEs that are not true yet. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** A RECORD. Returns whether the row is wanted: one of a stream that is given up is only counted. */
  record(stream: StreamNumber): boolean {
    const account = this.#accounts[stream]!;
    account.received++;
    account.sinceState++;
    if (account.status === "incomplete") {
      account.hasLost = true;
      return false;
    }
    // A source that goes on has not said COMPLETE of what it sends now.
    account.status = "running";
    if (this.#streams[stream]!.delivery === "aside") account.covered = account.received;
    return true;
  }

  /**
   * The RECORD that came last cannot be loaded at all: its stream is given up from there on, whatever
   * covers it.
   */
  refused(stream: StreamNumber): void {
    const account = this.#accounts[stream]!;
    account.covered = Math.min(account.covered, account.received - 1);
    account.status = "incomplete";
    account.hasLost = true;
  }

  /**
   * A STATE of `streams`: it covers all their rows so far, unless one of them holds it up: a stream that
   * waits for its end, or lost rows. Rows that are committed for a STATE that may never be true would
   * come again.
   *
   * @param isShared whether it speaks of all streams at once (GLOBAL, LEGACY).
   * @returns how many records of these streams came since the STATE before it.
   */
  state(state: State, streams: readonly StreamNumber[], isShared: boolean): number {
    const accounts = streams.map((stream) => this.#accounts[stream]!);
    let records = 0;
    for (const account of accounts) {
      records += account.sinceState;
      account.sinceState = 0;
    }
    this.#hasShared ||= isShared;
    if (accounts.some(({ hasLost }) => hasLost)) return records; // it is never true
    this.#pending.push({ state, streams, rows: this.#received(streams), isShared });
    if (streams.every((stream) => this.#hasNoWait(stream, isShared)))
      for (const account of accounts) account.covered = account.received;
    return records;
  }

  /** The rows received of `streams`; the same list as for the STATE before, when nothing came since. */
  #received(streams: readonly StreamNumber[]): Float64Array {
    const last = this.#pending.at(-1);
    const received = Float64Array.from(streams, (stream) => this.#accounts[stream]!.received);
    const isSame =
      last?.streams === streams && received.every((count, at) => count === last.rows[at]);
    return isSame ? last.rows : received;
  }

  /**
   * What a stream's source says of it. COMPLETE covers all rows so far; where one STATE speaks of all
   * streams, only once the others are COMPLETE too: their source would go on from that STATE and send
   * them again. INCOMPLETE gives up rows that no STATE covers, and is final: what comes after it may be
   * the same rows again. Rows in an open transaction stay until `rolledBack`.
   */
  status(stream: StreamNumber, status: "COMPLETE" | "INCOMPLETE"): void {
    const account = this.#accounts[stream]!;
    if (account.status === "incomplete") return;
    if (status === "COMPLETE") {
      account.status = "complete";
      for (const one of this.#coveredBy(stream)) {
        const { received } = this.#accounts[one]!;
        this.#accounts[one]!.covered = received;
      }
    } else {
      account.status = "incomplete";
      account.hasLost = account.received > account.covered;
    }
  }

  /** Rows of the stream that were received and not sent, and may be committed. */
  coveredInHand(stream: StreamNumber): number {
    const { covered, sent } = this.#accounts[stream]!;
    return Math.max(0, covered - sent);
  }

  /** The next `rows` of a stream go to `lane`, in its open transaction. */
  sent(lane: LaneKey, stream: StreamNumber, rows: number): void {
    const account = this.#accounts[stream]!;
    const other = this.laneOf(stream);
    if (other !== undefined && other !== lane) throw bug("rows of one stream are in two lanes");
    if (account.sent + rows > account.received) throw bug("more rows were sent than received");
    if (account.hasLost && account.sent + rows > account.covered)
      throw bug("rows behind lost ones were sent");
    const contents = this.#lanes.get(lane) ?? new Map();
    this.#lanes.set(lane, contents);
    if (!contents.has(stream)) contents.set(stream, { atSavepoint: account.durable });
    account.sent += rows;
  }

  /** The system behind the lane says it has taken rows that were sent. */
  taken(stream: StreamNumber, rows: number): void {
    this.#accounts[stream]!.taken += rows;
  }

  /** The lane whose open transaction holds rows of a stream. */
  laneOf(stream: StreamNumber): LaneKey | undefined {
    for (const [lane, contents] of this.#lanes) if (contents.has(stream)) return lane;
    return undefined;
  }

  /** The streams whose rows a lane's open transaction holds. */
  streamsIn(lane: LaneKey): StreamNumber[] {
    return [...(this.#lanes.get(lane)?.keys() ?? [])];
  }

  /** The streams of which a lane's open transaction holds rows that may not be committed yet. */
  uncoveredIn(lane: LaneKey): StreamNumber[] {
    return this.streamsIn(lane).filter((stream) => {
      const { sent, covered } = this.#accounts[stream]!;
      return sent > covered;
    });
  }

  /** A savepoint was set in a lane's open transaction; it replaces the one before. */
  savepoint(lane: LaneKey): void {
    for (const [stream, place] of this.#lanes.get(lane) ?? [])
      place.atSavepoint = this.#accounts[stream]!.sent;
  }

  /**
   * What a lane was sent since its savepoint is gone; since its transaction began, when there is none.
   * Streams that lost rows are incomplete from now on.
   *
   * @param to `begin` when the whole transaction is gone, savepoint or not.
   */
  rolledBack(lane: LaneKey, to: "savepoint" | "begin"): void {
    const contents = this.#lanes.get(lane);
    if (contents === undefined) return;
    for (const [stream, { atSavepoint }] of contents) {
      const account = this.#accounts[stream]!;
      const kept = to === "savepoint" ? atSavepoint : account.durable;
      if (account.sent > kept) {
        account.hasLost = true;
        account.status = "incomplete";
        account.covered = Math.min(account.covered, kept);
      }
      account.sent = account.taken = kept;
      if (kept === account.durable) contents.delete(stream);
    }
    if (contents.size === 0) this.#lanes.delete(lane);
  }

  /** Whether a stream's replacement may be put in place. */
  mayReplace(stream: StreamNumber): boolean {
    const { status, durable, received, hasLost, isInPlace } = this.#accounts[stream]!;
    const isWhole = status === "complete" && !hasLost && durable === received;
    return this.#streams[stream]!.replaces && isWhole && !isInPlace;
  }

  /**
   * Fixes what a commit of `lane` will make durable and true. Throws `internal.bug` when it would
   * commit a row that nothing covers or that its system has not taken, or replace with less than
   * every row.
   *
   * @param replacing streams whose replacements the same commit puts in place.
   */
  beginCommit(
    lane: LaneKey,
    replacing: StreamNumber | readonly StreamNumber[] = [],
  ): Commit<State> {
    const replaces = [replacing].flat();
    if (!replaces.every((stream) => this.mayReplace(stream)))
      throw bug("a replacement is to be put in place that is not whole");
    const rows = new Map<StreamNumber, number>();
    for (const stream of this.streamsIn(lane)) {
      const { sent, taken, covered } = this.#accounts[stream]!;
      if (sent > covered) throw bug("rows are to be committed that no STATE covers");
      if (taken !== sent) throw bug(`${sent} rows were sent and ${taken} taken`);
      rows.set(stream, sent);
    }
    const waiting = new Set<StreamNumber>();
    const states: State[] = [];
    for (const { state, streams, rows: needed, isShared } of this.#pending) {
      const isTrue = streams.every((stream, at) => {
        const durable = rows.get(stream) ?? this.#accounts[stream]!.durable;
        const isReady = replaces.includes(stream) || this.#hasNoWait(stream, isShared);
        return !waiting.has(stream) && durable >= needed[at]! && isReady;
      });
      if (isTrue) states.push(state);
      else for (const stream of streams) waiting.add(stream);
    }
    return { lane, rows, states, replaces };
  }

  /** A commit was carried out. Returns the STATEs to print: those it made true, in their order. */
  committed(commit: Commit<State>): readonly State[] {
    const contents = this.#lanes.get(commit.lane);
    for (const [stream, rows] of commit.rows) {
      const account = this.#accounts[stream]!;
      account.durable = rows;
      if (account.sent === rows) contents?.delete(stream);
      else if (contents?.has(stream)) contents.set(stream, { atSavepoint: rows });
    }
    if (contents?.size === 0) this.#lanes.delete(commit.lane);
    for (const stream of commit.replaces) this.#accounts[stream]!.isInPlace = true;
    const printed = new Set(commit.states);
    this.#pending = this.#pending.filter(({ state }) => !printed.has(state));
    return commit.states;
  }

  /** The streams whose rows are covered now that `stream` is COMPLETE. */
  #coveredBy(stream: StreamNumber): StreamNumber[] {
    if (!this.#hasShared || this.#streams[stream]!.delivery !== "with-states") return [stream];
    const together = [...this.#streams.keys()].filter(
      (one) => this.#streams[one]!.delivery === "with-states",
    );
    return together.every((one) => this.#accounts[one]!.status === "complete") ? together : [];
  }

  /** Whether a STATE of the stream needs no more than its rows. */
  #hasNoWait(stream: StreamNumber, isShared: boolean): boolean {
    const { status, isInPlace } = this.#accounts[stream]!;
    const { delivery, replaces } = this.#streams[stream]!;
    if (delivery === "aside" || (isShared && replaces)) return isInPlace;
    return delivery === "with-states" || status === "complete";
  }
}

function bug(why: string): Failure {
  return new Failure("internal.bug", `the ledger refuses: ${why}`);
}
