import type { Client, QueryResult } from "pg";
import { brokenProtocol } from "../answers.ts";
import { requestCancel } from "../cancel.ts";
import { close, connect, type ConnectOptions } from "../connection.ts";
import { cancelKeyOf } from "../driver.ts";
import { postgresFailure } from "../errors.ts";
import { PIN_REPLICATION } from "../pinned-settings.ts";
import type { PostgresConfig } from "../settings.ts";
import { quoteName } from "../sql.ts";
import { logFailure } from "./log-failure.ts";
import { type LogOptions, type LogReceiver, LogStream } from "./log-stream.ts";
import { formatLsn, type Lsn, parseLsn } from "./lsn.ts";
import { type PastTimeline, readHistory } from "./timelines.ts";

export interface ReplicationOptions extends ConnectOptions, LogOptions {}

/** A slot that was just made. */
export interface CreatedSlot {
  /** What was committed before is not in the slot's log; everything committed later is. */
  readonly consistentPoint: Lsn;
  /** Of the very moment, when it was asked for: for `set transaction snapshot` of other sessions. */
  readonly snapshotName: string | undefined;
}

/**
 * A connection that makes slots and reads their log. Nothing but `confirm` moves a slot: what the server
 * asks on the way is answered with what was confirmed last.
 */
export class ReplicationConnection {
  readonly #client: Client;
  readonly #config: PostgresConfig;
  readonly #options: ReplicationOptions;
  readonly #version: number;
  #confirmed: Lsn = 0n;
  #stream: LogStream | undefined;

  private constructor(
    client: Client,
    config: PostgresConfig,
    options: ReplicationOptions,
    version: number,
  ) {
    this.#client = client;
    this.#config = config;
    this.#options = options;
    this.#version = version;
  }

  /** Opens one, as `connect` does. Throws `postgres.*`, also for a role that may not. */
  static async open(
    config: PostgresConfig,
    options: ReplicationOptions,
  ): Promise<ReplicationConnection> {
    const client = await connect(config, { ...options, pin: "nothing", replication: true });
    try {
      const statements = `${PIN_REPLICATION};\nshow server_version_num`;
      const results = (await client.query(statements)) as unknown as QueryResult<VersionRow>[];
      const version = Number(results.at(-1)?.rows[0]?.server_version_num);
      if (!Number.isInteger(version)) throw brokenProtocol();
      return new ReplicationConnection(client, config, options, version);
    } catch (error) {
      await close(client);
      throw postgresFailure("prepare a session for the log", error, options.quoting);
    }
  }

  /**
   * Makes a slot for `pgoutput`, which waits until the transactions that run now have ended; aborting the
   * signal of the connection ends the wait. A snapshot that is exported lives until the connection is used
   * again or closed.
   *
   * @param failover whether standbys are to have the slot, too (17).
   * @param isTemporary whether it is gone with the connection.
   */
  async createSlot(
    name: string,
    {
      exportSnapshot,
      failover = false,
      isTemporary = false,
    }: {
      readonly exportSnapshot: boolean;
      readonly failover?: boolean;
      readonly isTemporary?: boolean;
    },
  ): Promise<CreatedSlot> {
    const { signal, quoting } = this.#options;
    const options =
      this.#version >= 150000
        ? `(SNAPSHOT '${exportSnapshot ? "export" : "nothing"}'${failover ? ", FAILOVER" : ""})`
        : `${exportSnapshot ? "" : "NO"}EXPORT_SNAPSHOT`;
    const cancel = () => void requestCancel(cancelKeyOf(this.#client), this.#config);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      const { rows } = await this.#client.query<SlotRow>(
        `CREATE_REPLICATION_SLOT ${quoteName(name)}${isTemporary ? " TEMPORARY" : ""} LOGICAL pgoutput ${options}`,
      );
      const [row] = rows;
      if (typeof row?.consistent_point !== "string") throw brokenProtocol();
      return {
        consistentPoint: parseLsn(row.consistent_point),
        snapshotName: row.snapshot_name ?? undefined,
      };
    } catch (error) {
      throw signal?.aborted
        ? signal.reason
        : postgresFailure(`create the replication slot ${name}`, error, quoting);
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** The timelines that led to this one, each with the place where the next began; oldest first. */
  async historyOf(timeline: string): Promise<PastTimeline[]> {
    if (Number(timeline) <= 1) return [];
    try {
      const { rows } = await this.#client.query<{ content: string | null }>(
        `TIMELINE_HISTORY ${Number(timeline)}`,
      );
      return readHistory(rows[0]?.content ?? "");
    } catch (error) {
      throw postgresFailure("read the history of the server", error, this.#options.quoting);
    }
  }

  /**
   * Hands the log of a slot to `receiver`: transactions committed behind `from`, and behind what the slot
   * has confirmed, whole and in the order of their commits. Once per connection: a server streams nothing
   * on one that had a stream before. Resolves after `stop`. Rejects with what the receiver threw, or with
   * why the server ended: `cdc.*`, `postgres.*`.
   */
  async stream(slot: string, from: Lsn, publication: string, receiver: LogReceiver): Promise<void> {
    const options = [
      "proto_version '1'",
      `publication_names ${quoteText(quoteName(publication))}`,
      ...(this.#version >= 140000 ? ["messages 'true'"] : []),
    ];
    const command = `START_REPLICATION SLOT ${quoteName(slot)} LOGICAL ${formatLsn(from)} (${options.join(", ")})`;
    this.#stream = new LogStream(this.#client, receiver, this.#confirmed, this.#options);
    try {
      await this.#stream.run(command);
    } catch (error) {
      throw logFailure(error, { slot, publication, quoting: this.#options.quoting });
    } finally {
      this.#stream = undefined;
    }
  }

  /**
   * Tells the server that everything committed at or before `lsn` is safe elsewhere: it needs not be
   * sent again, and the slot moves. What is lower than before is passed over.
   */
  confirm(lsn: Lsn): void {
    if (lsn <= this.#confirmed) return;
    this.#confirmed = lsn;
    this.#stream?.confirm(lsn);
  }

  /**
   * Ends the stream: at once where it stands between two transactions, else the connection may end with
   * it. What was confirmed before is told to the server first. Never rejects.
   */
  async stop(): Promise<void> {
    await this.#stream?.stop();
  }

  /** Ends the stream, if there is one, and closes the connection. Never rejects. */
  async close(): Promise<void> {
    await this.stop();
    await close(this.#client);
  }
}

interface VersionRow {
  readonly server_version_num: string | null;
}

interface SlotRow {
  readonly consistent_point: string | null;
  readonly snapshot_name: string | null;
}

/** The grammar of these commands has no other way: neither parameters nor escapes. */
const quoteText = (text: string) => `'${text.replaceAll("'", "''")}'`;
