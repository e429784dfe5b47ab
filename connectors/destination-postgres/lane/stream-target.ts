import { quoteTable, type Table } from "../../postgres/sql.ts";
import type { Context } from "../../kit/contract.ts";
import { Loader, type LoadTargets } from "./loader.ts";
import { OWN_SCHEMA, type StreamPlan } from "../plan/stream-plan.ts";
import type { PreparedStream, PreparedTable } from "../schema/prepare.ts";
import type { Session } from "../../postgres/session.ts";
import {
  describeStaging,
  replacementsOf,
  stagingOf,
  type StagingOwner,
} from "../publish/staging.ts";
import { appendStatements, mergeStatements, type MergeTables } from "../publish/merge.ts";
import { swap } from "../publish/swap.ts";
import { createIndex, createStage, createTable } from "../plan/tables.ts";

/** Numbers the temporary tables of a session. */
let stages = 0;

/** The tables of one stream: where its rows go first, and how they get where they belong. */
export class StreamTarget {
  readonly plan: StreamPlan;
  readonly loader: Loader;
  /** Whether a new table takes the old one's place at the end. */
  readonly replaces: boolean;

  readonly #session: Session;
  readonly #context: Context;
  readonly #tables: ReadonlyMap<Table, PreparedTable>;
  readonly #owner: StagingOwner;
  /** The tables behind the temporary one, for streams that are merged or hashed; else undefined. */
  readonly #merge: MergeTables | undefined;
  #isCreated = false;
  #hasIndexes: boolean;
  #createdSinceSavepoint = false;
  #isStagingCommitted = false;
  readonly #continues: boolean;
  /** Whether a STATE was committed that only the staging tables bear out. */
  #isStagingKept: boolean;
  #isFinished = false;

  constructor(
    { plan, tables, replaces, continues, owner }: PreparedStream,
    session: Session,
    context: Context,
  ) {
    this.plan = plan;
    this.replaces = replaces;
    this.#continues = continues;
    this.#isStagingKept = continues;
    this.#session = session;
    this.#context = context;
    this.#tables = tables;
    this.#owner = owner;
    this.#merge = this.#mergeTables();
    this.#hasIndexes =
      continues || (!replaces && [...tables.values()].every((table) => table.hasIndex));
    this.loader = new Loader(plan, this.#loadTargets(), session);
  }

  get isCreated(): boolean {
    return this.#isCreated;
  }

  /** Whether its rows go where nobody looks and nobody goes on from: they may be committed any time. */
  get fillsAside(): boolean {
    return this.replaces && !this.plan.resumes && !this.#isFinished;
  }

  /** Whether its STATEs must wait for the end, because nothing that they cover is kept before. */
  get holdsStates(): boolean {
    return this.fillsAside || (this.plan.isAllOrNothing && !this.loader.isComplete);
  }

  /** Creates the tables that rows are loaded into, inside the open transaction. */
  async create(): Promise<void> {
    if (this.#isCreated) return;
    this.#isCreated = this.#createdSinceSavepoint = true;
    const statements: string[] = [];
    for (const { table, columns, exists } of this.#tables.values()) {
      if (this.#continues) continue;
      if (this.replaces) {
        const staging = stagingOf(this.plan, table);
        statements.push(
          createTable(staging, columns),
          describeStaging({ target: table, staging }, this.#owner, this.plan.generation),
        );
      } else if (!exists) statements.push(createTable(table, columns));
    }
    if (this.#merge) statements.push(createStage(this.#merge.stage, this.plan));
    if (statements.length > 0)
      await this.#session.run(`create the tables of ${this.plan.label}`, ...statements);
  }

  onSavepoint(): void {
    this.#createdSinceSavepoint = false;
    this.loader.sentSinceSavepoint = false;
  }

  onRollbackToSavepoint(): void {
    if (this.#createdSinceSavepoint) this.#isCreated = false;
    this.#createdSinceSavepoint = false;
    this.loader.onRollbackToSavepoint();
  }

  /** Moves loaded rows on to where readers look, inside the transaction about to commit. */
  async beforeCommit(): Promise<void> {
    if (!this.#merge || !this.loader.hasRowsToMerge) return;
    this.loader.hasRowsToMerge = false;
    const { dedup } = this.plan;
    const statements = dedup
      ? mergeStatements(this.plan, dedup, this.#merge)
      : appendStatements(this.plan, this.#merge);
    await this.#session.runThroughDeadlocks(`merge the rows of ${this.plan.label}`, ...statements);
    await this.#createIndexes();
  }

  onCommit(): void {
    this.#createdSinceSavepoint = false;
    this.#isStagingCommitted = this.replaces && this.#isCreated;
    this.loader.onCommit();
  }

  /** After the first rows: an index built at once costs a fraction of one kept up row by row. */
  async #createIndexes(): Promise<void> {
    if (this.#hasIndexes || !this.plan.dedup) return;
    this.#hasIndexes = true;
    // Statistics too: without them the next merge plans for a handful of rows.
    const statements = this.#indexes().flatMap(({ table, name }) => [
      createIndex(this.#place(table), name),
      `analyze ${quoteTable(this.#place(table))}`,
    ]);
    await this.#session.run(`index the tables of ${this.plan.label}`, ...statements);
  }

  /** Our indexes: the table, the index's name there, and its name on the staging table. */
  #indexes(): { table: Table; name: string; finalName: string }[] {
    const { dedup, final, history } = this.plan;
    if (!dedup) return [];
    const pairs: [Table | undefined, string][] = [
      [final, dedup.index],
      [history, dedup.historyIndex],
    ];
    return pairs.flatMap(([table, finalName]) =>
      table
        ? [
            {
              table,
              finalName,
              name: this.replaces ? `${stagingOf(this.plan, table).name}_key` : finalName,
            },
          ]
        : [],
    );
  }

  /** Puts the new tables in place, inside the open transaction. */
  async finish(): Promise<void> {
    await this.#createIndexes();
    for (const replacement of replacementsOf(this.plan)) {
      const { columns } = this.#tables.get(replacement.target)!;
      const index = this.#indexes().find(({ table }) => table === replacement.target);
      await swap(this.#session, replacement, {
        columns,
        index: index && { target: index.finalName, staging: index.name },
        onStatement: (sql) => this.#context.log("INFO", sql),
      });
    }
  }

  onFinished(): void {
    this.#isFinished = true;
    this.#isStagingCommitted = false;
  }

  /** A STATE is about to be committed: what it covers must outlive this run. */
  keepStaging(): void {
    if (this.plan.resumes) this.#isStagingKept = true;
  }

  /** Removes the new tables when they did not take their place and nobody can go on with them. */
  async discard(): Promise<void> {
    if (!this.#isStagingCommitted || this.#isStagingKept) return;
    this.#isStagingCommitted = false;
    const drops = replacementsOf(this.plan).map(
      ({ staging }) => `drop table if exists ${quoteTable(staging)}`,
    );
    await this.#session.run(`remove the unfinished tables in ${OWN_SCHEMA}`, ...drops);
  }

  #loadTargets(): LoadTargets {
    const { raw, final } = this.plan;
    return {
      raw: raw && this.#place(raw),
      final: this.#merge?.stage ?? (final && this.#place(final)),
    };
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
