import { quoteTable } from "../postgres/sql.ts";
import type { Context } from "../kit/contract.ts";
import { Loader, type LoadTargets } from "./loader.ts";
import { OWN_SCHEMA, stagingOf, type StreamPlan, type Table } from "./plan.ts";
import type { PreparedTable } from "./prepare.ts";
import type { Session } from "./session.ts";
import { describeStaging, replacementsOf } from "./staging.ts";
import { swap } from "./swap.ts";
import { createTable } from "./tables.ts";

/** The tables of one stream: where its rows go first, and how they get where they belong. */
export class StreamTarget {
  readonly plan: StreamPlan;
  readonly loader: Loader;
  /** Whether a new table takes the old one's place at the end. */
  readonly replaces: boolean;

  readonly #session: Session;
  readonly #context: Context;
  readonly #tables: ReadonlyMap<Table, PreparedTable>;
  #isCreated = false;
  #createdSinceSavepoint = false;
  #isStagingCommitted = false;
  #isFinished = false;

  constructor(
    plan: StreamPlan,
    tables: ReadonlyMap<Table, PreparedTable>,
    session: Session,
    context: Context,
  ) {
    this.plan = plan;
    this.replaces = plan.replaces;
    this.#session = session;
    this.#context = context;
    this.#tables = tables;
    this.loader = new Loader(plan, this.#loadTargets(), session);
  }

  get isCreated(): boolean {
    return this.#isCreated;
  }

  /** Whether its STATEs must wait until the new table is in place, because nothing is kept before. */
  get holdsStates(): boolean {
    return this.replaces && !this.#isFinished;
  }

  /** Creates the tables that rows are loaded into, inside the open transaction. */
  async create(): Promise<void> {
    if (this.#isCreated) return;
    this.#isCreated = this.#createdSinceSavepoint = true;
    const statements: string[] = [];
    for (const { table, columns, exists } of this.#tables.values()) {
      if (this.replaces) {
        const staging = stagingOf(table);
        statements.push(
          createTable(staging, columns),
          describeStaging({ target: table, staging }, this.plan.generation),
        );
      } else if (!exists) statements.push(createTable(table, columns));
    }
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
  async beforeCommit(): Promise<void> {}

  onCommit(): void {
    this.#createdSinceSavepoint = false;
    this.#isStagingCommitted = this.replaces && this.#isCreated;
    this.loader.onCommit();
  }

  /** Puts the new tables in place, inside the open transaction. */
  async finish(): Promise<void> {
    for (const replacement of replacementsOf(this.plan)) {
      const { columns } = this.#tables.get(replacement.target)!;
      await swap(this.#session, replacement, {
        columns,
        index: undefined,
        onStatement: (sql) => this.#context.log("INFO", sql),
      });
    }
  }

  onFinished(): void {
    this.#isFinished = true;
    this.#isStagingCommitted = false;
  }

  /** Removes the new tables when they did not take their place. */
  async discard(): Promise<void> {
    if (!this.#isStagingCommitted) return;
    this.#isStagingCommitted = false;
    const drops = replacementsOf(this.plan).map(
      ({ staging }) => `drop table if exists ${quoteTable(staging)}`,
    );
    await this.#session.run(`remove the unfinished tables in ${OWN_SCHEMA}`, ...drops);
  }

  #loadTargets(): LoadTargets {
    const { raw, final } = this.plan;
    const place = (table: Table | undefined) => (table && this.replaces ? stagingOf(table) : table);
    return { raw: place(raw), final: place(final) };
  }
}
