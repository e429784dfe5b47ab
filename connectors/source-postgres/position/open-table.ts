import { streamLabel } from "../../../protocol/catalog.ts";
import type { LogLevel } from "../../../protocol/messages.ts";
import type { Row, Session } from "../../postgres/session.ts";
import { quoteTable, type Sql } from "../../postgres/sql.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import type { Snapshot } from "./snapshot.ts";

/** What the tables of one read have in common. */
export interface ReadSettings {
  readonly snapshot: Snapshot;
  /** How many bytes tables take on disk, by oid. */
  readonly storedBytes: ReadonlyMap<number, number>;
  /** How far below the cursor to look for rows that were committed late. */
  readonly lateCommitSeconds: number;
  readonly log: (level: LogLevel, message: string) => void;
}

/** One table in the course of being read: what is known of it, and a way to ask the server more. */
export class OpenTable {
  readonly plan: ReadPlan;
  readonly settings: ReadSettings;
  /** As SQL names it. */
  readonly quotedName: string;
  readonly #session: Session;

  constructor(session: Session, plan: ReadPlan, settings: ReadSettings) {
    this.plan = plan;
    this.settings = settings;
    this.quotedName = quoteTable(plan.relation);
    this.#session = session;
  }

  log(level: LogLevel, message: string): void {
    this.settings.log(level, `${streamLabel(this.plan.descriptor)}: ${message}`);
  }

  /** Runs one query before or after the rows are copied. Holds the whole answer. Throws `postgres.*`. */
  ask(query: string | Sql): Promise<Row[]> {
    const sql = typeof query === "string" ? { text: query, values: [] } : query;
    return this.#session.query(`read ${streamLabel(this.plan.descriptor)}`, sql);
  }

  /** The same, for a question that is always answered with a row. */
  askRow(query: string | Sql): Promise<Row> {
    const sql = typeof query === "string" ? { text: query, values: [] } : query;
    return this.#session.queryRow(`read ${streamLabel(this.plan.descriptor)}`, sql);
  }
}
