import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";

/** One session that writes. */
export interface Writer {
  readonly client: Client;
  isInTransaction: boolean;
}

interface Options {
  readonly count: number;
  /** Most transactions that are prepared and not ended. */
  readonly mostPrepared: number;
  /** What every session begins with. */
  readonly setting?: string;
}

/** Sessions that write to one database, and sign in again after a crash of the server. */
export class Writers {
  readonly #url: string;
  readonly #options: Options;
  #all: Writer[] = [];
  #prepared = 0;

  private constructor(url: string, options: Options) {
    this.#url = url;
    this.#options = options;
  }

  static async open(url: string, options: Options): Promise<Writers> {
    const writers = new Writers(url, options);
    await writers.#signIn();
    return writers;
  }

  get all(): readonly Writer[] {
    return this.#all;
  }

  async begin(writer: Writer): Promise<void> {
    await writer.client.query("begin");
    writer.isInTransaction = true;
  }

  async end(writer: Writer, how: "commit" | "rollback"): Promise<void> {
    writer.isInTransaction = false;
    await writer.client.query(how);
  }

  /** Leaves a transaction to a second phase; commits it where enough are left already. */
  async prepare(writer: Writer): Promise<void> {
    if ((await this.prepared()).length >= this.#options.mostPrepared)
      return this.end(writer, "commit");
    writer.isInTransaction = false;
    await writer.client.query(
      `prepare transaction '${new URL(this.#url).pathname}/${++this.#prepared}'`,
    );
    return undefined;
  }

  /** The transactions that were left, the oldest first. */
  async prepared(): Promise<string[]> {
    const { rows } = await this.#all[0]!.client.query<{ gid: string }>(
      "select gid from pg_prepared_xacts where database = current_database() order by prepared",
    );
    return rows.map(({ gid }) => gid);
  }

  /** Commits whatever is open or prepared. */
  async settle(): Promise<void> {
    const commitAll = async () => {
      for (const writer of this.#all) await this.end(writer, "commit");
      for (const gid of await this.prepared())
        await this.#all[0]!.client.query(`commit prepared '${gid}'`);
    };
    // What was prepared outlives the sessions, and would keep its rows to itself.
    while (!(await this.survive(commitAll)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(async ({ client }) => client.end()));
  }

  /** Does something, or signs in again where the server has gone meanwhile. Whether it was done. */
  async survive(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isLoss(error)) throw error;
      await this.#signIn();
      return false;
    }
  }

  async #signIn(): Promise<void> {
    const { count, setting } = this.#options;
    await Promise.allSettled(this.#all.map(async ({ client }) => client.end()));
    for (;;) {
      const clients = Array.from({ length: count }, () => new Client(this.#url));
      for (const client of clients) client.on("error", () => {}); // its next query tells
      try {
        for (const client of clients) {
          await client.connect();
          if (setting !== undefined) await client.query(setting);
        }
        this.#all = clients.map((client) => ({ client, isInTransaction: false }));
        return;
      } catch (error) {
        await Promise.allSettled(clients.map(async (client) => client.end()));
        if (!isLoss(error)) throw error;
        await pause(50); // it is starting
      }
    }
  }
}

/** Whether an error is of a connection, not of a statement. */
export function isLoss(error: unknown): boolean {
  const { code } = error as { code?: string };
  return (
    code === undefined || code.startsWith("57P") || code.startsWith("ECONN") || code === "EPIPE"
  );
}
