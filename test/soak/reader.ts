import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { FIXED_ROWS, type Table } from "./workload.ts";
import { isLoss } from "./writers.ts";

/** Milliseconds between two looks. */
const REST_MS = 15;

/**
 * Somebody who looks at tables that are overwritten, all the while. From the moment a table is first
 * seen with rows, it must never be missing, half or doubled: every look finds its fixed rows, and no
 * key twice.
 */
export class Reader {
  readonly #url: string;
  readonly #tables: readonly Table[];
  readonly #seen = new Set<Table>();
  readonly #findings = new Set<string>();
  #isStopped = false;
  #looking: Promise<void> | undefined;

  constructor(url: string, tables: readonly Table[]) {
    this.#url = url;
    this.#tables = tables;
  }

  start(): void {
    this.#looking = this.#look();
  }

  /** What it saw that should not be. */
  async stop(): Promise<string[]> {
    this.#isStopped = true;
    await this.#looking;
    return [...this.#findings];
  }

  async #look(): Promise<void> {
    while (!this.#isStopped) {
      const client = new Client(this.#url);
      client.on("error", () => {}); // its next query tells
      try {
        await client.connect();
        while (!this.#isStopped) {
          for (const table of this.#tables) await this.#lookAt(client, table);
          await pause(REST_MS);
        }
      } catch (error) {
        if (!isLoss(error)) throw error; // its server was crashed
        await pause(REST_MS);
      } finally {
        await client.end().catch(() => {});
      }
    }
  }

  async #lookAt(client: Client, table: Table): Promise<void> {
    try {
      const { rows: answer } = await client.query<Record<"rows" | "keys" | "fixed", string>>(
        `select count(*) as rows, count(distinct id) as keys, count(*) filter (where id < 0) as fixed from ${table}`,
      );
      const [rows, keys, fixed] = [answer[0]!.rows, answer[0]!.keys, answer[0]!.fixed].map(Number);
      if (rows === 0 && !this.#seen.has(table)) return;
      this.#seen.add(table);
      if (rows !== keys || fixed !== FIXED_ROWS)
        this.#findings.add(
          `a reader saw ${table} with ${rows} rows of ${keys} keys, ${fixed} of the ${FIXED_ROWS} fixed rows`,
        );
    } catch (error) {
      if (isLoss(error)) throw error;
      if ((error as { code?: string }).code !== "42P01" || this.#seen.has(table))
        this.#findings.add(`a reader of ${table}: ${(error as Error).message}`);
    }
  }
}
