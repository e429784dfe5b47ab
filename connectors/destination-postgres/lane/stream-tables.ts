import { quoteTable, type Table } from "../../postgres/sql.ts";
import type { Context } from "../../kit/contract.ts";
import { deliveryOf } from "../../kit/destination/generations.ts";
import type { Delivery, LedgerStream } from "../../kit/destination/ledger.ts";
import type { LoadedStream } from "../../kit/destination/lane.ts";
import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import type { Column } from "../plan/columns.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import { createIndex, createStage } from "../plan/tables.ts";
import {
  appendStatements,
  firstStatements,
  lockRowStatements,
  mergeStatements,
} from "../publish/merge.ts";
import type { MergeStatement, MergeTables } from "../publish/merge-terms.ts";
import { mergeChangesStatements } from "../publish/changes/merge-queries.ts";
import type { MergedChanges } from "../publish/changes/piece-queries.ts";
import { lockTruncated } from "../publish/changes/truncate-queries.ts";
import type { StagedLook } from "../publish/merge-way.ts";
import { creationStatements } from "../bookkeeping/creation.ts";
import { replacementsOf, stagingOf, type Replacement } from "../plan/stand-ins.ts";
import { giveUpOversized, type OnGivenUp } from "../publish/oversized.ts";
import { swap, type SwapOptions } from "../publish/swap.ts";
import type { PreparedStream, PreparedTable } from "../schema/prepare.ts";
import type { Session } from "../../postgres/session.ts";
import type { BlockPool } from "./block-pool.ts";
import { CopyBatches, type CopyBatch } from "./copy-batches.ts";
import { narrowStatements, widened, type WideColumns } from "./wide-columns.ts";

/** Numbers the temporary tables of a process. */
let stages = 0;

/** What is known to be committed of a stream's tables, whichever lane did it. */
export interface CommittedTables {
  isCreated: boolean;
  hasIndexes: boolean;
  /** Whether a STATE was committed that only the staging tables bear out: then they outlive this run. */
  isStagingKept: boolean;
}

/**
 * The tables of one stream: where its rows are loaded, and the statements that bring them where
 * readers look. Holds no session and nothing about an open transaction; that is the lane's.
 */
export class StreamTables implements LoadedStream<CopyBatch>, LedgerStream {
  readonly plan: StreamPlan;
  readonly batches: CopyBatches;
  readonly delivery: Delivery;
  /** Whether new tables take the place of the old ones at the end. */
  readonly replaces: boolean;
  readonly committed: CommittedTables;
  /** Where rows are loaded; undefined for a table that the config leaves out. */
  readonly loaded: { readonly raw: Table | undefined; readonly final: Table | undefined };

  readonly #tables: ReadonlyMap<Table, PreparedTable>;
  readonly #prepared: PreparedStream;
  /** The temporary table and those behind it, for streams that are merged or hashed; else undefined. */
  readonly merge: MergeTables | undefined;
  /** Columns that a merge gave a wider type than planned. One that was taken back may be among them. */
  readonly widened = new Set<number>();

  /** @param pool memory that it shares with other streams. */
  constructor(prepared: PreparedStream, pool: BlockPool) {
    const { plan, tables, replaces, continues } = prepared;
    this.plan = plan;
    this.replaces = replaces;
    this.delivery = deliveryOf(plan, prepared);
    this.#tables = tables;
    this.#prepared = prepared;
    this.merge = this.#mergeTables();
    const { raw, final } = plan;
    this.loaded = {
      raw: raw && this.#place(raw),
      final: this.merge?.stage ?? (final && this.#place(final)),
    };
    const filled = { raw: raw !== undefined, final: final !== undefined };
    this.batches = new CopyBatches(plan, filled, pool);
    this.committed = {
      isCreated: false,
      hasIndexes:
        !plan.dedup ||
        continues ||
        (!replaces && [...tables.values()].every((table) => table.hasIndex)),
      isStagingKept: continues,
    };
  }

  get stream(): StreamDescriptor {
    return this.plan.stream;
  }

  /** Whether rows go through a temporary table of the session that loads them. */
  get isStaged(): boolean {
    return this.merge !== undefined;
  }

  /** Creates the tables that are not there yet; empty when all are. */
  createStatements(): string[] {
    return creationStatements(this.#prepared);
  }

  /** Creates the temporary table, in a session that has none yet. */
  stageStatements(): string[] {
    return this.merge ? [createStage(this.merge.stage, this.plan)] : [];
  }

  /**
   * Moves the rows of the temporary table on, and empties it.
   *
   * @param wide its columns that are wider than planned, for these rows.
   * @param look what its rows are like.
   * @param released columns of which a row may take the value that another one gives up.
   */
  mergeStatements(
    wide: WideColumns,
    look: StagedLook,
    released: readonly Column[] = [],
  ): MergeStatement[] {
    if (!this.merge) return [];
    return [
      ...this.#mergeStatements(this.merge, look, released),
      ...narrowStatements(this.plan, this.merge.stage, wide),
    ];
  }

  #mergeStatements(
    tables: MergeTables,
    look: StagedLook,
    released: readonly Column[],
  ): MergeStatement[] {
    const { way, changes } = look;
    const dedup = this.#dedup(look);
    if (dedup === undefined) return appendStatements(this.plan, tables);
    if (way === "first") return firstStatements(this.plan, dedup, tables);
    const merged = this.#mergedChanges(look);
    if (merged && changes) return mergeChangesStatements(merged, changes, released);
    return mergeStatements(this.plan, dedup, tables, way === "few", released);
  }

  /** Locks the rows of readers' tables that the temporary table's may change; empty where there are none. */
  lockStatements(look: StagedLook): string[] {
    const { way, changes } = look;
    const dedup = this.#dedup(look);
    if (!this.merge || !dedup || this.replaces) return [];
    const merged = this.#mergedChanges(look);
    if (merged && changes && changes.truncations > 0) return lockTruncated(merged);
    return lockRowStatements(dedup, this.merge, way === "few");
  }

  #mergedChanges(look: StagedLook): MergedChanges | undefined {
    const { plan, merge: tables } = this;
    const { changes } = plan;
    const dedup = this.#dedup(look);
    return (
      dedup && changes && tables && { plan, dedup, changes, tables, isFew: look.way === "few" }
    );
  }

  #dedup({ foundBy }: StagedLook): DedupPlan | undefined {
    return this.plan.dedup && { ...this.plan.dedup, foundBy };
  }

  /**
   * Gives up those values of the temporary table that the ones behind it have no room for. False when
   * none was found.
   */
  async giveUpStaged(session: Session): Promise<boolean> {
    const { stage: from, final, history } = this.merge!;
    const toFinal = { plan: this.plan, from, to: final, kind: "final", isLoaded: true } as const;
    let isFound = await giveUpOversized(session, toFinal, this.#onGivenUp);
    if (history) {
      const toHistory = { ...toFinal, to: history, kind: "history" } as const;
      if (await giveUpOversized(session, toHistory, this.#onGivenUp)) isFound = true;
    }
    return isFound;
  }

  readonly #onGivenUp: OnGivenUp = (field, reason, count) =>
    this.batches.countChange(field, reason, count);

  /** Builds our indexes. Statistics too: without them the next merge plans for a handful of rows. */
  indexStatements(): string[] {
    return this.#indexes().flatMap(({ table, name }) => [
      createIndex(this.#place(table), name, this.plan.dedup!),
      `analyze ${quoteTable(this.#place(table))}`,
    ]);
  }

  /** Puts the new tables in place, inside the open transaction. */
  async putInPlace(session: Session, context: Context): Promise<void> {
    for (const { replacement, options } of this.swaps(session, context))
      await swap(session, replacement, options);
  }

  /** What is to be done to put the new tables in place. */
  swaps(session: Session, context: Context): { replacement: Replacement; options: SwapOptions }[] {
    return this.replacements().map((replacement) => {
      const { columns } = this.#tables.get(replacement.target)!;
      const index = this.#indexes().find(({ table }) => table === replacement.target);
      const options: SwapOptions = {
        columns: widened(this.plan, columns, this.widened),
        index: index && { target: index.finalName, staging: index.name },
        onStatement: (sql) => context.log("INFO", sql),
        giveUp: async () => {
          const { kind, target: to, staging: from } = replacement;
          if (kind === "raw") return false;
          const refused = { plan: this.plan, from, to, kind, isLoaded: false };
          const where = kind === "history" ? ", in the history table" : "";
          return giveUpOversized(session, refused, (field, reason, count) =>
            this.batches.countChange(`${field}${where}`, reason, count),
          );
        },
      };
      return { replacement, options };
    });
  }

  /** The tables that are replaced, and those loaded in their place. */
  replacements(): Replacement[] {
    return replacementsOf(this.plan);
  }

  /** Our indexes: the table, the index's name where it is built, and its name in the end. */
  #indexes(): { table: Table; name: string; finalName: string }[] {
    const { dedup, final, history } = this.plan;
    if (!dedup) return [];
    const pairs: [Table | undefined, string][] = [
      [final, dedup.index],
      [history, dedup.historyIndex],
    ];
    return pairs.flatMap(([table, finalName]) => {
      if (!table) return [];
      const name = this.replaces ? `${stagingOf(this.plan, table).name}_key` : finalName;
      return [{ table, finalName, name }];
    });
  }

  #mergeTables(): MergeTables | undefined {
    const { final, history, dedup, hashesFinal } = this.plan;
    if (!final || (!dedup && !hashesFinal)) return undefined;
    return {
      stage: { schema: "pg_temp", name: `stage_${++stages}` },
      final: this.#place(final),
      history: history && this.#place(history),
    };
  }

  /** Where a table of the stream is being filled. */
  #place(table: Table): Table {
    return this.replaces ? stagingOf(this.plan, table) : table;
  }
}
