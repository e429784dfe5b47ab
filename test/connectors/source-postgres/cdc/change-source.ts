import { setTimeout as wait } from "node:timers/promises";
import type { ReadContext } from "../../../../connectors/kit/contract.ts";
import { type Limits, limitsOf } from "../../../../connectors/kit/limits.ts";
import { postgresSource } from "../../../../connectors/source-postgres/source.ts";
import type { SourceConfig } from "../../../../connectors/source-postgres/spec.ts";
import type { ConfiguredStream } from "../../../../protocol/catalog.ts";
import { asFailure, type Failure } from "../../../../protocol/errors.ts";
import type { JsonObject } from "../../../../protocol/json.ts";
import type { Message, RecordMeta, State } from "../../../../protocol/messages.ts";
import { NO_STATE, readStateFile, type SavedState } from "../../../../protocol/state-file.ts";
import type { Database } from "../../../support/database.ts";

export const CHANGE_METHOD = {
  method: "CDC",
  replication_slot: "syncline_test",
  publication: "syncline_test",
  initial_waiting_seconds: 10,
};

/** What one read printed. */
export class Reading {
  readonly messages: Message[] = [];
  readonly logs: string[] = [];
  failure: Failure | undefined;

  get states(): State[] {
    return this.messages.flatMap((one) => (one.type === "STATE" ? [one.state] : []));
  }

  get lastState(): State {
    return this.states.at(-1)!;
  }

  /** `name STATUS` of every stream status. */
  get statuses(): string[] {
    return this.messages.flatMap((one) => {
      const status = one.type === "TRACE" ? one.trace.stream_status : undefined;
      return status === undefined ? [] : [`${status.stream_descriptor.name} ${status.status}`];
    });
  }

  /** The records of a stream, or of all. */
  records(stream?: string): { stream: string; data: JsonObject; meta?: RecordMeta }[] {
    return this.messages.flatMap((one) =>
      one.type === "RECORD" && (stream === undefined || one.record.stream === stream)
        ? [one.record]
        : [],
    );
  }

  /** The records of a stream in few words: without the columns of change data capture, deletes marked. */
  story(stream: string): string[] {
    return this.records(stream).map(({ data, meta }) => {
      const { _ab_cdc_lsn: _, _ab_cdc_updated_at: __, _ab_cdc_deleted_at: deleted, ...row } = data;
      const said = meta === undefined ? "" : ` ${JSON.stringify(meta)}`;
      return `${deleted === null ? "" : "- "}${JSON.stringify(row)}${said}`;
    });
  }
}

export interface ReadingOptions {
  readonly state?: State | undefined;
  readonly limits?: Partial<Limits>;
  /** Whether the destination understands changes that leave something unsaid. */
  readonly supportsChangeRecords?: boolean;
  readonly follow?: boolean;
  readonly stop?: AbortSignal;
  readonly signal?: AbortSignal;
  readonly acknowledged?: AsyncIterable<SavedState>;
  /** Sees every line of the log. */
  readonly onLog?: (message: string) => void | Promise<void>;
  /** Sees every message when it is printed. */
  readonly onMessage?: (message: Message) => void | Promise<void>;
}

/** Reads the changes of a database, in this process. */
export class ChangeSource {
  readonly database: Database;
  readonly #config: SourceConfig;

  constructor(database: Database, method: JsonObject = {}, more: JsonObject = {}) {
    this.database = database;
    const replication = { ...CHANGE_METHOD, ...method };
    this.#config = { ...database.config, ...more, replication_method: replication } as never;
  }

  /** The streams as they are discovered, followed unless `modes` say otherwise. */
  async streams(
    names: readonly string[],
    modes: Readonly<Record<string, "full_refresh">> = {},
  ): Promise<ConfiguredStream[]> {
    const { streams } = await postgresSource.discover(this.#config, contextOf(new Reading(), {}));
    return names.map((name) => ({
      stream: streams.find((stream) => stream.name === name)!,
      sync_mode: modes[name] ?? "incremental",
      destination_sync_mode: "append",
    }));
  }

  async read(streams: readonly ConfiguredStream[], options: ReadingOptions = {}): Promise<Reading> {
    const reading = new Reading();
    const { state, supportsChangeRecords = true } = options;
    const saved =
      state === undefined ? NO_STATE : readStateFile(Buffer.from(JSON.stringify([state])));
    const catalog = { streams: [...streams], supports_change_records: supportsChangeRecords };
    try {
      await postgresSource.read(this.#config, catalog, saved, contextOf(reading, options));
    } catch (error) {
      reading.failure = asFailure(error);
    }
    return reading;
  }

  /** Reads, and fails where the read does. */
  async readWell(
    streams: readonly ConfiguredStream[],
    options: ReadingOptions = {},
  ): Promise<Reading> {
    const reading = await this.read(streams, options);
    if (reading.failure !== undefined) throw reading.failure;
    return reading;
  }

  /** How far the slot was confirmed. */
  async confirmed(): Promise<string> {
    const [row] = await this.database.query(
      `select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = '${CHANGE_METHOD.replication_slot}'`,
    );
    return row!["lsn"]!;
  }
}

function contextOf(reading: Reading, options: ReadingOptions): ReadContext {
  const never = new AbortController().signal;
  const take = async (message: Message) => {
    reading.messages.push(message);
    await options.onMessage?.(message);
  };
  return {
    output: {
      message: take,
      lines: async (bytes) => {
        for (const line of bytes.toString().split("\n").slice(0, -1))
          await take(JSON.parse(line) as Message);
      },
      flush: async () => {},
    },
    signal: options.signal ?? never,
    stop: options.stop ?? never,
    acknowledged: options.acknowledged,
    follow: options.follow ?? false,
    now: () => Date.now(),
    env: {},
    limits: { ...limitsOf(process.env), ...options.limits },
    log: (level, message) => {
      reading.logs.push(`${level} ${message}`);
      void options.onLog?.(message);
    },
  };
}

/** Waits until something is true, which others are about to make so. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (await isTrue()) return;
    await wait(10);
  }
  throw new Error("it never came true");
}
