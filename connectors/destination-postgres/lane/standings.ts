import type { StreamNumber } from "../../kit/destination/ledger.ts";
import type { WideColumns } from "./wide-columns.ts";

/** What holds for a stream because of the lane's session and its open transaction. */
export interface Standing {
  /** Its tables are there. */
  readonly isCreated: boolean;
  /** Its temporary table is there. */
  readonly hasStage: boolean;
  /** Its tables are locked and have the types its rows are made for. */
  readonly isLocked: boolean;
  /** Rows of its temporary table that are not merged. */
  readonly rowsToMerge: number;
  /** Columns of which it has outliers. */
  readonly wide: WideColumns;
  readonly hasIndexes: boolean;
}

/** What other lanes have to know of a stream once it is committed. */
type Committed = Pick<Standing, "isCreated" | "hasIndexes">;

/** The standings of all streams at some moment. */
type Moment = ReadonlyMap<StreamNumber, Standing>;

const NONE: WideColumns = new Set();

/**
 * Everything that a lane believes because of its open transaction: one immutable value per stream. A
 * savepoint keeps a copy of them and a rollback goes back to it, so that nothing can be forgotten there.
 */
export class Standings {
  readonly #committed: readonly { -readonly [K in keyof Committed]: Committed[K] }[];
  #now = new Map<StreamNumber, Standing>();
  #atSavepoint: Moment | undefined;
  #atBegin: Moment = new Map();

  /** @param committed by number of the stream; what a commit makes true is noted in it, for every lane. */
  constructor(committed: readonly Committed[]) {
    this.#committed = committed;
  }

  get hasSavepoint(): boolean {
    return this.#atSavepoint !== undefined;
  }

  of(number: StreamNumber): Standing {
    const committed = this.#committed[number]!;
    const standing = this.#now.get(number);
    return {
      hasStage: false,
      isLocked: false,
      rowsToMerge: 0,
      wide: NONE,
      ...standing,
      isCreated: committed.isCreated || standing?.isCreated === true,
      hasIndexes: committed.hasIndexes || standing?.hasIndexes === true,
    };
  }

  learn(number: StreamNumber, learned: Partial<Standing>): void {
    this.#now.set(number, { ...this.of(number), ...learned });
  }

  /** Streams with rows that are not merged, in the order in which they were first heard of. */
  get toMerge(): StreamNumber[] {
    return [...this.#now.keys()].filter((number) => this.of(number).rowsToMerge > 0);
  }

  /** The rows of a stream are where readers look. */
  merged(number: StreamNumber): void {
    this.learn(number, { rowsToMerge: 0, wide: NONE });
  }

  /** A savepoint is set, in place of the one before. */
  savepoint(): void {
    this.#atSavepoint = new Map(this.#now);
  }

  /** What was done since a savepoint, or in the whole transaction, was taken back. */
  rollback(to: "savepoint" | "begin"): void {
    if (to === "begin") this.#atSavepoint = undefined;
    this.#now = new Map(this.#atSavepoint ?? this.#atBegin);
  }

  /** Remembers this moment, and returns what goes back to it. */
  remember(): () => void {
    const before: Moment = new Map(this.#now);
    return () => {
      this.#now = new Map(before);
    };
  }

  /** What the transaction did holds for every lane now; its locks are gone. */
  commit(): void {
    for (const [number, { isCreated, hasIndexes, hasStage }] of this.#now) {
      const committed = this.#committed[number]!;
      committed.isCreated ||= isCreated;
      committed.hasIndexes ||= hasIndexes;
      const kept = { isCreated, hasIndexes, hasStage, wide: NONE };
      this.#now.set(number, { ...kept, isLocked: false, rowsToMerge: 0 });
    }
    this.#atBegin = new Map(this.#now);
    this.#atSavepoint = undefined;
  }
}
