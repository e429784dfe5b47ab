import type { Client } from "pg";
import { streamLabel } from "../../../protocol/catalog.ts";
import type { LogLevel } from "../../../protocol/messages.ts";
import { postgresFailure } from "../../postgres/errors.ts";
import { quoteTable, type Sql } from "../../postgres/sql.ts";
import type { StreamPlan } from "./plan.ts";
import type { ReadSettings } from "./read-settings.ts";
import type { StreamReport } from "./stream-report.ts";

/** Rows of values as the server prints them. */
export type TextRows = readonly (readonly (string | null)[])[];

/** One stream in the course of being read. */
export class StreamRead {
  readonly client: Client;
  readonly plan: StreamPlan;
  readonly report: StreamReport;
  readonly settings: ReadSettings;
  /** Quoted name. */
  readonly table: string;

  constructor(client: Client, plan: StreamPlan, report: StreamReport, settings: ReadSettings) {
    this.client = client;
    this.plan = plan;
    this.report = report;
    this.settings = settings;
    this.table = quoteTable(plan.relation);
  }

  log(level: LogLevel, message: string): void {
    this.settings.log(level, `${streamLabel(this.plan.descriptor)}: ${message}`);
  }

  /** Runs one query beside the copy of rows. Holds the whole answer. Throws `postgres.*`. */
  async ask(query: string | Sql): Promise<TextRows> {
    const { text, values } = typeof query === "string" ? { text: query, values: [] } : query;
    try {
      const result = await this.client.query<(string | null)[]>({
        text,
        values: [...values],
        rowMode: "array",
      });
      return result.rows;
    } catch (error) {
      throw postgresFailure(`read ${streamLabel(this.plan.descriptor)}`, error);
    }
  }
}
